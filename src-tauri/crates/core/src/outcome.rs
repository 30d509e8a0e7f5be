//! What a finished job achieved.

use serde::Serialize;
use time::OffsetDateTime;
use ts_rs::TS;

use crate::ports::{CertificateStatus, Thing};
use crate::x509::Preview;
use crate::{Act, Failure, FileRecord, KeySource, Step};

#[derive(Clone, Debug, Serialize, TS)]
#[serde(untagged)]
#[ts(export)]
pub enum Outcome {
    Provisioned(Provisioned),
    Enrolled(Enrolled),
    Registered(Registered),
    Verified(Verified),
    Inspected(Thing),
    Reissued(Reissued),
    Revoked(Revoked),
    Exported(ExportedClaim),
}

macro_rules! outcome {
    ($($result:ident => $variant:ident),*) => {
        $(impl From<$result> for Outcome {
            fn from(result: $result) -> Self {
                Self::$variant(result)
            }
        })*
    };
}

outcome!(Provisioned => Provisioned, Enrolled => Enrolled, Registered => Registered, Verified => Verified);
outcome!(Thing => Inspected, Reissued => Reissued, Revoked => Revoked, ExportedClaim => Exported);

/// What `provision` achieved.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Provisioned {
    pub serial_number: String,
    pub thing_name: String,
    /// The claim's certificate ID: lower-case hex SHA-256 of its DER.
    pub certificate_id: String,
    /// When the claim ends, RFC 3339.
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub expires: OffsetDateTime,
    pub target: String,
    pub files: Vec<FileRecord>,
    /// `null` if nobody waited for it.
    pub registered: Option<bool>,
    /// Of a claim file from the site for practice: no device can register with it. Left out elsewhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub practice: bool,
}

/// What `enroll` achieved.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Enrolled {
    pub serial_number: String,
    pub thing_name: String,
    pub certificate_id: String,
    /// When the identity's certificate ends, RFC 3339.
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub expires: OffsetDateTime,
    pub target: String,
    /// Empty where the target held this identity already.
    pub files: Vec<FileRecord>,
    /// False where the target held a valid identity already, which was proved instead.
    pub issued: bool,
    /// Where its key was made; `null` if that is not known.
    pub key: Option<KeySource>,
}

/// What `register` achieved.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Registered {
    pub thing_name: String,
    pub status: CertificateStatus,
    #[serde(flatten)]
    pub certificate: Preview,
}

/// What `verify` saw.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Verified {
    pub thing_name: String,
    pub certificate_id: String,
    pub checks: Vec<Check>,
}

/// One line of `verify`.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Check {
    pub check: Step,
    pub verdict: Verdict,
    /// Why it failed, or was skipped.
    #[serde(skip)]
    #[ts(skip)]
    pub failure: Option<Failure>,
    /// What was seen: an ARN, the name of an object.
    pub seen: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Verdict {
    Passed,
    Failed,
    Skipped,
}

/// What `reissue` achieved.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Reissued {
    pub serial_number: String,
    pub thing_name: String,
    /// The new identity's.
    pub certificate_id: String,
    pub target: String,
    pub files: Vec<FileRecord>,
    /// The certificates that are inactive now.
    pub deactivated: Vec<String>,
    /// Old certificates that other things use, too: they were left as they are.
    pub shared: Vec<String>,
}

/// What `revoke` or `activate` achieved.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Revoked {
    pub thing_name: String,
    pub certificates: Vec<String>,
    pub act: Act,
}

/// What `export-claim` achieved.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExportedClaim {
    pub serial_number: String,
    pub thing_name: String,
    /// The claim's.
    pub certificate_id: String,
    /// When the claim ends, RFC 3339. The file is of no use after that.
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub expires: OffsetDateTime,
    /// Where the file is.
    pub path: String,
    pub file: FileRecord,
}
