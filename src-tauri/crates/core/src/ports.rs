//! What the jobs need of the world. Everything else in this crate is plain data and decisions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::Serialize;
use time::OffsetDateTime;
use ts_rs::TS;

use crate::{Bundle, Claim, Code, Endpoint, Failure, FileRecord, Job, Step};

/// AWS, as one operator at one site sees it.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Signs the operator in, asking them if need be. Returns the operator's name; free when signed in.
    async fn sign_in(&self) -> Result<String, Failure>;

    /// Makes sure that temporary AWS credentials are at hand. Free when they are.
    async fn credentials(&self) -> Result<(), Failure>;

    /// CreateProvisioningClaim on the site's template.
    async fn claim(&self) -> Result<Claim, Failure>;

    /// Where devices connect: from the site file, else DescribeEndpoint, asked once per site.
    async fn endpoint(&self) -> Result<Endpoint, Failure>;

    /// The IDs of the certificates attached to a thing; empty when there is no such thing.
    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure>;
}

/// The device in hand, through its driver.
#[async_trait]
pub trait Target: Send + Sync {
    /// `drive:/media/x`.
    fn name(&self) -> String;

    /// Can it take a bundle now? Asked before a claim is spent, so everything that can be known
    /// beforehand is refused here. Leaves what is on it as it was.
    async fn check(&self, replace: bool) -> Result<(), Failure>;

    /// Brings the bundle onto the device without touching what was there.
    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure>;

    /// Reads everything back past the cache and compares it with the bundle.
    async fn verify(&self, bundle: &Bundle) -> Result<ReadBack, Failure>;

    /// Unmounts and ejects, if the target is ours to eject.
    async fn release(&self) -> Result<Release, Failure>;
}

/// A bundle that is on the device but not yet in force. Dropped uncommitted, it leaves nothing behind.
#[async_trait]
pub trait Staged: Send {
    async fn commit(self: Box<Self>) -> Result<(), Failure>;
}

/// What a read-back saw.
#[derive(Clone, Debug)]
pub struct ReadBack {
    pub files: Vec<FileRecord>,
    /// False where the file system offers no way past its cache: the comparison is weaker then,
    /// and the operator is told.
    pub past_cache: bool,
}

/// How a target was let go.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Release {
    /// Unmounted and ejected: safe to unplug.
    Ejected,
    /// Written through, but the system still has it mounted: eject it there before unplugging.
    Flushed,
    /// A folder: there is nothing to unplug.
    Folder,
    /// The drive was pulled, or could not be let go, after everything on it was read back and compared equal.
    Gone,
}

/// The record of runs. Append-only, without secrets.
pub trait Journal: Send + Sync {
    /// # Errors
    /// The record could not be written; the run goes on.
    fn append(&self, entry: &Entry) -> Result<(), String>;
}

/// A journal that could not be opened: the run goes on without.
impl<J: Journal> Journal for Option<J> {
    fn append(&self, entry: &Entry) -> Result<(), String> {
        self.as_ref().map_or(Ok(()), |journal| journal.append(entry))
    }
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub enum Entry {
    Started(RunStart),
    Ended(RunEnd),
}

#[derive(Clone, Debug)]
pub struct RunStart {
    pub run: String,
    pub job: Job,
    pub at: OffsetDateTime,
    pub site: String,
    pub serial_number: String,
    pub thing_name: String,
    pub target: String,
}

#[derive(Clone, Debug)]
pub struct RunEnd {
    pub run: String,
    pub at: OffsetDateTime,
    /// Empty if the run failed before sign-in.
    pub operator: String,
    /// The claim's; `None` if the run failed before it was there.
    pub certificate_id: Option<String>,
    /// `None` when it finished.
    pub failed: Option<(Code, Option<Step>)>,
    pub registered: Option<bool>,
    /// Each step that was done, with its milliseconds, in order.
    pub steps: Vec<(Step, u64)>,
}
