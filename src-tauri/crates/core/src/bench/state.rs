//! The bench: its batch, its devices, and what is to begin.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use time::OffsetDateTime;
use ts_rs::TS;

use super::device::Device;
use super::row::{By, Row, RowState, is_for_all, is_session_over, retryable};
use super::{Plugged, Settings};
use crate::{Code, Event, Failure, FailureView, Outcome, Release, Status, Step};

/// Why nothing new begins though the bench is armed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[ts(export, rename = "BenchPause")]
pub enum Pause {
    /// The session is over. Runs under way wait where they are.
    SignIn { failure: FailureView },
    /// What failed would hit every row alike.
    Trouble { failure: FailureView },
}

/// The state of a bench; pure: time and devices come from outside, and what it decides is taken by [`Bench::launch`].
#[derive(Debug, Default)]
pub struct Bench {
    pub(super) settings: Settings,
    /// By their numbers, from 1.
    pub(super) rows: Vec<Row>,
    by_serial_number: HashMap<String, u32>,
    pub(super) armed: bool,
    /// The row that waits for the next new device.
    pub(super) expecting: Option<u32>,
    pub(super) paused: Option<Pause>,
    pub(super) devices: BTreeMap<String, Device>,
    /// All that is attached, of every kind.
    pub(super) plugged: Vec<Plugged>,
    /// Rows whose credentials are to be overwritten, as the operator said, each on the device that was meant.
    pub(super) replacing: BTreeMap<u32, String>,
    /// Runs that the operator stopped and that are not over yet.
    pub(super) stopped: BTreeSet<String>,
    /// Nothing begins any more.
    pub(super) closed: bool,
    /// The batch comes from a program that ended in the middle.
    pub(super) recovered: bool,
    pub(super) changed: Changed,
}

/// What the page and the file have not seen yet.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) rows: BTreeSet<u32>,
    /// Every row: a new batch.
    pub(super) all: bool,
    pub(super) head: bool,
    /// More than a step went on: worth a write at once.
    pub(super) weighty: bool,
}

impl Bench {
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn row(&self, id: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    pub(super) fn row_of(&self, serial_number: &str) -> Option<u32> {
        self.by_serial_number.get(serial_number).copied()
    }

    pub(super) fn put(&mut self, rows: Vec<Row>) {
        self.by_serial_number = rows.iter().map(|row| (row.serial_number.clone(), row.id)).collect();
        self.rows = rows;
        self.changed.all = true;
        self.changed.weighty = true;
    }

    pub(super) fn push(&mut self, serial: &crate::SerialNumber) -> &mut Row {
        let id = u32::try_from(self.rows.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.by_serial_number.insert(serial.as_str().to_owned(), id);
        self.rows.push(Row::new(id, serial));
        self.changed.rows.insert(id);
        self.changed.weighty = true;
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    /// The row, which the page and the file will see anew.
    pub(super) fn change(&mut self, id: u32) -> Option<&mut Row> {
        let index = usize::try_from(id).ok()?.checked_sub(1)?;
        let row = self.rows.get_mut(index)?;
        self.changed.rows.insert(id);
        self.changed.weighty = true;
        Some(row)
    }

    pub(super) fn set(&mut self, id: u32, state: RowState) {
        if let Some(row) = self.change(id) {
            row.state = state;
        }
    }

    pub(super) fn device_of(&mut self, row: u32) -> Option<&mut Device> {
        self.devices.values_mut().find(|device| device.row == Some(row))
    }

    /// Takes a run's event. One of a run that is not the row's any more changes nothing.
    pub fn event(&mut self, id: u32, run: &str, event: &Event, at: OffsetDateTime) {
        let Some(row) = self.row(id).filter(|row| row.is_running() && row.run.as_deref() == Some(run)) else { return };
        match event {
            Event::Started { .. } => {}
            Event::Step { step, status, detail, .. } => {
                let weighty = self.changed.weighty;
                let (step, status) = (*step, *status);
                let text = |key: &str| detail.get(key).and_then(|value| value.as_str()).map(str::to_owned);
                let throttled = detail.get("throttled").and_then(serde_json::Value::as_bool).unwrap_or(false);
                let release = detail.get("release").and_then(|v| serde_json::from_value::<Release>(v.clone()).ok());
                let Some(row) = self.change(id) else { return };
                match (&mut row.state, status) {
                    // AWS asks for patience again and again within one step.
                    (RowState::Running { step: now, throttled: was, .. }, Status::Running) if *now == step => {
                        *was = throttled;
                    }
                    (state, Status::Running) => *state = RowState::Running { step, since: at, throttled },
                    (_, Status::Done) => {}
                }
                match step {
                    Step::Claim => row.certificate_id = text("certificateId").or(row.certificate_id.take()),
                    Step::Register => {
                        row.device_certificate_id = text("certificateId").or(row.device_certificate_id.take());
                    }
                    _ => {}
                }
                row.release = release.or(row.release);
                // From the write on, a crash leaves something on the device that somebody must know of.
                self.changed.weighty = weighty || matches!(step, Step::Claim | Step::Write | Step::Register);
            }
            Event::Finished { result, .. } => {
                let registered = match result {
                    Outcome::Provisioned(provisioned) => provisioned.registered,
                    _ => None,
                };
                self.end(id, RowState::Done { registered }, at);
            }
            Event::Failed { failure, .. } => self.failed(id, row.state.clone(), failure, at),
        }
    }

    fn failed(&mut self, id: u32, state: RowState, failure: &Failure, at: OffsetDateTime) {
        let under_way = match state {
            RowState::Running { step, .. } => Some(step),
            _ => None,
        };
        if failure.code == Code::Interrupted {
            let step = failure.step.or(under_way);
            self.end(id, RowState::Interrupted { step, by: By::Operator }, at);
            return;
        }
        if is_for_all(failure.code) && self.paused.is_none() {
            self.paused = Some(Pause::Trouble { failure: failure.view() });
            self.changed.head = true;
        }
        let (failure, retryable) = (failure.view(), retryable(failure.code));
        self.end(id, RowState::Failed { failure, retryable }, at);
    }

    /// Whatever the run told: its task is over, and nobody touches the device any more.
    pub fn over(&mut self, id: u32, run: &str, at: OffsetDateTime) {
        let by = if self.stopped.remove(run) { By::Operator } else { By::Crash };
        let Some(row) = self.row(id).filter(|row| row.run.as_deref() == Some(run)) else { return };
        if let RowState::Running { step, .. } = row.state {
            self.end(id, RowState::Interrupted { step: Some(step), by }, at);
        }
        let Some(device) = self.device_of(id) else { return };
        device.had = device.row.take();
        self.changed.head = true;
    }

    fn end(&mut self, id: u32, state: RowState, at: OffsetDateTime) {
        if let Some(row) = self.change(id) {
            row.state = state;
            row.ended = Some(at);
        }
    }

    /// The session is over: nothing begins until [`Bench::resume`].
    pub fn signed_out(&mut self, failure: &Failure) {
        debug_assert!(is_session_over(failure.code), "anything else fails its row");
        self.paused = Some(Pause::SignIn { failure: failure.view() });
        self.changed.head = true;
    }

    /// What the page knows of everything but the rows is out of date.
    pub fn show(&mut self) {
        self.changed.head = true;
    }

    /// The operator signed in again, or did away with the trouble.
    pub fn resume(&mut self) {
        self.changed.head |= self.paused.take().is_some();
    }
}
