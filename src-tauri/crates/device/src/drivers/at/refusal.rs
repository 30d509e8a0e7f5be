//! What a modem's error numbers mean, in words.

use std::collections::BTreeMap;

use fieldkey_core::{Code, Failure, Why};
use serde::Deserialize;

use crate::serial::Line;

/// What a refusal comes down to. Recipes name these in `[errors]`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Meaning {
    Absent,
    Exists,
    Full,
    TooLarge,
    Content,
    Name,
    NotAllowed,
    NotSupported,
    Busy,
    Timeout,
    Memory,
}

/// Numbers of 3GPP TS 27.007 section 9.2, which all of them may answer with.
const GENERAL: [(&str, Meaning); 11] = [
    ("3", Meaning::NotAllowed),
    ("4", Meaning::NotSupported),
    ("14", Meaning::Busy),
    ("20", Meaning::Full),
    ("21", Meaning::Name),
    ("22", Meaning::Absent),
    ("23", Meaning::Memory),
    ("24", Meaning::TooLarge),
    ("25", Meaning::Name),
    ("26", Meaning::TooLarge),
    ("50", Meaning::Content),
];

/// A modem's no.
#[derive(Debug)]
pub(super) struct Refusal {
    /// `+CME ERROR: 407`, as it came. Never more than that one line.
    words: String,
    meaning: Option<Meaning>,
}

impl Refusal {
    /// `None` for a line that is no refusal.
    pub(super) fn read(line: &str, known: &BTreeMap<String, Meaning>) -> Option<Self> {
        let numbered = ["+CME ERROR:", "+CMS ERROR:"].iter().find_map(|start| line.strip_prefix(start));
        let plain = ["ERROR", "FAIL", "COMMAND NOT SUPPORT"].contains(&line);
        let number = numbered.map(str::trim);
        if number.is_none() && !plain && !known.contains_key(line) {
            return None;
        }
        let own = known.get(number.unwrap_or(line)).copied();
        let general = GENERAL.iter().find(|(general, _)| Some(*general) == number).map(|(_, meaning)| *meaning);
        Some(Self { words: line.to_owned(), meaning: own.or(general) })
    }

    pub(super) fn failure(&self, line: &Line) -> Failure {
        let Self { words, meaning } = self;
        let code = match meaning {
            Some(Meaning::Full | Meaning::TooLarge) => Code::TargetFull,
            _ => Code::DeviceRejected,
        };
        let why = match meaning.map(text) {
            Some((en, ja)) => Why::new(format!("{en}: {words}"), format!("{ja}: {words}")),
            None => Why::new(words.clone(), words.clone()),
        };
        line.failure(code).because_of(why)
    }
}

fn text(meaning: Meaning) -> (&'static str, &'static str) {
    match meaning {
        Meaning::Absent => ("there is nothing of that name", "その名前のものはありません"),
        Meaning::Exists => ("there is something of that name already", "同じ名前のものがすでにあります"),
        Meaning::Full => ("its storage is full", "保存領域がいっぱいです"),
        Meaning::TooLarge => ("it is too large for the modem", "モデムには大きすぎます"),
        Meaning::Content => ("the modem does not take this content", "モデムがこの内容を受け付けません"),
        Meaning::Name => ("the modem does not take this name", "モデムがこの名前を受け付けません"),
        Meaning::NotAllowed => ("the modem does not allow it now", "モデムが現在この操作を許可していません"),
        Meaning::NotSupported => ("the modem does not know this command", "モデムがこのコマンドに対応していません"),
        Meaning::Busy => ("the modem is busy", "モデムが使用中です"),
        Meaning::Timeout => ("the modem waited too long for data", "モデムがデータを待ちきれませんでした"),
        Meaning::Memory => ("the modem's storage failed", "モデムの保存領域に異常があります"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_whole_lines_and_recipes_go_before_the_standard() {
        let known = BTreeMap::from([("407".to_owned(), Meaning::Exists), ("22".to_owned(), Meaning::Full)]);
        let meaning = |line: &str| Refusal::read(line, &known).map(|refusal| refusal.meaning);
        assert_eq!(meaning("ERROR"), Some(None));
        assert_eq!(meaning("+CME ERROR: 407"), Some(Some(Meaning::Exists)));
        assert_eq!(meaning("+CME ERROR:22"), Some(Some(Meaning::Full)), "this modem's own number");
        assert_eq!(meaning("+CME ERROR: 20"), Some(Some(Meaning::Full)));
        assert_eq!(meaning("+CME ERROR: 0"), Some(None), "0 is an error, too");
        for line in ["OK", "", "log: ERROR", "ERRORS", "+CREG: 1"] {
            assert_eq!(meaning(line), None, "{line}");
        }
    }
}
