//! A site out of what the stack, or Amplify, says about itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Problem, Site, parse, schema};
use crate::Why;

/// Keys of the site file with their values as texts, `endpoints.iot` among them. They go before what the outputs say.
pub type Settings = BTreeMap<String, String>;

/// A site from what `aws cloudformation describe-stacks` prints, of one stack or several. `stack`: which one. The
/// site is named after the stack unless `settings` say otherwise.
///
/// # Errors
/// Every problem found, never an empty list.
pub fn from_stacks(json: &str, stack: Option<&str>, settings: &Settings) -> Result<Site, Vec<Problem>> {
    let described = object(json)?;
    let stacks = described.get("Stacks").and_then(Value::as_array);
    let stacks = stacks.ok_or_else(|| {
        say(
            "Stacks",
            "missing: this is not what describe-stacks prints",
            "ありません。describe-stacks の出力ではないようです",
        )
    })?;
    let names = || stacks.iter().filter_map(|stack| stack["StackName"].as_str());
    let found = match (stack, stacks.as_slice()) {
        (None, [only]) => Some(only),
        (None, []) => return Err(say("Stacks", "there is no stack in it", "スタックが含まれていません")),
        (None, _) => {
            let names = names().collect::<Vec<_>>().join(", ");
            let en = format!("there are several: name one of {names}");
            return Err(say("Stacks", en, format!("複数あります。次から 1 つ指定してください: {names}")));
        }
        (Some(name), all) => all.iter().find(|stack| stack["StackName"] == name),
    };
    let found = found.ok_or_else(|| {
        let names = names().collect::<Vec<_>>().join(", ");
        let en = format!("there is no such stack, only: {names}");
        say(stack.unwrap_or_default(), en, format!("そのスタックはありません。あるもの: {names}"))
    })?;
    let listed = found["Outputs"].as_array().into_iter().flatten();
    let text = |output: &Value, key: &str| output[key].as_str().map(str::to_owned);
    let outputs = listed.filter_map(|output| Some((text(output, "OutputKey")?, text(output, "OutputValue")?)));
    from_outputs(&outputs.collect(), found["StackName"].as_str().unwrap_or_default(), settings)
}

/// A site from a stack's outputs, which are the site file's keys, capitalised. Other outputs are left out.
///
/// # Errors
/// Every problem found, never an empty list.
pub fn from_outputs(outputs: &BTreeMap<String, String>, name: &str, settings: &Settings) -> Result<Site, Vec<Problem>> {
    let root = schema();
    let keys = root["properties"].as_object().into_iter().flat_map(Map::keys);
    let values = keys.filter_map(|key| Some((key.clone(), Value::from(outputs.get(&capitalised(key))?.as_str()))));
    let mut site: Map<String, Value> = values.filter(|(_, value)| *value != "").collect();
    if !name.is_empty() {
        site.entry("name").or_insert_with(|| name.into());
    }
    finished(site, settings, capitalised)
}

/// A site whose sign-in is Amplify's: from `amplify_outputs.json`, and the rest from `settings`.
///
/// # Errors
/// Every problem found, never an empty list.
pub fn from_amplify(json: &str, settings: &Settings) -> Result<Site, Vec<Problem>> {
    let outputs = object(json)?;
    let Some(auth) = outputs.get("auth").and_then(Value::as_object) else {
        return Err(say(
            "auth",
            "missing: this is not an amplify_outputs.json",
            "ありません。amplify_outputs.json ではないようです",
        ));
    };
    let values = AMPLIFY.iter().filter_map(|(key, theirs)| Some(((*key).to_owned(), auth.get(*theirs)?.clone())));
    finished(values.collect(), settings, |key| {
        let theirs = AMPLIFY.iter().find(|(ours, _)| *ours == key);
        theirs.map(|(_, theirs)| format!("auth.{theirs}")).unwrap_or_default()
    })
}

/// Our keys, and where Amplify has them in `auth`.
/// <https://docs.amplify.aws/react/reference/amplify_outputs/>
const AMPLIFY: [(&str, &str); 4] = [
    ("region", "aws_region"),
    ("userPoolId", "user_pool_id"),
    ("userPoolClientId", "user_pool_client_id"),
    ("identityPoolId", "identity_pool_id"),
];

/// Settings over values, then checked as any site file is. `origin`: where a key should have come from.
fn finished(
    mut site: Map<String, Value>,
    settings: &Settings,
    origin: impl Fn(&str) -> String,
) -> Result<Site, Vec<Problem>> {
    let root = schema();
    for (path, text) in settings {
        set(&mut site, &root, path, text)?;
    }
    let text = serde_json::to_string_pretty(&site).unwrap_or_default();
    parse(&text).map_err(|problems| problems.into_iter().map(|problem| elsewhere(problem, &site, &origin)).collect())
}

/// A problem of a file that nobody has: without its line; and what is missing, with where it should have come from.
fn elsewhere(mut problem: Problem, site: &Map<String, Value>, origin: &impl Fn(&str) -> String) -> Problem {
    problem.line = None;
    let outermost = problem.key.split('.').next().unwrap_or_default();
    if problem.key.is_empty() || site.contains_key(outermost) {
        return problem;
    }
    let key = problem.key;
    let why = match origin(&key) {
        none if none.is_empty() => {
            Why::new(format!("missing: give it as --set {key}=…"), format!("--set {key}=… で指定してください"))
        }
        output => Why::new(
            format!("missing: there is no output `{output}`; give it as --set {key}=…"),
            format!("出力 `{output}` がありません。--set {key}=… で指定してください"),
        ),
    };
    Problem::new(key, None, why)
}

/// Puts a setting into its place: `endpoints.mqttPort` into an object, as a number.
fn set(site: &mut Map<String, Value>, root: &Value, path: &str, text: &str) -> Result<(), Vec<Problem>> {
    let (outer, inner) = path.split_once('.').map_or((None, path), |(outer, inner)| (Some(outer), inner));
    let rules = match outer {
        None => &root["properties"][inner],
        Some(outer) => &resolved(&root["properties"][outer], root)["properties"][inner],
    };
    let value = match text.parse::<u64>() {
        Ok(number) if resolved(rules, root)["type"] == "integer" => Value::from(number),
        _ => Value::from(text),
    };
    let place = match outer {
        None => Some(site),
        Some(outer) => site.entry(outer).or_insert_with(|| Map::new().into()).as_object_mut(),
    };
    let place = place.ok_or_else(|| say(path, "is no part of a site file", "サイトファイルにそのキーはありません"))?;
    place.insert(inner.to_owned(), value);
    Ok(())
}

fn resolved<'a>(rule: &'a Value, root: &'a Value) -> &'a Value {
    let target = rule["$ref"].as_str().and_then(|path| root.pointer(path.trim_start_matches('#')));
    target.unwrap_or(rule)
}

fn object(json: &str) -> Result<Map<String, Value>, Vec<Problem>> {
    match serde_json::from_str(json.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(say("", "not a JSON object", "JSON オブジェクトではありません")),
        Err(error) => {
            let what = Why::new(format!("not JSON: {error}"), format!("JSON ではありません: {error}"));
            Err(vec![Problem::new("", Some(error.line()), what)])
        }
    }
}

fn say(key: &str, en: impl Into<String>, ja: impl Into<String>) -> Vec<Problem> {
    vec![Problem::new(key, None, Why::new(en, ja))]
}

/// `userPoolId` to `UserPoolId`.
fn capitalised(key: &str) -> String {
    let mut letters = key.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
#[path = "outputs_tests.rs"]
mod tests;
