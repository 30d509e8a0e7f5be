//! Reading JSON files that people write: every mistake is named at once, by key and line.

use regex::Regex;
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::{Language, Why, twice};

/// One thing wrong with a file that somebody wrote.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Problem {
    /// `region`, `endpoints.iot`; empty if the text is no JSON object at all.
    pub key: String,
    /// Counted from 1; `None` where the key is missing.
    pub line: Option<usize>,
    pub what: String,
    #[serde(skip)]
    what_ja: String,
}

impl Problem {
    pub fn new(key: impl Into<String>, line: Option<usize>, what: Why) -> Self {
        Self { key: key.into(), line, what: what.en, what_ja: what.ja }
    }

    /// What is wrong, and what to write instead.
    pub fn what(&self, language: Language) -> &str {
        match language {
            Language::English => &self.what,
            Language::Japanese => &self.what_ja,
        }
    }

    /// `line 3: `region`: missing`
    pub fn words(&self, language: Language) -> String {
        let (line, what) = match language {
            Language::English => (self.line.map(|line| format!("line {line}: ")), &self.what),
            Language::Japanese => (self.line.map(|line| format!("{line} 行目: ")), &self.what_ja),
        };
        let key = if self.key.is_empty() { String::new() } else { format!("`{}`: ", self.key) };
        format!("{}{key}{what}", line.unwrap_or_default())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words(Language::English))
    }
}

/// The first of them, and how many there are besides.
pub fn first_of(problems: &[Problem]) -> Why {
    let more = problems.len().saturating_sub(1);
    let words = |language, and_more: String| {
        let first = problems.first().map(|problem| problem.words(language)).unwrap_or_default();
        if more == 0 { first } else { first + &and_more }
    };
    let (en, ja) = (format!("; and {more} more"), format!("、ほか {more} 件"));
    Why::new(words(Language::English, en), words(Language::Japanese, ja))
}

/// So many are named at most: whoever has more opened another file by mistake.
pub(crate) const PROBLEMS: usize = 50;

/// Holds a file's text against its published schema: one rule book for us and for editors. Answers the object, with
/// what is wrong with it.
///
/// # Errors
/// The one problem of a text that is no JSON object at all.
pub(crate) fn check(text: &str, schema: &Value) -> Result<(Map<String, Value>, Vec<Problem>), Problem> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let what = Why::new(format!("not JSON: {error}"), format!("JSON ではありません: {error}"));
        Problem::new("", Some(error.line()), what)
    })?;
    let Value::Object(object) = value else {
        let what = Why::new("not a JSON object", "JSON オブジェクトではありません");
        return Err(Problem::new("", Some(1), what));
    };
    let mut problems: Vec<Problem> =
        twice::keys(text).into_iter().take(PROBLEMS).map(|key| given_twice(text, key)).collect();
    check_object(&object, schema, schema, "", text, &mut problems);
    Ok((object, problems))
}

fn given_twice(text: &str, key: String) -> Problem {
    let line = twice::line_of_second(text, &key, line_of(text, &key));
    let what = Why::new("given twice: leave one of them", "2 回指定されています。一方を削除してください");
    Problem::new(key, line, what)
}

/// Without the byte order mark that editors on Windows put in front.
pub(crate) fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

fn check_object(
    object: &Map<String, Value>,
    rules: &Value,
    root: &Value,
    prefix: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) {
    let Some(properties) = rules["properties"].as_object() else { return };
    for (key, value) in object {
        if problems.len() >= PROBLEMS {
            return;
        }
        let path = format!("{prefix}{key}");
        let mut say = |what: Why| problems.push(Problem::new(path.clone(), line_of(text, &path), what));
        match properties.get(key) {
            None => say(match nearest(key, properties.keys()) {
                Some(near) => Why::new(
                    format!("unknown key; did you mean `{near}`?"),
                    format!("不明なキーです。`{near}` の誤りではありませんか?"),
                ),
                None => Why::new("unknown key", "不明なキーです"),
            }),
            Some(rule) => match (resolve(rule, root), value) {
                (rule, Value::Object(inner)) if rule["type"] == "object" => {
                    check_object(inner, rule, root, &format!("{path}."), text, problems);
                }
                (rule, value) => {
                    if let Some(what) = broken_rule(rule, value) {
                        say(what);
                    }
                }
            },
        }
    }
    for key in rules["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(key) {
            problems.push(Problem::new(format!("{prefix}{key}"), None, Why::new("missing", "キーがありません")));
        }
    }
}

