//! How far a look through the journal is, and whether anybody still wants it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use serde::Serialize;
use ts_rs::TS;

/// A look through the journal, as seen from another thread.
#[derive(Debug, Default)]
pub struct Checking {
    stopped: AtomicBool,
    /// All entries that there are, and the last one that was looked at.
    all: AtomicI64,
    pub(crate) entry: AtomicI64,
    /// The same of the index, whose blocks are looked through beside that.
    blocks: AtomicI64,
    pub(crate) done: AtomicI64,
}

/// So many entries of so many were looked at, and what they are found by.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[ts(export, rename = "JournalLooked")]
pub struct Looked {
    #[ts(type = "number")]
    pub entries: i64,
    #[ts(type = "number")]
    pub of: i64,
}

impl Checking {
    /// The look ends where it is.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// `None` before it is known how many entries there are.
    pub fn looked(&self) -> Option<Looked> {
        let of = self.all.load(Ordering::Relaxed);
        // Both are looked through at once, and the slower one says how far it is.
        let by_index = match self.blocks.load(Ordering::Relaxed) {
            0 => of,
            blocks => of * self.done.load(Ordering::Relaxed) / blocks,
        };
        let entries = self.entry.load(Ordering::Relaxed).min(by_index).min(of);
        (of > 0).then_some(Looked { entries, of })
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self, all: i64, blocks: i64) {
        self.blocks.store(blocks, Ordering::Relaxed);
        self.all.store(all, Ordering::Relaxed);
    }

    pub(crate) fn entry(&self, seq: i64) {
        self.entry.store(seq, Ordering::Relaxed);
    }

    pub(crate) fn block(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}
