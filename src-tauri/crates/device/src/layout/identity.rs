//! An identity on a drive, with `identity.json`. The names of certificate and key are those that AWS IoT's console
//! gives them.

use fieldkey_core::{Code, Failure, Identity, Why};

use super::record::is_certificate_id;
use super::{CA, Files, Record};

/// Where it is, an identity is whole.
pub(crate) const IDENTITY: &str = "identity.json";

pub(crate) const CERTIFICATE_END: &str = "-certificate.pem.crt";
pub(crate) const PRIVATE_KEY_END: &str = "-private.pem.key";

pub(super) fn files(certificate_id: &str) -> Files {
    let [certificate, private_key] = Record::names(certificate_id);
    Files { certificate, private_key: Some(private_key), ca: CA.into(), config: None }
}

/// The ID becomes part of a path.
pub(super) fn check(identity: &Identity) -> Result<(), Failure> {
    if is_certificate_id(&identity.certificate_id) {
        return Ok(());
    }
    let why = Why::new("the certificate ID is not 64 hex digits", "証明書 ID が 64 桁の 16 進数ではありません");
    Err(Failure::new(Code::ServiceError).about("AWS IoT").because_of(why))
}

#[cfg(test)]
pub(super) mod tests {
    use fieldkey_core::{Bundle, Endpoint, RoleAlias};

    use super::*;
    use crate::layout::{Content, Layout};

    fn contents(identity: &Identity) -> Result<Vec<Content>, Failure> {
        Layout::Drive.contents(&Bundle::Identity(identity.clone()))
    }

    /// A device's identity; each number makes another certificate.
    pub(crate) fn identity(number: u8) -> Identity {
        let pem = |what: &str| format!("-----BEGIN {what}-----\nMII{number:03}\n-----END {what}-----\n");
        Identity {
            certificate_id: format!("{number:02x}").repeat(32),
            certificate_pem: pem("CERTIFICATE"),
            private_key_pem: Some(pem("PRIVATE KEY").into()),
            ca_pem: "-----BEGIN CERTIFICATE-----\nMIIDQ\n-----END CERTIFICATE-----\n".into(),
            thing_name: "Fleet_Index_SN-1".into(),
            serial_number: "SN-1".into(),
            region: "ap-northeast-1".into(),
            endpoint: Endpoint { host: "x-ats.iot.ap-northeast-1.amazonaws.com".into(), port: 8883 },
            role_alias: Some(RoleAlias { name: "fieldkey".into(), host: "c.credentials.example.com".into() }),
        }
    }

    #[test]
    fn identity_json_is_the_contract_s() {
        let contents = contents(&identity(0xa1)).expect("contents");
        let json: serde_json::Value = serde_json::from_slice(&contents[3].bytes).expect("json");
        let hash = |i: usize| contents[i].sha256();
        let expected = serde_json::json!({
            "version": 1,
            "thingName": "Fleet_Index_SN-1",
            "serialNumber": "SN-1",
            "certificateId": "a1".repeat(32),
            "region": "ap-northeast-1",
            "endpoint": "x-ats.iot.ap-northeast-1.amazonaws.com",
            "port": 8883,
            "roleAlias": "fieldkey",
            "credentialsEndpoint": "c.credentials.example.com",
            "files": {
                "certificate": "a1a1a1a1a1-certificate.pem.crt",
                "privateKey": "a1a1a1a1a1-private.pem.key",
                "ca": "AmazonRootCA1.pem",
            },
            "sha256": {
                "a1a1a1a1a1-certificate.pem.crt": hash(0),
                "a1a1a1a1a1-private.pem.key": hash(1),
                "AmazonRootCA1.pem": hash(2),
            },
        });
        assert_eq!(json, expected, "devices and `verify` read these keys");
    }

    #[test]
    fn without_a_role_alias_its_keys_are_left_out() {
        let contents = contents(&Identity { role_alias: None, ..identity(1) }).expect("contents");
        let text = String::from_utf8_lossy(&contents[3].bytes);
        assert!(!text.contains("roleAlias") && !text.contains("credentialsEndpoint"), "{text}");
    }

    #[test]
    fn an_id_that_would_lead_elsewhere_is_refused() {
        for id in ["", "../../../../../etc/passwd", &"A1".repeat(32), &"a1".repeat(31)] {
            let failure = contents(&Identity { certificate_id: id.into(), ..identity(1) }).err().expect(id);
            assert_eq!(failure.code, Code::ServiceError, "{id}");
        }
    }
}
