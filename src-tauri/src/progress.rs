//! A run's events, on their way to the page: one channel per run.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use fieldkey_core::{Code, Event, Progress};
use fieldkey_journal::SqliteJournal;
use tauri::ipc::Channel;

use crate::record::Record;
use crate::views::RunEvent;

pub(crate) struct ToPage<'a> {
    channel: Channel<RunEvent>,
    record: &'a Record<'a, SqliteJournal>,
    said: AtomicBool,
    failed: OnceLock<Code>,
}

impl<'a> ToPage<'a> {
    pub(crate) fn new(channel: Channel<RunEvent>, record: &'a Record<'a, SqliteJournal>) -> Self {
        Self { channel, record, said: AtomicBool::new(false), failed: OnceLock::new() }
    }

    /// Has the page heard anything of this run?
    pub(crate) fn has_said(&self) -> bool {
        self.said.load(Ordering::Relaxed)
    }

    /// Why the run failed, if it did.
    pub(crate) fn failed(&self) -> Option<Code> {
        self.failed.get().copied()
    }
}

impl Progress for ToPage<'_> {
    fn event(&self, event: &Event) {
        self.said.store(true, Ordering::Relaxed);
        if let Event::Failed { failure, .. } = event {
            let _ = self.failed.set(failure.code);
        }
        if let Err(error) = self.channel.send(RunEvent::new(event, self.record.why_not())) {
            tracing::warn!(%error, "the page did not take an event");
        }
    }
}

/// For jobs whose answer is all that the page waits for.
pub(crate) struct Unseen;

impl Progress for Unseen {
    fn event(&self, _: &Event) {}
}
