//! One device of a batch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ts_rs::TS;

use crate::{Code, FailureView, Release, Step};

/// One serial number, and how far its device is. Holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchRow")]
pub struct Row {
    /// Its number within the batch: the first row is 1.
    pub id: u32,
    pub serial_number: String,
    pub thing_name: String,
    /// Instead of the bench's driver.
    pub driver: Option<String>,
    /// Further parameters of the template.
    pub parameters: BTreeMap<String, String>,
    pub state: RowState,
    /// Where its credentials go, or went: `drive:/media/x`.
    pub target: Option<String>,
    /// What a person calls the target.
    pub label: Option<String>,
    /// `1209:0001:SN-0042`, if the device can be told from its twin.
    pub device: Option<String>,
    /// The last run's ID in the journal.
    pub run: Option<String>,
    /// The last claim's.
    pub certificate_id: Option<String>,
    /// What the device registered itself with.
    pub device_certificate_id: Option<String>,
    /// How the target was let go.
    pub release: Option<Release>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[ts(type = "string | null")]
    pub started: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[ts(type = "string | null")]
    pub ended: Option<OffsetDateTime>,
    pub attempts: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export, rename = "BenchRowState")]
pub enum RowState {
    /// For its device.
    Waiting,
    /// Its device is here; the run has not begun.
    Assigned {
        /// By the operator's own hand.
        picked: bool,
        /// How long it was shown before it starts, counted from when it was assigned.
        starts_in_ms: u32,
    },
    Running {
        step: Step,
        #[serde(with = "time::serde::rfc3339")]
        #[ts(type = "string")]
        since: OffsetDateTime,
        /// AWS asked for patience.
        throttled: bool,
    },
    /// Read back and compared; registered too, where somebody waited for it.
    Done {
        registered: Option<bool>,
    },
    Failed {
        failure: FailureView,
        /// The same again may work.
        retryable: bool,
    },
    /// Nobody knows how it would have ended.
    Interrupted {
        step: Option<Step>,
        by: By,
    },
    Skipped,
}

/// What cut a run off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "BenchInterruption")]
pub enum By {
    Operator,
    /// The program ended in the middle.
    Crash,
}

impl Row {
    pub(super) fn new(id: u32, serial: &crate::SerialNumber) -> Self {
        Self {
            id,
            serial_number: serial.as_str().to_owned(),
            thing_name: serial.thing_name().to_owned(),
            driver: None,
            parameters: BTreeMap::new(),
            state: RowState::Waiting,
            target: None,
            label: None,
            device: None,
            run: None,
            certificate_id: None,
            device_certificate_id: None,
            release: None,
            started: None,
            ended: None,
            attempts: 0,
        }
    }

    /// Its device is here; the run has not begun.
    pub(super) fn is_assigned(&self) -> bool {
        matches!(self.state, RowState::Assigned { .. })
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, RowState::Running { .. })
    }

    /// Its device is being written. A run that only waits for the registration leaves its place to the next.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.state, RowState::Running { step, .. } if step != Step::Register)
    }
}

/// May the same again work, with nothing changed but the moment and the plug?
pub(super) fn retryable(code: Code) -> bool {
    !matches!(
        code,
        Code::Usage
            | Code::SiteInvalid
            | Code::SerialNumberInvalid
            | Code::NotOffered
            | Code::RecipeInvalid
            | Code::NotAllowed
            | Code::TemplateNotFound
            | Code::IdentityPoolNotFound
            | Code::TargetReadOnly
            | Code::TargetDamaged
            | Code::TargetPermission
            | Code::TargetRefused
            | Code::IdentityPresent
            | Code::DeviceRejected
    )
}

/// Does it hit every row alike? Then the others need not run into it.
pub(super) fn is_for_all(code: Code) -> bool {
    matches!(
        code,
        Code::SiteInvalid
            | Code::NotAllowed
            | Code::TemplateNotFound
            | Code::IdentityPoolNotFound
            | Code::Offline
            | Code::TlsUntrusted
            | Code::ClockSkew
            // One login for all of them.
            | Code::DeviceLogin
    )
}

/// The operator has to sign in; after that the same call works.
pub(super) fn is_session_over(code: Code) -> bool {
    matches!(code, Code::SignInRequired | Code::SessionExpired)
}
