//! Reading a site file so that every mistake in it is named at once, by key and line.

use regex::Regex;
use serde_json::{Map, Value};

use super::layout::{self, SiteLayout};
use super::{Site, schema};
use crate::Why;
use crate::mistakes::{self, PROBLEMS, Problem, line_of};

/// Reads a site file.
///
/// # Errors
/// Every problem found, never an empty list.
pub fn parse(text: &str) -> Result<Site, Vec<Problem>> {
    let text = mistakes::without_mark(text);
    let (object, mut problems) = mistakes::check(text, &schema()).map_err(|problem| vec![problem])?;
    check_meaning(&object, text, &mut problems);
    problems.truncate(PROBLEMS);
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|error| vec![Problem::new("", None, Why::new(error.to_string(), error.to_string()))])
}

/// What a schema cannot say.
fn check_meaning(object: &Map<String, Value>, text: &str, problems: &mut Vec<Problem>) {
    let string = |key: &str| object.get(key).and_then(Value::as_str);
    let mut say = |key: &str, what: Why| problems.push(Problem::new(key, line_of(text, key), what));
    if let Some(Err(error)) = string("serialNumberPattern").map(Regex::new) {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        let what = Why::new(format!("not a regular expression: {reason}"), format!("正規表現ではありません: {reason}"));
        say("serialNumberPattern", what);
    }
    if let Some(region) = string("region") {
        for (key, mark) in [("userPoolId", '_'), ("identityPoolId", ':')] {
            if let Some((its, _)) = string(key).and_then(|id| id.split_once(mark)).filter(|(its, _)| *its != region) {
                let what = Why::new(
                    format!("is of region {its}, the site of {region}"),
                    format!("リージョンが {its} です。サイトのリージョンは {region} です"),
                );
                say(key, what);
            }
        }
    }
    if string("caFile").is_some_and(|file| file.contains(['/', '\\']) || file == "..") {
        let what = Why::new(
            "must be the name of a file beside the site file, not a path",
            "サイトファイルと同じフォルダーにあるファイルの名前だけを指定してください",
        );
        say("caFile", what);
    }
    // One that breaks the schema is named already.
    let layout = object.get("layout").and_then(|layout| serde_json::from_value::<SiteLayout>(layout.clone()).ok());
    for (key, what) in layout.iter().flat_map(|layout| layout::check(layout, object.contains_key("roleAlias"))) {
        say(&key, what);
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