/// Follows `$ref` into the schema's definitions.
fn resolve<'a>(rule: &'a Value, root: &'a Value) -> &'a Value {
    match rule["$ref"].as_str().and_then(|path| root.pointer(path.trim_start_matches('#'))) {
        Some(definition) => definition,
        None => rule,
    }
}

fn broken_rule(rule: &Value, value: &Value) -> Option<Why> {
    match (rule["type"].as_str(), value) {
        (Some("string"), Value::String(text)) => {
            let count = text.chars().count() as u64;
            let pattern = rule["pattern"].as_str();
            if let Some(known) = rule["enum"].as_array().filter(|known| !known.contains(value)) {
                let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
                Some(Why::new(
                    format!("must be one of: {}", known.join(", ")),
                    format!("次のいずれかを指定してください: {}", known.join(", ")),
                ))
            } else if rule["minLength"].as_u64().is_some_and(|min| count < min) {
                Some(Why::new("empty", "空です"))
            } else if rule["maxLength"].as_u64().is_some_and(|max| count > max) {
                Some(Why::new(
                    format!("longer than {} characters", rule["maxLength"]),
                    format!("{} 文字を超えています", rule["maxLength"]),
                ))
            } else if pattern.is_some_and(|p| Regex::new(p).is_ok_and(|p| !p.is_match(text))) {
                let pattern = pattern.unwrap_or_default();
                Some(Why::new(format!("does not match {pattern}"), format!("形式が違います: {pattern}")))
            } else if rule["format"] == "uri" && !is_safe_url(text) {
                Some(Why::new(
                    "must be an https:// address; http:// is only for this computer (localhost)",
                    "https:// で始まるアドレスを指定してください。http:// はこのパソコン (localhost) でのみ使えます",
                ))
            } else {
                None
            }
        }
        (Some("integer"), Value::Number(number)) => {
            let within = number.as_u64().is_some_and(|n| (1..=65_535).contains(&n));
            (!within).then(|| {
                Why::new("must be a whole number from 1 to 65535", "1 から 65535 までの整数を指定してください")
            })
        }
        (Some("integer"), _) => Some(Why::new("must be a number", "数値を指定してください")),
        (Some("boolean"), Value::Bool(_)) => None,
        (Some("boolean"), _) => Some(Why::new("must be true or false", "true または false を指定してください")),
        (Some("object"), _) => Some(Why::new("must be an object", "オブジェクトを指定してください")),
        _ => Some(Why::new("must be a text", "文字列を指定してください")),
    }
}

/// Passwords' proofs and keys travel there: only this computer may be spoken to in the clear.
fn is_safe_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// The first line that holds the key, behind the lines of the keys that it is in; good enough to send somebody to it
/// in an editor.
pub(crate) fn line_of(text: &str, path: &str) -> Option<usize> {
    path.split('.').try_fold(1, |from, key| {
        let quoted = format!("\"{key}\"");
        text.lines().skip(from - 1).position(|line| line.contains(&quoted)).map(|index| from + index)
    })
}

/// The known key that a typo most likely meant: the same but for case, or two edits away at most.
fn nearest<'a>(typo: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    // The longest key has 24 characters.
    known
        .filter(|_| typo.len() <= 32)
        .map(|key| (distance(&typo.to_lowercase(), &key.to_lowercase()), key.as_str()))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, key)| key)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// A file's schema stands in `docs/` as the code has it; with `FIELDKEY_UPDATE` set, it is put there.
#[cfg(test)]
pub(crate) fn is_published(name: &str, schema: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs").join(name);
    let now = serde_json::to_string_pretty(schema).expect("JSON") + "\n";
    if std::env::var_os("FIELDKEY_UPDATE").is_some() {
        std::fs::write(&path, &now).expect("docs/ is writable");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(published, now, "publish it anew: FIELDKEY_UPDATE=1 cargo test -p fieldkey-core schema");
}
