//! What of a layout no schema can say.

use super::placeholders::{IN_CONFIG, IN_NAMES, OF_CLAIMS, words};
use super::{ConfigFile, ConfigFormat, FileNames, SiteLayout, Values};
use crate::Why;
use crate::ports::Kind;

/// The names of our own records, whose presence says that the rest is whole.
const OURS: [&str; 2] = ["provisioning.json", "identity.json"];

/// How the names begin of what Fieldkey puts into a folder for the time of a run.
const PASSING: &str = "fieldkey-";

/// No file system takes a longer name, and ours are longer while they are being written.
const LONGEST: usize = 220;

/// Everything wrong with a layout, by key.
pub(in crate::site) fn check(layout: &SiteLayout, has_role_alias: bool) -> Vec<(String, Why)> {
    let mut found = Vec::new();
    if layout.claim.is_none() && layout.identity.is_none() {
        let why = Why::new(
            "says neither what a claim's files are called nor an identity's",
            "クレームと証明書のどちらのファイル名も指定されていません",
        );
        found.push(("layout".to_owned(), why));
    }
    for (kind, key) in [(Kind::Claim, "layout.claim"), (Kind::Identity, "layout.identity")] {
        let Some(files) = layout.files(kind) else { continue };
        check_names(files, key, &mut found);
        if let Some(config) = &files.config {
            check_config(config, kind, &format!("{key}.config"), &mut found);
        }
        if !has_role_alias && files.names_credentials() {
            let why = Why::new(
                "speaks of temporary credentials, and the site has no `roleAlias`",
                "一時的な認証情報を参照していますが、サイトに `roleAlias` がありません",
            );
            found.push((format!("{key}.config.template"), why));
        }
    }
    if let (Some(claim), Some(identity)) = (&layout.claim, &layout.identity) {
        check_apart(claim, identity, &mut found);
    }
    found
}

/// What a file is called with the longest values that there can be, no two alike.
fn called(name: &str) -> String {
    let [thing_name, serial_number, certificate_id] = &[("t", 128), ("s", 128), ("c", 64)].map(|(c, n)| c.repeat(n));
    FileNames::called(name, &Values { thing_name, serial_number, certificate_id, ..Values::default() })
}

fn names(files: &FileNames) -> Vec<(&'static str, &str)> {
    let config = files.config.iter().map(|config| ("config.name", config.name.as_str()));
    [("certificate", files.certificate.as_str()), ("privateKey", &files.private_key), ("ca", &files.ca)]
        .into_iter()
        .chain(config)
        .collect()
}

fn check_names(files: &FileNames, key: &str, found: &mut Vec<(String, Why)>) {
    let names = names(files);
    for (at, (part, name)) in names.iter().enumerate() {
        let mut say = |why| found.push((format!("{key}.{part}"), why));
        if let Some(word) = words(name).find(|word| !IN_NAMES.contains(word)) {
            say(unknown(word, &IN_NAMES));
            continue;
        }
        let name = called(name);
        if !is_plain(&name) {
            say(Why::new(
                "must be a plain file name: letters, digits, `.`, `-`, `_` and spaces inside, no path, no name that a system reserves",
                "ファイル名だけを指定してください。使えるのは英数字、`.`、`-`、`_`、途中の空白です。パスやシステムの予約名は使えません",
            ));
        } else if name.len() > LONGEST {
            say(Why::new("too long with the longest names of things", "モノの名前が最長の場合に長すぎます"));
        } else if name.get(..PASSING.len()).is_some_and(|start| start.eq_ignore_ascii_case(PASSING)) {
            say(Why::new(
                "Fieldkey's own temporary files are called so",
                "Fieldkey の一時ファイルと区別できない名前です",
            ));
        } else if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(&name)) {
            say(Why::new("Fieldkey's own record has this name", "Fieldkey の記録ファイルと同じ名前です"));
        } else if names.iter().take(at).any(|(_, other)| called(other).eq_ignore_ascii_case(&name)) {
            say(Why::new(
                "another file of it has this name; upper and lower case are alike",
                "ほかのファイルと同じ名前です。大文字と小文字は区別されません",
            ));
        }
    }
}

/// A claim that comes must not write over an identity's key, which nobody else may have.
fn check_apart(claim: &FileNames, identity: &FileNames, found: &mut Vec<(String, Why)>) {
    let secret = |part: &str| ["certificate", "privateKey"].contains(&part);
    let theirs = names(identity);
    for (part, name) in names(claim) {
        let same = theirs.iter().find(|(_, other)| called(other).eq_ignore_ascii_case(&called(name)));
        if let Some((other, _)) = same.filter(|(other, _)| secret(part) || secret(other) || *other != part) {
            let why = Why::new(
                format!("`layout.identity.{other}` has this name; a claim would write over it"),
                format!("`layout.identity.{other}` と同じ名前です。クレームで上書きされてしまいます"),
            );
            found.push((format!("layout.claim.{part}"), why));
        }
    }
}

fn check_config(config: &ConfigFile, kind: Kind, key: &str, found: &mut Vec<(String, Why)>) {
    let mut say = |why| found.push((format!("{key}.template"), why));
    let known: Vec<&str> = IN_NAMES.into_iter().chain(IN_CONFIG).collect();
    let known: Vec<&str> = known.into_iter().filter(|word| kind == Kind::Claim || *word != OF_CLAIMS).collect();
    if let Some(word) = words(&config.template).find(|word| !known.contains(word)) {
        say(unknown(word, &known));
        return;
    }
    if config.format == ConfigFormat::Json
        && let Err(error) = serde_json::from_str::<serde_json::Value>(&config.text(&probe()))
    {
        say(Why::new(format!("makes no JSON: {error}"), format!("JSON になりません: {error}")));
    }
}

/// Values to try a template with.
fn probe() -> Values<'static> {
    Values { thing_name: "t", serial_number: "s", certificate_id: "c", port: 8883, ..Values::default() }
}

fn unknown(word: &str, known: &[&str]) -> Why {
    let known = known.join("}, {");
    Why::new(
        format!("there is no `{{{word}}}`, only {{{known}}}"),
        format!("`{{{word}}}` はありません。使えるのは {{{known}}} です"),
    )
}

/// A name that every file system takes as that of a file in this very folder.
fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._- ".contains(&byte);
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_uppercase();
    let numbered = |start| stem.strip_prefix(start).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    let reserved = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT");
    let ends = name.starts_with(['.', ' ']) || name.ends_with(['.', ' ']);
    !name.is_empty() && name.bytes().all(allowed) && !ends && !reserved
}
