//! A run: what is asked for, and what happens.

use std::collections::BTreeMap;

use fieldkey_core::{Event, FailureView, Job, Outcome, Provisioned, Status, Step, Why};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct ProvisionRequest {
    pub(crate) serial_number: String,
    #[serde(flatten)]
    #[ts(flatten)]
    pub(crate) device: DeviceInHand,
    pub(crate) replace: bool,
}

/// The device in hand, and how to talk to it.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct DeviceInHand {
    pub(crate) target: String,
    /// `null`: the site's layout of drives; for a serial port, whichever answers.
    pub(crate) driver: Option<String>,
    /// The driver's, by the names that stand behind a target's `?`. No password is among them.
    pub(crate) driver_settings: BTreeMap<String, String>,
}

impl DeviceInHand {
    /// Who logs in on the device.
    pub(crate) fn user(&self) -> Option<&str> {
        self.driver_settings.get("user").map(String::as_str)
    }
}

/// A run's event. The order is promised by core. The result is that of the job that was asked for.
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
        #[ts(as = "Provisioned")]
        result: Outcome,
        /// Why the journal does not hold it all.
        unrecorded: Option<Why>,
    },
    Failed {
        run: String,
        failure: FailureView,
        /// Why the journal does not hold it all.
        unrecorded: Option<Why>,
    },
}

impl RunEvent {
    pub(crate) fn new(event: &Event, unrecorded: Option<&Why>) -> Self {
        let unrecorded = unrecorded.cloned();
        match event.clone() {
            Event::Started { run, job } => Self::Started { run, job },
            Event::Step { step, status, detail, ms } => Self::Step { step, status, detail, ms },
            Event::Finished { run, result } => Self::Finished { run, result, unrecorded },
            Event::Failed { run, failure } => Self::Failed { run, failure: failure.view(), unrecorded },
        }
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::{Code, Failure};

    use super::*;

    #[test]
    fn the_last_event_says_why_the_journal_does_not_hold_the_run() {
        let event = Event::Failed { run: "r1".into(), failure: Failure::new(Code::Offline) };
        let full = Why::new("there is no room left", "空き容量がありません");
        let told = RunEvent::new(&event, Some(&full));
        assert!(matches!(told, RunEvent::Failed { unrecorded: Some(why), .. } if why == full));
    }
}
