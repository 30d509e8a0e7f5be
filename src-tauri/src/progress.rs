//! A run's events, on their way to the page: one channel per run.

use fieldkey_core::{Event, Progress};
use fieldkey_journal::SqliteJournal;
use tauri::ipc::Channel;

use crate::record::Record;
use crate::views::RunEvent;

pub(crate) struct ToPage<'a> {
    pub(crate) channel: Channel<RunEvent>,
    pub(crate) record: &'a Record<'a, SqliteJournal>,
}

impl Progress for ToPage<'_> {
    fn event(&self, event: &Event) {
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
