//! A run: what is asked for, and what happens.

use fieldkey_core::{Event, FailureView, Job, Provisioned, Status, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct ProvisionRequest {
    pub(crate) serial_number: String,
    pub(crate) target: String,
    pub(crate) replace: bool,
}

/// A run's event. The order is promised by core.
#[derive(Clone, Serialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum RunEvent {
    Started {
        run: String,
        job: Job,
    },
    Step {
        step: Step,
        status: Status,
        detail: Map<String, Value>,
        #[ts(type = "number | null")]
        ms: Option<u64>,
    },
    Finished {
        run: String,
        result: Provisioned,
    },
    Failed {
        run: String,
        failure: FailureView,
    },
}

impl From<&Event> for RunEvent {
    fn from(event: &Event) -> Self {
        match event.clone() {
            Event::Started { run, job } => Self::Started { run, job },
            Event::Step { step, status, detail, ms } => Self::Step { step, status, detail, ms },
            Event::Finished { run, result } => Self::Finished { run, result },
            Event::Failed { run, failure } => Self::Failed { run, failure: failure.view() },
        }
    }
}
