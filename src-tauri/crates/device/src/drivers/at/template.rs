//! Texts of a recipe with words in braces: commands, which are filled in, and patterns, which answers are held against.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fieldkey_core::Why;
use regex::bytes::{Captures, Regex};

/// `AT+USECMNG=0,{type},"{name}",{len}`, taken apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    Text(String),
    Word(String),
}

/// What the words stand for.
pub(super) type Words<'a> = BTreeMap<&'a str, Cow<'a, str>>;

/// Words that a pattern finds out, and what they look like. Where one is known already, it must be just that.
pub(super) const FOUND: [(&str, &str); 4] =
    [("len", "[0-9]{1,9}"), ("digest", "[0-9A-Fa-f]{1,128}"), ("free", "[0-9]{1,15}"), ("rest", "[^\r\n]*")];

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, Why> {
        let mut pieces = vec![];
        let mut rest = text;
        while !rest.is_empty() {
            let (before, after) = rest.split_once('{').unwrap_or((rest, ""));
            if before.contains('}') {
                return Err(Why::new("a `}` without its `{`", "`{` のない `}` があります"));
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            if before.len() == rest.len() {
                break;
            }
            let Some((word, after)) = after.split_once('}') else {
                return Err(Why::new("a `{` without its `}`", "`}` のない `{` があります"));
            };
            let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            if !plain {
                return Err(Why::new(
                    format!("`{{{word}}}` is no word: lower-case letters and `-` belong between the braces"),
                    format!("`{{{word}}}` は正しくありません。波括弧の中には英小文字と `-` だけを書いてください"),
                ));
            }
            pieces.push(Piece::Word(word.to_owned()));
            rest = after;
        }
        Ok(Self(pieces))
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Word(word) => Some(word.as_str()),
            Piece::Text(_) => None,
        })
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.words().any(|own| own == word)
    }

    /// Is there anything in it that is not left open?
    pub(super) fn says_something(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Text(text) if !text.trim().is_empty()))
    }

    pub(super) fn ends_in_text(&self) -> bool {
        matches!(self.0.last(), Some(Piece::Text(_)))
    }

    pub(super) fn fill(&self, words: &Words<'_>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Word(word) => words.get(word.as_str()).map(|value| value.to_string()).unwrap_or_default(),
        };
        self.0.iter().map(piece).collect()
    }

    /// For one line of an answer, from its beginning to its end.
    pub(super) fn line(&self, words: &Words<'_>) -> Option<Regex> {
        Regex::new(&format!("(?-u)^{}$", self.expression(words))).ok()
    }

    /// For what a line begins with, within all that has been received.
    pub(super) fn beginning(&self, words: &Words<'_>) -> Option<Regex> {
        Regex::new(&format!("(?-u)(?:^|[\r\n]){}", self.expression(words))).ok()
    }

    fn expression(&self, words: &Words<'_>) -> String {
        let mut named: Vec<&str> = vec![];
        let mut expression = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => expression.push_str(&literal(text)),
                Piece::Word(word) => match (words.get(word.as_str()), FOUND.iter().find(|(found, _)| found == word)) {
                    (Some(value), _) => expression.push_str(&literal(value)),
                    (None, Some((name, looks))) if *name != "rest" && !named.contains(name) => {
                        named.push(name);
                        expression.push_str(&format!("(?P<{name}>{looks})"));
                    }
                    (None, Some((_, looks))) => expression.push_str(looks),
                    (None, None) => {}
                },
            }
        }
        expression
    }
}

/// Firmware differs in spaces, so where a recipe has one there may be any number of them.
fn literal(text: &str) -> String {
    text.split(' ').map(regex::escape).collect::<Vec<_>>().join(" *")
}

/// A word that a pattern found.
pub(super) fn found(captures: &Captures<'_>, word: &str) -> Option<String> {
    let bytes = captures.name(word)?.as_bytes();
    Some(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse(text).expect(text)
    }

    #[test]
    fn words_are_filled_in() {
        let words = Words::from([("name", "ca.pem".into()), ("len", "1188".into())]);
        assert_eq!(template(r#"AT+X="{name}",{len}"#).fill(&words), r#"AT+X="ca.pem",1188"#);
    }

    #[test]
    fn a_pattern_minds_no_spaces_and_finds_what_is_not_known() {
        let pattern = template(r#"+USECMNG: 0,{type},"{name}","{digest}""#);
        let words = Words::from([("type", "0".into()), ("name", "c.a".into())]);
        let line = pattern.line(&words).expect("expression");
        for answer in [&b"+USECMNG: 0,0,\"c.a\",\"0aF1\""[..], b"+USECMNG:0,0,\"c.a\",\"0aF1\""] {
            let captures = line.captures(answer).expect("matches");
            assert_eq!(found(&captures, "digest").as_deref(), Some("0aF1"));
        }
        assert!(!line.is_match(b"+USECMNG: 0,0,\"cxa\",\"0aF1\""), "a name's dot is a dot");
        assert!(!line.is_match(b"log: +USECMNG: 0,0,\"c.a\",\"0aF1\""), "a log line that quotes it is not it");
    }

    #[test]
    fn what_is_known_must_be_just_that() {
        let pattern = template("+QFUPL: {len},{rest}").line(&Words::from([("len", "1939".into())]));
        let pattern = pattern.expect("expression");
        assert!(pattern.is_match(b"+QFUPL: 1939,4f64"));
        assert!(!pattern.is_match(b"+QFUPL: 1938,4f64"), "a byte was lost");
    }

    #[test]
    fn braces_that_do_not_pair_are_refused() {
        for text in ["AT+X={", "AT+X=}", "AT+X={}", "AT+X={Name}", "AT+X={a{b}}", "{na me}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
