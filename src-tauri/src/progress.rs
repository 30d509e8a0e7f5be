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
        let Some(event) = RunEvent::new(event, self.record.why_not()) else {
            tracing::error!("a job ended with another job's result");
            return;
        };
        if let Err(error) = self.channel.send(event) {
            tracing::warn!(%error, "the page did not take an event");
        }
    }
}
