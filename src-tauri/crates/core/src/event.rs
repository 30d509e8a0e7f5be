//! A job's progress: a stream of events in a promised order.
//!
//! `started`, any number of `step`, then exactly one of `finished` or `failed`, and nothing after it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::{Failure, Outcome};

/// Where a job's events go: a terminal, a pipe, the window.
pub trait Progress: Send + Sync {
    fn event(&self, event: &Event);
}

/// A named part of a job. A failure names the step it happened in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Step {
    /// The site file is read and the call's words are checked.
    Site,
    /// The target can take the bundle: it is there, writable, has room and holds nothing of value.
    Target,
    SignIn,
    Credentials,
    Claim,
    Write,
    /// Everything was read back past the cache and compared equal.
    Verify,
    /// The drive was unmounted and may be unplugged.
    Release,
    /// The device registered itself, as the registry says; or Fieldkey did so in its place.
    Register,
    /// A key was made, and a CSR with it.
    Key,
    /// AWS made a certificate.
    Certificate,
    /// The new identity connected and published on its own topic.
    Prove,
    /// What a failed run had made at AWS was taken back.
    TakeBack,
    /// A certificate file, or an identity, was read.
    Read,
    /// The registry was asked.
    LookUp,
    /// A certificate was activated or deactivated.
    Status,
    /// A certificate was deactivated, detached and deleted.
    Delete,
    // What `verify` checks, in this order
    KeyMatch,
    Validity,
    Chain,
    Connect,
    Subscribe,
    /// What was published came back.
    Echo,
    /// The credentials endpoint gave temporary credentials.
    TemporaryCredentials,
    /// They are this identity's, as STS says.
    Caller,
    S3List,
    S3Get,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Job {
    Provision,
    Enroll,
    Register,
    Verify,
    Inspect,
    Reissue,
    Activate,
    Revoke,
    ExportClaim,
    OpenClaim,
}

impl Job {
    /// Every job, for whoever asks which of them somebody may do.
    pub const ALL: [Self; 10] = [
        Self::Provision,
        Self::Enroll,
        Self::Register,
        Self::Verify,
        Self::Inspect,
        Self::Reissue,
        Self::Activate,
        Self::Revoke,
        Self::ExportClaim,
        Self::OpenClaim,
    ];
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Status {
    Running,
    Done,
}

#[derive(Clone, Debug)]
pub enum Event {
    Started { run: String, job: Job },
    Step { step: Step, status: Status, detail: Map<String, Value>, ms: Option<u64> },
    Finished { run: String, result: Outcome },
    Failed { run: String, failure: Failure },
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}
