//! A run's events, on their way to the page: one channel per run.

use fieldkey_core::{Event, Progress};
use tauri::ipc::Channel;

use crate::views::RunEvent;

pub(crate) struct ToPage(pub(crate) Channel<RunEvent>);

impl Progress for ToPage {
    fn event(&self, event: &Event) {
        if let Err(error) = self.0.send(RunEvent::from(event)) {
            tracing::warn!(%error, "the page did not take an event");
        }
    }
}
