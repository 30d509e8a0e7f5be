//! The device in hand.

use async_trait::async_trait;
use serde::Serialize;
use ts_rs::TS;

use crate::{Bundle, Failure, FileRecord, Identity};

/// The device in hand, through its driver.
#[async_trait]
pub trait Target: Send + Sync {
    /// `drive:/media/x`.
    fn name(&self) -> String;

    /// Can it take a bundle now? Asked before a claim is spent, so everything that can be known
    /// beforehand is refused here. Leaves what is on it as it was.
    async fn check(&self, kind: Kind, replace: bool) -> Result<(), Failure>;

    /// The identity that the device holds; `None` if it holds none.
    ///
    /// # Errors
    /// `identity-invalid` if what it holds is not whole.
    async fn identity(&self) -> Result<Option<Identity>, Failure>;

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
    async fn commit(self: Box<Self>) -> Result<Box<dyn InForce>, Failure>;
}

/// A bundle in force, beside what it replaced. Dropped, it leaves both as they are.
#[async_trait]
pub trait InForce: Send {
    /// Takes it back and puts what it replaced into force again.
    async fn withdraw(self: Box<Self>) -> Result<(), Failure>;

    /// It is proved: an identity that it replaced goes.
    async fn settle(self: Box<Self>) -> Result<(), Failure>;
}

/// What is to be written: a claim or an identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Claim,
    Identity,
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
