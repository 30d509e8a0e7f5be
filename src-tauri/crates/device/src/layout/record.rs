//! `identity.json`: what it says, and what of it is believed.

use std::collections::BTreeMap;
use std::sync::Arc;

use fieldkey_core::ports::Kind;
use fieldkey_core::site::SiteLayout;
use fieldkey_core::{Endpoint, Identity, RoleAlias, Why};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::own::{About, own};
use super::{CERTIFICATE_END, Files, PRIVATE_KEY_END, sha256};

/// The version that is written, and the one that is understood.
const VERSION: u64 = 1;

/// No name and no host in an identity is longer.
const LONGEST: usize = 256;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    version: u64,
    pub(crate) thing_name: String,
    pub(crate) serial_number: String,
    pub(crate) certificate_id: String,
    pub(crate) region: String,
    endpoint: String,
    port: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role_alias: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credentials_endpoint: Option<String>,
    pub(crate) files: Files,
    sha256: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

impl Record {
    pub(super) fn new(identity: &Identity, files: Files, sha256: BTreeMap<String, String>) -> Self {
        let alias = identity.role_alias.as_ref();
        Self {
            version: VERSION,
            thing_name: identity.thing_name.clone(),
            serial_number: identity.serial_number.clone(),
            certificate_id: identity.certificate_id.clone(),
            region: identity.region.clone(),
            endpoint: identity.endpoint.host.clone(),
            port: identity.endpoint.port,
            role_alias: alias.map(|alias| alias.name.clone()),
            credentials_endpoint: alias.map(|alias| alias.host.clone()),
            files,
            sha256,
        }
    }

    /// What a certificate and its key are called by the driver `drive`.
    pub(crate) fn names(certificate_id: &str) -> [String; 2] {
        let start = certificate_id.get(..10).unwrap_or(certificate_id);
        [CERTIFICATE_END, PRIVATE_KEY_END].map(|end| format!("{start}{end}"))
    }

    /// Believes nothing: whoever had the drive may have written it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Why> {
        let Version { version } = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
        if version != VERSION {
            return Err(Why::new(
                format!("`identity.json` is of version {version}, and this Fieldkey knows version {VERSION} only"),
                format!(
                    "`identity.json` のバージョンは {version} ですが、この Fieldkey はバージョン {VERSION} のみに対応しています"
                ),
            ));
        }
        let record: Self = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
        match record.mistake() {
            Some(key) => Err(Why::new(
                format!("`{key}` in `identity.json` is not right"),
                format!("`identity.json` の `{key}` が正しくありません"),
            )),
            None => Ok(record),
        }
    }

    /// The first key whose value cannot be.
    fn mistake(&self) -> Option<&'static str> {
        let word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace) && is_short(text);
        let optional = |text: &Option<String>| text.as_deref().is_none_or(word);
        let checked = |name: &str| self.sha256.get(name).is_some_and(|hash| is_certificate_id(hash));
        let rules = [
            ("thingName", is_thing_name(&self.thing_name)),
            ("serialNumber", is_short(&self.serial_number)),
            ("certificateId", is_certificate_id(&self.certificate_id)),
            ("region", word(&self.region)),
            ("endpoint", word(&self.endpoint)),
            ("port", self.port != 0),
            ("roleAlias", optional(&self.role_alias)),
            ("credentialsEndpoint", optional(&self.credentials_endpoint)),
            ("credentialsEndpoint", self.credentials_endpoint.is_some() == self.role_alias.is_some()),
            ("files", self.files.are_sound()),
            ("sha256", self.files.each().all(checked)),
        ];
        rules.into_iter().find(|(_, holds)| !holds).map(|(key, _)| key)
    }

    /// Of the files that it names, those that a layout calls so, and what the driver `drive` calls them.
    pub(crate) fn own(&self, of_site: Option<&Arc<SiteLayout>>) -> Vec<String> {
        let about = About {
            kind: Kind::Identity,
            certificate_id: &self.certificate_id,
            thing_name: &self.thing_name,
            serial_number: &self.serial_number,
        };
        let mut names = own(&self.files, &about, of_site);
        names.extend(Self::names(&self.certificate_id).into_iter().filter(|name| !self.names_file(name)));
        names
    }

    fn names_file(&self, name: &str) -> bool {
        self.files.each().any(|file| file.eq_ignore_ascii_case(name))
    }

    /// The identity that it is the record of, with what its files hold.
    pub(super) fn identity(
        self,
        certificate_pem: String,
        private_key_pem: Option<SecretString>,
        ca_pem: String,
    ) -> Identity {
        Identity {
            certificate_pem,
            private_key_pem,
            ca_pem,
            role_alias: self.role_alias(),
            endpoint: Endpoint { host: self.endpoint, port: self.port },
            certificate_id: self.certificate_id,
            thing_name: self.thing_name,
            serial_number: self.serial_number,
            region: self.region,
        }
    }

    pub(crate) fn role_alias(&self) -> Option<RoleAlias> {
        let (name, host) = (self.role_alias.clone()?, self.credentials_endpoint.clone()?);
        Some(RoleAlias { name, host })
    }

    /// Lower-case hex.
    pub(crate) fn sha256_of(&self, name: &str) -> Option<&String> {
        self.sha256.get(name)
    }

    /// Are these the bytes that a file of that name had when the record was written?
    pub(crate) fn fits(&self, name: &str, bytes: &[u8]) -> bool {
        self.sha256.get(name).is_some_and(|hash| *hash == sha256(bytes))
    }
}

