//! Distinguished names as one line for people, after RFC 4514.

use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::X509Name;

/// The longest name that is shown, in characters.
const LIMIT: usize = 400;

/// The most particular part first, as `CN=lamp-1,O=Example\, Inc.,C=JP`.
pub(super) fn one_line(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in name.iter_rdn() {
        let attributes = part.iter().map(|attribute| {
            let kind = attribute.attr_type();
            let short = oid2abbrev(kind, oid_registry()).ok().map(str::to_owned);
            format!("{}={}", short.unwrap_or_else(|| kind.to_id_string()), value(attribute.attr_value()))
        });
        parts.push(attributes.collect::<Vec<_>>().join("+"));
    }
    parts.reverse();
    let line = parts.join(",");
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

fn value(value: &Any<'_>) -> String {
    match text(value) {
        Some(text) => escaped(&text),
        None => format!("#{}", hex::encode(value.data)),
    }
}

fn text(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            Some(String::from_utf8_lossy(value.data).into_owned())
        }
        // In practice Latin-1, whatever the standard says
        Tag::T61String => Some(value.data.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units: Vec<u16> =
                value.data.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1])).collect();
            Some(String::from_utf16_lossy(&units))
        }
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    let shown: Vec<char> = text.chars().filter(|character| !is_hidden(*character)).collect();
    let last = shown.len().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (place, character) in shown.into_iter().enumerate() {
        let special = match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            '#' => place == 0,
            ' ' => place == 0 || place == last,
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// What could make a name look like another: controls, and marks that turn or hide text.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_turn_text_are_left_out() {
        assert_eq!(escaped("lamp\u{202e}1\u{200b}\n"), "lamp1", "a name is seen as it is compared");
    }

    #[test]
    fn separators_are_escaped() {
        assert_eq!(escaped(" Example, Inc. "), "\\ Example\\, Inc.\\ ", "RFC 4514 section 2.4");
        assert_eq!(escaped("#1 + #2"), "\\#1 \\+ #2");
    }
}
