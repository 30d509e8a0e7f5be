//! The claim, the identity, and the bundle that is made of either.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use time::OffsetDateTime;
use ts_rs::TS;

use crate::{Code, Failure, Why};

/// The provisioning claim certificate and key. They expire 5 minutes after AWS made them.
#[derive(Debug)]
pub struct Claim {
    pub certificate_id: String,
    pub certificate_pem: String,
    pub private_key_pem: SecretString,
    pub expires: OffsetDateTime,
    /// How long it lives from now, by AWS's clock: this machine's may be wrong.
    pub lifetime: Duration,
}

/// A permanent device certificate, its key and its thing.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate_id: String,
    pub certificate_pem: String,
    /// `None` where the device made it: it never gives it away.
    pub private_key_pem: Option<SecretString>,
    /// Whom the device trusts.
    pub ca_pem: String,
    pub thing_name: String,
    pub serial_number: String,
    pub region: String,
    pub endpoint: Endpoint,
    /// Where temporary credentials come from, if the site offers them.
    pub role_alias: Option<RoleAlias>,
}

impl Identity {
    /// The key to connect with in the device's place.
    ///
    /// # Errors
    /// `certificate-unsupported` where the device keeps it to itself.
    pub fn private_key(&self) -> Result<&SecretString, Failure> {
        self.private_key_pem.as_ref().ok_or_else(|| {
            let why = Why::new("its private key is on the device", "秘密鍵はデバイスの中にあります");
            Failure::new(Code::CertificateUnsupported).about(&self.thing_name).because_of(why)
        })
    }
}

/// A role alias and the host of its credentials endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleAlias {
    pub name: String,
    pub host: String,
}

/// Where devices connect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

/// What one run writes to a target: certificate, key, CA, settings.
#[derive(Debug)]
pub enum Bundle {
    Claim(ClaimBundle),
    Identity(Identity),
}

/// A claim, and what a device needs to register itself with it.
#[derive(Clone, Debug)]
pub struct ClaimBundle {
    pub certificate_pem: String,
    pub private_key_pem: SecretString,
    pub ca_pem: String,
    pub certificate_id: String,
    pub expires: OffsetDateTime,
    pub region: String,
    pub endpoint: Endpoint,
    /// Where temporary credentials will come from; only for a target that asks for it.
    pub role_alias: Option<RoleAlias>,
    pub template_name: String,
    pub thing_name: String,
    /// The template's parameters, `SerialNumber` among them.
    pub parameters: BTreeMap<String, String>,
}

/// A file as it lies on the target after the read-back.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct FileRecord {
    pub name: String,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}
