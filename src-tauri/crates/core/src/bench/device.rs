//! What is plugged in, as the bench sees it.

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use ts_rs::TS;

use crate::Code;

/// A target that is attached now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plugged {
    /// `drive:/media/x`
    pub target: String,
    pub kind: TargetKind,
    pub label: Option<String>,
    /// The USB device's own.
    pub serial_number: Option<String>,
    /// The same wherever it is plugged in; `None` if it cannot be told from its twin.
    pub identity: Option<String>,
    /// The driver that fits it, if that is known.
    pub driver: Option<String>,
    /// Why nothing can be written to it.
    pub refused: Option<Code>,
}

impl Plugged {
    /// What it is known by: its identity, or without one the place where it is.
    pub(super) fn known_by(&self) -> &str {
        self.identity.as_deref().unwrap_or(&self.target)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "BenchTargetKind")]
pub enum TargetKind {
    Drive,
    Serial,
}

/// Why nothing happens to a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "BenchIdle")]
pub enum Idle {
    NotArmed,
    /// It was there when the bench was armed: only the operator knows whose it is.
    BeforeArming,
    /// It was just plugged in; another one may follow it.
    Settling,
    /// No serial number was scanned for it.
    NotScanned,
    /// Several came at once for one serial number.
    Ambiguous,
    /// Another device here says it is the same one.
    SameIdentity,
    /// It has no USB serial number to find its row by.
    NoSerialNumber,
    /// No row has its serial number.
    NotInBatch,
    /// Every row has its device.
    NoRowLeft,
    /// It cannot be told from its twin, so it may be one that is done.
    NoIdentity,
    DoneAlready,
    /// Its row failed, was interrupted or skipped.
    NeedsAsking,
    /// Its run goes on without it.
    UnderWay,
    /// Taken from its row before it began.
    Stopped,
    /// Another job of this program has it.
    InUse,
    /// Nothing can be written to it.
    Unusable,
}

/// A device on the bench.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) plugged: Plugged,
    pub(super) since: Instant,
    /// Its row, while it is assigned or written.
    pub(super) row: Option<u32>,
    /// The row that was expected when it came: later scans are for those that come later.
    pub(super) meant_for: Option<u32>,
    /// The row that it had last, in this plugging.
    pub(super) had: Option<u32>,
    /// When its run may begin.
    pub(super) starts: Instant,
    pub(super) idle: Idle,
    /// It stays as it is until it is plugged in anew or picked.
    pub(super) put_aside: Option<Idle>,
}

impl Device {
    pub(super) fn new(plugged: Plugged, now: Instant) -> Self {
        let idle = Idle::Settling;
        Self { plugged, since: now, row: None, meant_for: None, had: None, starts: now, idle, put_aside: None }
    }

    pub(super) fn put_aside(&mut self, why: Idle) {
        self.put_aside = Some(why);
        self.idle = why;
    }

    pub(super) fn serial_number(&self) -> Option<&str> {
        self.plugged.serial_number.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}
