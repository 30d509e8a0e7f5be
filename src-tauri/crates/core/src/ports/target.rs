//! The device in hand.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::x509::{KeyType, Subject};
use crate::{Bundle, Code, Failure, FileRecord, Identity, Why};

/// The device in hand, through its driver.
#[async_trait]
pub trait Target: Send + Sync {
    /// `drive:/media/x`.
    fn name(&self) -> String;

    /// Which device it is, whatever it is called now: VID:PID:serial, where its bus tells.
    fn device(&self) -> Option<String> {
        None
    }

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

    /// Does it write down where temporary credentials come from, even with a claim? Then the site needs a role alias.
    fn wants_credentials_endpoint(&self) -> bool {
        false
    }

    /// Can it be asked for a key of its own making?
    fn makes_keys(&self) -> bool {
        false
    }

    /// Has the device make a key that never leaves it, and sign a request for a certificate with it. The identity
    /// that is staged afterwards has no private key, and belongs to this one.
    ///
    /// # Errors
    /// `usage` about a device that makes none.
    async fn request(&self, _: &NewKey) -> Result<String, Failure> {
        Err(Failure::new(Code::Usage)
            .about("--key")
            .because_of(Why::new("this device makes no keys", "このデバイスは鍵を作成できません")))
    }

    /// Who the device says it is, and what it holds.
    async fn holds(&self) -> Result<Holds, Failure> {
        Ok(Holds::default())
    }

    /// Removes the credentials that it holds where Fieldkey writes them. Returns what is gone.
    async fn remove(&self) -> Result<Vec<Stored>, Failure> {
        Ok(vec![])
    }
}

/// What a key made on a device is to be, and what its CSR says.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub key_type: KeyType,
    pub common_name: String,
    pub subject: Subject,
}

/// A device's answer to who it is and what it holds.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holds {
    /// Its driver.
    pub driver: String,
    /// Maker, model, firmware, as it says itself.
    pub device: Option<String>,
    pub stored: Vec<Stored>,
    pub cautions: Vec<Caution>,
}

/// One thing that a device holds. Never its content.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    /// As the device names it: a file, a security tag with its type.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// As the device computes it, hex: `sha256:…`, `md5:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What an operator should know of a device that did all that it was asked to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Caution {
    /// What was written is lost when the device loses its power.
    VolatileStorage,
    /// Whoever has the cable in hand can read the private key back.
    ReadableKey,
    /// The device can neither show what it holds nor a digest of it: only sizes, or names, were compared.
    WeakProof,
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
    pub cautions: Vec<Caution>,
}

/// How a target was let go.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Release {
    /// Unmounted and ejected: safe to unplug.
    Ejected,
    /// Written through, but the system still has it mounted: eject it there before unplugging.
    Flushed,
    /// A folder: there is nothing to unplug.
    Folder,
    /// The port was closed and the device left as it was found: safe to unplug.
    Closed,
    /// The drive was pulled, or could not be let go, after everything on it was read back and compared equal.
    Gone,
}
