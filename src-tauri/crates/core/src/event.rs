//! A job's progress: a stream of events in a promised order.
//!
//! `started`, any number of `step`, then exactly one of `finished` or `failed`, and nothing after it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use ts_rs::TS;

use crate::{Failure, FileRecord};

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
    /// The device registered itself, as the registry says.
    Register,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Job {
    Provision,
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
    Finished { run: String, result: Provisioned },
    Failed { run: String, failure: Failure },
}

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
}