/// Says where it is to be mended, and repeats nothing of what stands there.
fn unreadable(error: &serde_json::Error) -> Why {
    let (line, column, text) = (error.line(), error.column(), error.to_string());
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    match missing {
        Some((key, _)) => Why::new(
            format!("`{key}` is missing in `identity.json`"),
            format!("`identity.json` に `{key}` がありません"),
        ),
        None => Why::new(
            format!("`identity.json` cannot be read from line {line}, column {column} on"),
            format!("`identity.json` を {line} 行 {column} 列から読み取れません"),
        ),
    }
}

/// Lower-case hex of a SHA-256, as certificate IDs are.
pub(super) fn is_certificate_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// As AWS IoT allows it. It becomes part of topics, where `+` and `#` would stand for other things.
/// <https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThing.html>
fn is_thing_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_short(text: &str) -> bool {
    text.len() <= LONGEST && !text.contains(char::is_control)
}

/// A file's name and nothing more: no way out of the folder, no stream, no hidden file.
pub(super) fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._- ".contains(&byte);
    (1..=LONGEST).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::identity;
    use crate::layout::{Content, Layout};

    fn json() -> serde_json::Value {
        let contents = Layout::Drive.contents(&fieldkey_core::Bundle::Identity(identity(1))).expect("contents");
        let Content { bytes, .. } = contents.last().expect("identity.json");
        serde_json::from_slice(bytes).expect("json")
    }

    fn refused(json: &serde_json::Value) -> String {
        let Why { en, ja } = Record::parse(json.to_string().as_bytes()).expect_err("it must be refused");
        assert!(ja.contains("identity.json") && ja != en, "{ja}");
        en
    }

    #[test]
    fn what_was_written_is_read() {
        let record = Record::parse(json().to_string().as_bytes()).expect("ours");
        let identity = identity(1);
        assert_eq!((&record.thing_name, &record.endpoint), (&identity.thing_name, &identity.endpoint.host));
        assert_eq!(record.role_alias(), identity.role_alias);
        assert_eq!(record.files.certificate, "0101010101-certificate.pem.crt");
    }

    #[test]
    fn another_version_is_named() {
        let mut other = serde_json::json!({"version": 2, "identity": "in some other form"});
        assert!(refused(&other).contains("version 2"), "before its other keys are looked for");
        other["version"] = "1".into();
        assert!(refused(&other).contains("line 1"));
    }

    #[test]
    fn a_missing_key_is_named_and_a_foreign_value_is_not_repeated() {
        let mut json = json();
        json.as_object_mut().expect("object").remove("region");
        assert_eq!(refused(&json), "`region` is missing in `identity.json`");
        json["region"] = "r".into();
        json["port"] = "\u{1b}[31msecret".into();
        assert!(!refused(&json).contains("secret"));
    }

    #[test]
    fn values_that_cannot_be_are_named() {
        let name = "/files/privateKey";
        let cases = [
            ("/thingName", "+"),
            ("/thingName", ""),
            ("/serialNumber", "a\nb"),
            ("/certificateId", "0101"),
            ("/endpoint", ""),
            ("/endpoint", "two words"),
            ("/roleAlias", "\u{1b}"),
            (name, "../key"),
            (name, "/etc/shadow"),
            (name, r"..\key"),
            (name, "key:stream"),
            (name, ".."),
            (name, ""),
            (name, "AmazonRootCA1.pem"),
            (name, "not-in-sha256.key"),
            ("/sha256/AmazonRootCA1.pem", "00"),
        ];
        for (pointer, value) in cases {
            let mut json = json();
            *json.pointer_mut(pointer).expect(pointer) = value.into();
            let key = pointer.split('/').nth(1).expect("key");
            let why = refused(&json);
            let named = why.contains(&format!("`{key}`")) || value == "not-in-sha256.key" && why.contains("`sha256`");
            assert!(named, "{pointer} {value:?}: {why}");
        }
    }

    #[test]
    fn a_role_alias_comes_with_its_endpoint() {
        let mut json = json();
        json.as_object_mut().expect("object").remove("credentialsEndpoint");
        assert!(refused(&json).contains("`credentialsEndpoint`"));
    }
}
