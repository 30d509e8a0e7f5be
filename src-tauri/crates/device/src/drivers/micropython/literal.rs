//! Python's literals, both ways.

use zeroize::Zeroizing;

/// Bytes as a literal between three quotes. A byte stands for itself wherever the REPL, the line and the lexer let it
/// through: line ends do between three quotes, so PEM is not a byte longer.
pub(super) fn bytes(data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"b'''");
    for (place, byte) in data.iter().enumerate() {
        push(*byte, data.get(place + 1).copied(), out);
    }
    out.extend_from_slice(b"'''");
}

/// So long would be the literal's inside.
pub(super) fn length(data: &[u8]) -> usize {
    let mut out = Zeroizing::new(Vec::with_capacity(2 * data.len()));
    for (place, byte) in data.iter().enumerate() {
        push(*byte, data.get(place + 1).copied(), &mut out);
    }
    out.len()
}

fn push(byte: u8, next: Option<u8>, out: &mut Vec<u8>) {
    match byte {
        b'\\' | b'\'' => out.extend([b'\\', byte]),
        // The lexer takes it for a line end.
        b'\r' => out.extend(b"\\r"),
        // The REPL's own keys, and those with which two ends of a line stop each other.
        0..=5 | 0x11 | 0x13 => {
            let short = !next.is_some_and(|next| next.is_ascii_digit());
            let octal = if short { format!("\\{byte:o}") } else { format!("\\{byte:03o}") };
            out.extend_from_slice(octal.as_bytes());
        }
        _ => out.push(byte),
    }
}

/// Text as a literal of ASCII.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for letter in text.chars() {
        match letter {
            '\\' | '\'' => out.extend(['\\', letter]),
            ' '..='~' => out.push(letter),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(letter))),
        }
    }
    out.push('\'');
    out
}

/// The bytes that Python shows as `b'…'` or `b"…"`. `None` if it is no such literal.
pub(super) fn value(shown: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (quote, rest) = match shown {
        [b'b', quote @ (b'\'' | b'"'), rest @ ..] => (*quote, rest),
        _ => return None,
    };
    let (last, mut inside) = rest.split_last()?;
    if *last != quote {
        return None;
    }
    let mut out = Zeroizing::new(Vec::with_capacity(inside.len()));
    loop {
        let (byte, rest) = match inside {
            [] => return Some(out),
            [b'\\', b'x', high, low, rest @ ..] => {
                let [high, low] = [high, low].map(|digit| char::from(*digit).to_digit(16));
                (u8::try_from(high? * 16 + low?).ok()?, rest)
            }
            [b'\\', b'n', rest @ ..] => (b'\n', rest),
            [b'\\', b'r', rest @ ..] => (b'\r', rest),
            [b'\\', b't', rest @ ..] => (b'\t', rest),
            [b'\\', byte @ (b'\\' | b'\'' | b'"'), rest @ ..] => (*byte, rest),
            [byte @ b' '..=b'~', rest @ ..] if *byte != quote && *byte != b'\\' => (*byte, rest),
            _ => return None,
        };
        out.push(byte);
        inside = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(data: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        bytes(data, &mut out);
        assert_eq!(out.len(), length(data) + 7, "the length that is planned with is the one that is sent");
        out
    }

    #[test]
    fn pem_is_not_a_byte_longer_as_a_literal() {
        let pem = include_bytes!("../../../tests-data/claim.key.pem");
        assert_eq!(length(pem), pem.len());
    }

    #[test]
    fn keys_of_the_repl_never_go_out_as_they_are() {
        let all: Vec<u8> = (0..=255).collect();
        for special in [1, 2, 3, 4, 5, b'\r', 0x11, 0x13] {
            assert!(!literal(&all).contains(&special), "{special} would end the statement, or hold up the line");
        }
        assert_eq!(literal(b"\x00a\x017\x028'\\"), b"b'''\\0a\\0017\\0028\\'\\\\'''", "no digit joins an octal escape");
    }

    #[test]
    fn what_python_shows_is_read_back() {
        let cases: [(&[u8], Option<&[u8]>); 8] = [
            (b"b''", Some(b"")),
            (b"b'a\\n\\r\\t\\\\\\x00\\xff\"'", Some(b"a\n\r\t\\\x00\xff\"")),
            (b"b\"it's\"", Some(b"it's")),
            (b"b'\\x1'", None),
            (b"b'a", None),
            (b"'a'", None),
            (b"b'a'b'", None),
            (b"b'\xc3'", None),
        ];
        for (shown, bytes) in cases {
            assert_eq!(value(shown).as_deref().map(Vec::as_slice), bytes, "{}", shown.escape_ascii());
        }
    }

    #[test]
    fn names_are_ascii() {
        assert_eq!(text("it's\\é"), "'it\\'s\\\\\\U000000e9'");
    }
}
