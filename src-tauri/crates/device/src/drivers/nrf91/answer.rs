//! What a modem says to a command.

use zeroize::Zeroizing;

/// The lines before the result, and the result.
pub(super) struct Answer {
    pub(super) lines: Vec<Zeroizing<String>>,
    pub(super) result: Outcome,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Ok,
    /// With the number of `+CME ERROR`, where the modem gives one. 0 is a number like any other.
    Error(Option<u16>),
}

impl Answer {
    /// `None` as long as the result is missing. The words of a result are one only as a whole line: `OK` may be part of
    /// a key, and of what is logged in between. A text in quotes runs on over line ends.
    pub(super) fn read(seen: &[u8]) -> Option<Self> {
        let mut lines = vec![];
        let mut rest = seen;
        loop {
            let (line, more) = next_line(rest)?;
            rest = more;
            let text = Zeroizing::new(String::from_utf8_lossy(line).into_owned());
            match result(text.trim()) {
                Some(result) => return Some(Self { lines, result }),
                None => lines.push(text),
            }
        }
    }

    /// What follows a prefix such as `%CMNG: `, of each line that has it.
    pub(super) fn with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter_map(move |line| line.strip_prefix(prefix))
    }
}

fn next_line(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = |from: usize, byte: u8| rest.iter().skip(from).position(|seen| *seen == byte).map(|place| from + place);
    let mut stop = end(0, b'\n')?;
    let line = rest.get(..stop)?;
    // Nothing else has texts of several lines; a log line may have a quote that nobody closes.
    if line.starts_with(b"%CMNG: ") && line.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
        stop = end(end(stop, b'"')?, b'\n')?;
    }
    let line = rest.get(..stop)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(stop + 1..)?))
}

fn result(line: &str) -> Option<Outcome> {
    if line == "OK" {
        return Some(Outcome::Ok);
    }
    if line == "ERROR" {
        return Some(Outcome::Error(None));
    }
    let number = line.strip_prefix("+CME ERROR:").or_else(|| line.strip_prefix("+CMS ERROR:"))?;
    Some(Outcome::Error(number.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use fieldkey_simulators::Chance;

    use super::*;

    fn read(seen: &str) -> Option<(usize, Outcome)> {
        Answer::read(seen.as_bytes()).map(|answer| (answer.lines.len(), answer.result))
    }

    #[test]
    fn a_result_is_a_whole_line() {
        assert_eq!(read("OK\r\n"), Some((0, Outcome::Ok)));
        assert_eq!(read("OK"), None, "the line is not complete");
        assert_eq!(read("%KEYGEN: \"OK\r\nERROR\r\n"), Some((1, Outcome::Error(None))));
        assert_eq!(read("+CEREG: 2\r\nthe word OK\r\n+CME ERROR: 0\r\n"), Some((2, Outcome::Error(Some(0)))));
    }

    #[test]
    fn a_text_in_quotes_may_hold_what_looks_like_a_result() {
        let answer = Answer::read(b"%CMNG: 42,0,\"a\r\nOK\r\nb\"\r\nOK\r\n").expect("complete");
        assert_eq!(answer.with("%CMNG: ").collect::<Vec<_>>(), ["42,0,\"a\r\nOK\r\nb\""]);
        assert_eq!(read("%CMNG: 42,0,\"a\r\nOK\r\n"), None, "the quote is open");
        assert_eq!(read("[1] <inf> one \" quote\r\nOK\r\n"), Some((1, Outcome::Ok)), "a log line closes itself");
    }

    #[test]
    fn no_bytes_make_it_stumble() {
        for seed in 0..500 {
            let mut chance = Chance::new(seed);
            let words: [&[u8]; 8] = [b"OK", b"\r\n", b"%CMNG: ", b"\"", b"ERROR", b"+CME ERROR:", b"\xff", b"5"];
            let garbage: Vec<u8> = (0..60).flat_map(|_| words[chance.below(8) as usize].to_vec()).collect();
            if let Some(answer) = Answer::read(&garbage) {
                assert!(answer.lines.len() <= garbage.len(), "no line comes from nothing");
            }
        }
    }
}
