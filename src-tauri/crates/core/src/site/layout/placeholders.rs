//! What stands in braces in a layout's names and texts.

use std::borrow::Cow;

/// What is known of a device when its files are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values<'a> {
    pub thing_name: &'a str,
    pub serial_number: &'a str,
    pub certificate_id: &'a str,
    pub endpoint: &'a str,
    pub port: u16,
    pub region: &'a str,
    /// A claim's.
    pub template_name: &'a str,
    pub role_alias: &'a str,
    pub credentials_endpoint: &'a str,
    pub certificate_file: &'a str,
    pub private_key_file: &'a str,
    pub ca_file: &'a str,
}

pub(super) const IN_NAMES: [&str; 3] = ["thingName", "serialNumber", "certificateId"];

/// Only in the text of a file of settings.
pub(super) const IN_CONFIG: [&str; 9] = [
    "endpoint",
    "port",
    "region",
    "templateName",
    "roleAlias",
    "credentialsEndpoint",
    "certificateFile",
    "privateKeyFile",
    "caFile",
];

/// These need a role alias.
pub(super) const CREDENTIALS: [&str; 2] = ["roleAlias", "credentialsEndpoint"];

/// Only a claim has it.
pub(super) const OF_CLAIMS: &str = "templateName";

/// A part of a text: as it is, or a word in braces. A brace before anything else is a brace.
enum Piece<'a> {
    Text(&'a str),
    Word(&'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((word, after)) = word_at(rest) {
            rest = after;
            return Some(Piece::Word(word));
        }
        let end = rest.char_indices().skip(1).find(|(at, _)| rest.get(*at..).is_some_and(|r| word_at(r).is_some()));
        let (text, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        Some(Piece::Text(text))
    })
}

fn word_at(text: &str) -> Option<(&str, &str)> {
    let (word, after) = text.strip_prefix('{')?.split_once('}')?;
    let plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    plain.then_some((word, after))
}

/// The words in braces.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Word(word) => Some(word),
        Piece::Text(_) => None,
    })
}

/// The text with each known word's value in its place. What a value looks like does not matter: it is not read again.
pub(super) fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let fill = |piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Word(word) => value(word).unwrap_or_else(|| format!("{{{word}}}")),
    };
    pieces(text).map(fill).collect()
}

/// A thing's name may hold a colon, which no FAT takes in a name.
pub(super) fn in_names(word: &str, values: &Values<'_>) -> Option<String> {
    let value = match word {
        "thingName" => values.thing_name,
        "serialNumber" => values.serial_number,
        "certificateId" => values.certificate_id,
        _ => return None,
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    Some(value.chars().map(|c| if fits(c) { c } else { '_' }).collect())
}

pub(super) fn in_config(word: &str, values: &Values<'_>) -> Option<String> {
    let value = match word {
        "thingName" => values.thing_name.into(),
        "serialNumber" => values.serial_number.into(),
        "certificateId" => values.certificate_id.into(),
        "endpoint" => values.endpoint.into(),
        "port" => Cow::Owned(values.port.to_string()),
        "region" => values.region.into(),
        "templateName" => values.template_name.into(),
        "roleAlias" => values.role_alias.into(),
        "credentialsEndpoint" => values.credentials_endpoint.into(),
        "certificateFile" => values.certificate_file.into(),
        "privateKeyFile" => values.private_key_file.into(),
        "caFile" => values.ca_file.into(),
        _ => return None,
    };
    Some(value.into_owned())
}
