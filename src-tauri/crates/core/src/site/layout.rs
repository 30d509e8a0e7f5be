//! A site's own layout of a drive: what its devices want their files to be called, and what is to be in them.

mod check;
mod placeholders;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use check::check;
pub use placeholders::Values;

use crate::ports::Kind;

/// How a site's devices want their files on a drive.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteLayout {
    /// How certificates and keys are written; `pem` if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Encoding")]
    pub encoding: Option<Encoding>,
    /// The form of private keys; `pkcs8` if it is missing. With `pkcs1` an EC key is written as SEC1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "KeyForm")]
    pub private_key_format: Option<KeyForm>,
    /// A claim's files; those of the driver `drive` if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "FileNames")]
    pub claim: Option<FileNames>,
    /// An identity's files; those of the driver `drive` if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "FileNames")]
    pub identity: Option<FileNames>,
}

/// What the files are called. `{thingName}`, `{serialNumber}` and `{certificateId}` stand for the device's own.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileNames {
    #[schemars(length(min = 1, max = 64))]
    pub certificate: String,
    #[schemars(length(min = 1, max = 64))]
    pub private_key: String,
    /// Whom the device trusts.
    #[schemars(length(min = 1, max = 64))]
    pub ca: String,
    /// A file of settings beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ConfigFile")]
    pub config: Option<ConfigFile>,
}

/// A file of settings that a device reads.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigFile {
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// How values are escaped; in `json` and `yaml` they stand between double quotes.
    pub format: ConfigFormat,
    /// The file's text, with placeholders such as `{endpoint}` in it.
    #[schemars(length(min = 1, max = 16_384))]
    pub template: String,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    #[default]
    Pem,
    Der,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum KeyForm {
    #[default]
    #[serde(rename = "pkcs8")]
    Pkcs8,
    #[serde(rename = "pkcs1")]
    Pkcs1,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigFormat {
    Json,
    Yaml,
    Plain,
}

impl SiteLayout {
    /// The names for one kind of bundle; `None` where they are those of the driver `drive`.
    pub fn files(&self, kind: Kind) -> Option<&FileNames> {
        match kind {
            Kind::Claim => self.claim.as_ref(),
            Kind::Identity => self.identity.as_ref(),
        }
    }

    /// Does a file of settings speak of temporary credentials?
    pub fn names_credentials(&self) -> bool {
        self.claim.iter().chain(&self.identity).any(FileNames::names_credentials)
    }
}

impl FileNames {
    fn names_credentials(&self) -> bool {
        let template = self.config.as_ref().map_or("", |config| &config.template);
        placeholders::words(template).any(|word| placeholders::CREDENTIALS.contains(&word))
    }

    /// What a file is called on one device.
    pub fn called(name: &str, values: &Values<'_>) -> String {
        placeholders::filled(name, |word| placeholders::in_names(word, values))
    }
}

impl ConfigFile {
    /// The file's text for one device.
    pub fn text(&self, values: &Values<'_>) -> String {
        placeholders::filled(&self.template, |word| {
            placeholders::in_config(word, values).map(|value| escaped(&value, self.format))
        })
    }
}

/// A value as it stands between the double quotes of a JSON text, which YAML reads alike.
fn escaped(value: &str, format: ConfigFormat) -> String {
    match format {
        ConfigFormat::Plain => value.to_owned(),
        ConfigFormat::Json | ConfigFormat::Yaml => {
            let quoted = quoted(value);
            quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
        }
    }
}

/// A text as a JSON string that is a YAML scalar, too: what YAML does not take as it is, is written as a number.
pub fn quoted(text: &str) -> String {
    let odd =
        |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let json = serde_json::Value::from(text).to_string();
    json.chars().map(|c| if odd(c) { format!("\\u{:04x}", u32::from(c)) } else { c.into() }).collect()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
