//! A claim on a drive, with `provisioning.json`.

use std::collections::BTreeMap;
use std::sync::Arc;

use fieldkey_core::ClaimBundle;
use fieldkey_core::ports::Kind;
use fieldkey_core::site::SiteLayout;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::own::{About, own};
use super::{CA, Content, Files, sha256};

pub(crate) const CERTIFICATE: &str = "claimCert.pem";
pub(crate) const PRIVATE_KEY: &str = "claimPrivateKey.pem";
pub(crate) const SETTINGS: &str = "provisioning.json";

/// The version that is written, and the one that is understood.
const VERSION: u32 = 1;

pub(super) fn files() -> Files {
    Files { certificate: CERTIFICATE.into(), private_key: Some(PRIVATE_KEY.into()), ca: CA.into(), config: None }
}

/// `provisioning.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings<'a> {
    version: u32,
    endpoint: &'a str,
    port: u16,
    template_name: &'a str,
    thing_name: &'a str,
    parameters: &'a BTreeMap<String, String>,
    certificate_id: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    expires: OffsetDateTime,
    files: Files,
    sha256: BTreeMap<String, String>,
}

/// What `provisioning.json` says of a claim's files.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claim {
    version: u32,
    #[serde(rename = "expires", with = "time::serde::rfc3339")]
    _expires: OffsetDateTime,
    #[serde(default)]
    certificate_id: String,
    #[serde(default)]
    thing_name: String,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    pub(crate) files: Files,
    sha256: BTreeMap<String, String>,
}

impl Claim {
    /// `None` for settings that no Fieldkey wrote: others call theirs the same.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let claim: Self = serde_json::from_slice(bytes).ok()?;
        let checked = |name| claim.sha256.contains_key(name);
        let ours = claim.version == VERSION && claim.files.are_sound();
        (ours && claim.files.each().all(checked)).then_some(claim)
    }

    /// Lower-case hex.
    pub(crate) fn sha256_of(&self, name: &str) -> Option<&str> {
        self.sha256.get(name).map(String::as_str)
    }

    /// Are these the bytes that a file of that name had when the settings were written?
    pub(crate) fn fits(&self, name: &str, bytes: &[u8]) -> bool {
        self.sha256.get(name).is_some_and(|hash| *hash == sha256(bytes))
    }

    /// Of the files that it names, those that a layout calls so.
    pub(crate) fn own(&self, of_site: Option<&Arc<SiteLayout>>) -> Vec<String> {
        let about = About {
            kind: Kind::Claim,
            certificate_id: &self.certificate_id,
            thing_name: &self.thing_name,
            serial_number: self.parameters.get("SerialNumber").map_or("", String::as_str),
        };
        own(&self.files, &about, of_site)
    }
}

pub(super) fn settings(
    claim: &ClaimBundle,
    files: Files,
    sha256: BTreeMap<String, String>,
) -> serde_json::Result<Content> {
    let settings = Settings {
        version: VERSION,
        endpoint: &claim.endpoint.host,
        port: claim.endpoint.port,
        template_name: &claim.template_name,
        thing_name: &claim.thing_name,
        parameters: &claim.parameters,
        certificate_id: &claim.certificate_id,
        expires: claim.expires,
        files,
        sha256,
    };
    Content::json(SETTINGS, &settings)
}

#[cfg(test)]
pub(super) mod tests {
    use fieldkey_core::{Bundle, Endpoint, RoleAlias};
    use time::macros::datetime;

    use super::*;
    use crate::layout::Layout;

    fn claim() -> ClaimBundle {
        ClaimBundle {
            certificate_pem: "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n".into(),
            private_key_pem: "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----".into(),
            ca_pem: "-----BEGIN CERTIFICATE-----\nMIIDQ\n-----END CERTIFICATE-----\n\n".into(),
            certificate_id: "c1a1".into(),
            expires: datetime!(2126-11-21 10:05:00 UTC),
            region: "ap-northeast-1".into(),
            role_alias: Some(RoleAlias { name: "fieldkey".into(), host: "c.credentials.example.com".into() }),
            endpoint: Endpoint { host: "x-ats.iot.ap-northeast-1.amazonaws.com".into(), port: 8883 },
            template_name: "fieldkey".into(),
            thing_name: "Fleet_Index_SN-1".into(),
            parameters: BTreeMap::from([("SerialNumber".into(), "SN-1".into())]),
        }
    }

    pub(crate) fn bundle() -> Bundle {
        Bundle::Claim(claim())
    }

    #[test]
    fn provisioning_json_is_the_contract_s() {
        let contents = Layout::Drive.contents(&bundle()).expect("contents");
        let json: serde_json::Value = serde_json::from_slice(&contents[3].bytes).expect("json");
        let hash = |i: usize| contents[i].sha256();
        let expected = serde_json::json!({
            "version": 1,
            "endpoint": "x-ats.iot.ap-northeast-1.amazonaws.com",
            "port": 8883,
            "templateName": "fieldkey",
            "thingName": "Fleet_Index_SN-1",
            "parameters": {"SerialNumber": "SN-1"},
            "certificateId": "c1a1",
            "expires": "2126-11-21T10:05:00Z",
            "files": {
                "certificate": "claimCert.pem", "privateKey": "claimPrivateKey.pem", "ca": "AmazonRootCA1.pem",
            },
            "sha256": {
                "claimCert.pem": hash(0), "claimPrivateKey.pem": hash(1), "AmazonRootCA1.pem": hash(2),
            },
        });
        assert_eq!(json, expected, "devices read these keys");
    }
}
