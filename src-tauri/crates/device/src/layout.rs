//! Which files a driver puts onto a drive, and what is in them.

use std::collections::BTreeMap;

use fieldkey_core::{Bundle, Code, Failure};
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub(crate) const CERTIFICATE: &str = "claimCert.pem";
pub(crate) const PRIVATE_KEY: &str = "claimPrivateKey.pem";
pub(crate) const CA: &str = "AmazonRootCA1.pem";
pub(crate) const SETTINGS: &str = "provisioning.json";

/// One driver's way of laying a bundle out in a folder.
pub(crate) struct Layout {
    pub(crate) driver: &'static str,
    /// In the order of writing. Where the last one is, the rest is whole.
    pub(crate) names: &'static [&'static str],
    /// The contents, in the order of `names`.
    pub(crate) contents: fn(&Bundle) -> Result<Vec<Content>, Failure>,
}

/// Every driver that writes files. The first one is the default.
pub(crate) const LAYOUTS: [Layout; 1] =
    [Layout { driver: "drive", names: &[CERTIFICATE, PRIVATE_KEY, CA, SETTINGS], contents: drive }];

/// One file to write. Has no `Debug`: it may be a private key.
pub(crate) struct Content {
    pub(crate) name: &'static str,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Content {
    pub(crate) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.bytes.as_slice()))
    }
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
    sha256: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Files {
    certificate: &'static str,
    private_key: &'static str,
    ca: &'static str,
}

fn drive(bundle: &Bundle) -> Result<Vec<Content>, Failure> {
    let mut contents = vec![
        pem(CERTIFICATE, &bundle.certificate_pem),
        pem(PRIVATE_KEY, bundle.private_key_pem.expose_secret()),
        pem(CA, &bundle.ca_pem),
    ];
    let settings = Settings {
        version: 1,
        endpoint: &bundle.endpoint.host,
        port: bundle.endpoint.port,
        template_name: &bundle.template_name,
        thing_name: &bundle.thing_name,
        parameters: &bundle.parameters,
        certificate_id: &bundle.certificate_id,
        expires: bundle.expires,
        files: Files { certificate: CERTIFICATE, private_key: PRIVATE_KEY, ca: CA },
        sha256: contents.iter().map(|content| (content.name, content.sha256())).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&settings)
        // Only a year beyond four digits has no RFC 3339 form.
        .map_err(|error| Failure::new(Code::ServiceError).about("AWS IoT").because(error.to_string()))?;
    bytes.push(b'\n');
    contents.push(Content { name: SETTINGS, bytes: Zeroizing::new(bytes) });
    Ok(contents)
}

/// PEM text with exactly one line end at its end: some devices need it, none minds it.
fn pem(name: &'static str, text: &str) -> Content {
    let text = text.trim();
    // Sized at once: a buffer that grows would leave copies of a key behind it.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() + 1));
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    Content { name, bytes }
}

#[cfg(test)]
pub(crate) mod tests {
    use fieldkey_core::Endpoint;
    use time::macros::datetime;

    use super::*;

    pub(crate) fn bundle() -> Bundle {
        Bundle {
            certificate_pem: "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n".into(),
            private_key_pem: "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----".into(),
            ca_pem: "-----BEGIN CERTIFICATE-----\nMIIDQ\n-----END CERTIFICATE-----\n\n".into(),
            certificate_id: "c1a1".into(),
            expires: datetime!(2126-11-21 10:05:00 UTC),
            endpoint: Endpoint { host: "x-ats.iot.ap-northeast-1.amazonaws.com".into(), port: 8883 },
            template_name: "fieldkey".into(),
            thing_name: "Fleet_Index_SN-1".into(),
            parameters: BTreeMap::from([("SerialNumber".into(), "SN-1".into())]),
        }
    }

    #[test]
    fn provisioning_json_is_the_contract_s() {
        let contents = drive(&bundle()).expect("contents");
        let json: serde_json::Value = serde_json::from_slice(&contents[3].bytes).expect("json");
        let hash = |i: usize| hex::encode(Sha256::digest(contents[i].bytes.as_slice()));
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

    #[test]
    fn contents_come_in_the_order_of_the_names() {
        for layout in LAYOUTS {
            let contents = (layout.contents)(&bundle()).expect("contents");
            let names: Vec<&str> = contents.iter().map(|content| content.name).collect();
            assert_eq!(names, layout.names, "the last name is the one that says the rest is whole");
        }
    }

    #[test]
    fn pem_files_end_in_one_line_end() {
        for content in &drive(&bundle()).expect("contents")[..3] {
            assert!(content.bytes.ends_with(b"-----\n"), "{} must end in one line end", content.name);
        }
    }

    #[test]
    fn a_bundle_gives_the_same_bytes_each_time() {
        let [first, second] = [drive(&bundle()), drive(&bundle())].map(|c| c.expect("contents"));
        for (a, b) in first.iter().zip(&second) {
            assert!(a.bytes == b.bytes, "{}: the read-back compares with a second building", a.name);
        }
    }
}
