//! The claim, and the bundle that is made of it.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use time::OffsetDateTime;
use ts_rs::TS;

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

/// Where devices connect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

/// What one run writes to a target: certificate, key, CA, settings.
#[derive(Debug)]
pub struct Bundle {
    pub certificate_pem: String,
    pub private_key_pem: SecretString,
    pub ca_pem: String,
    pub certificate_id: String,
    pub expires: OffsetDateTime,
    pub endpoint: Endpoint,
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
