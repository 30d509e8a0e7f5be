//! A pretended device: what it looks like from outside, what is wrong with it, and what it holds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Failure, Identity};
use fieldkey_device::Attached;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use ts_rs::TS;

use crate::contents::{File, contents};
use crate::held;

/// What is wrong with a device, for people to practise on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "PractiseFault")]
pub enum Fault {
    /// `target-read-only`
    ReadOnly,
    /// `target-full`
    Full,
    /// An identity is on it, and in the registry: `identity-present` until it is replaced.
    HasIdentity,
    /// What is read back differs, the first time: `verify-mismatch`.
    BadCable,
    /// It is pulled in the middle of the first write: `target-gone`. Plugged in again it takes everything.
    LoosePlug,
    /// Never uses its claim: `not-registered` when the claim's five minutes are over.
    NeverRegisters,
}

/// A device as the page shows it, plugged in or not.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "PractiseDevice")]
pub struct Pretended {
    #[serde(flatten)]
    pub attached: Attached,
    /// `null` for one that is in order.
    pub fault: Option<Fault>,
    pub plugged: bool,
}

pub(crate) struct Device {
    pub(crate) attached: Attached,
    pub(crate) fault: Option<Fault>,
    plugged: AtomicBool,
    /// The fault that shows only once has not shown yet.
    once: AtomicBool,
    held: Mutex<Held>,
}

/// What is on a device.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) claim: Option<Claimed>,
    pub(crate) identity: Option<Own>,
    /// The key that it made when it was asked for a CSR, until the certificate comes.
    pub(crate) key: Option<SecretString>,
}

/// A claim on a device.
#[derive(Clone)]
pub(crate) struct Claimed {
    pub(crate) files: Vec<File>,
    pub(crate) over: Instant,
    /// Of its files, as they should be.
    pub(crate) whole: bool,
}

/// An identity on a device.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) files: Vec<File>,
    pub(crate) identity: Identity,
}

impl Own {
    pub(crate) fn new(identity: Identity) -> Result<Self, Failure> {
        let files = contents(&Bundle::Identity(identity.clone()))?;
        Ok(Self { files, identity })
    }
}

impl Held {
    pub(crate) fn files(&self, kind: Kind) -> &[File] {
        match kind {
            Kind::Claim => self.claim.as_ref().map(|claim| claim.files.as_slice()),
            Kind::Identity => self.identity.as_ref().map(|own| own.files.as_slice()),
        }
        .unwrap_or_default()
    }
}

impl Device {
    pub(crate) fn new(attached: Attached, fault: Option<Fault>) -> Self {
        let (plugged, once) = (AtomicBool::new(true), AtomicBool::new(true));
        Self { attached, fault, plugged, once, held: Mutex::default() }
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        held(&self.held)
    }

    pub(crate) fn is_plugged(&self) -> bool {
        self.plugged.load(Ordering::Acquire)
    }

    /// True if that is a change.
    pub(crate) fn set_plugged(&self, plugged: bool) -> bool {
        self.plugged.swap(plugged, Ordering::AcqRel) != plugged
    }

    /// Does this fault show now? One that shows only once is over with that.
    pub(crate) fn shows(&self, fault: Fault) -> bool {
        match fault {
            _ if self.fault != Some(fault) => false,
            Fault::BadCable | Fault::LoosePlug => self.once.swap(false, Ordering::AcqRel),
            _ => true,
        }
    }

    pub(crate) fn view(&self) -> Pretended {
        Pretended { attached: self.attached.clone(), fault: self.fault, plugged: self.is_plugged() }
    }
}
