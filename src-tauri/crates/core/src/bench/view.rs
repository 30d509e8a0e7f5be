//! What the page sees of the bench.

use serde::Serialize;
use ts_rs::TS;

use super::device::Idle;
use super::{Bench, Pause, Row, Settings};
use crate::{Code, Why};

/// What changed since the last one; the first has everything.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchChange")]
pub struct Change {
    pub head: Head,
    /// `rows` are all there are; otherwise those that are new or changed, known by `id`.
    pub whole: bool,
    pub rows: Vec<Row>,
}

/// Everything but the rows.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchHead")]
pub struct Head {
    pub settings: Settings,
    pub armed: bool,
    /// The row that waits for the next new device.
    pub expecting: Option<u32>,
    pub paused: Option<Pause>,
    /// What is attached, in the order of its names.
    pub devices: Vec<DeviceView>,
    /// The batch was under way when the program ended.
    pub recovered: bool,
    /// The password of the devices' own user is known to the program; the page has it not.
    pub has_password: bool,
    /// Where the batch lies that was kept and could not be read: another version's, or damaged.
    pub put_aside: Option<String>,
    /// Why the batch could not be saved; a crash would lose what happened since.
    pub unsaved: Option<Why>,
    /// Why the journal does not hold every run.
    pub unrecorded: Option<Why>,
}

/// A device on the bench.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchDevice")]
pub struct DeviceView {
    pub target: String,
    pub label: Option<String>,
    pub serial_number: Option<String>,
    /// The row that it belongs to now.
    pub row: Option<u32>,
    /// Why nothing happens to it; `null` while it has a row.
    pub idle: Option<Idle>,
    /// Why nothing can be written to it.
    pub refused: Option<Code>,
}

impl Bench {
    /// What changed since this was last asked; `None` if nothing did.
    pub fn take_change(&mut self) -> Option<Change> {
        let changed = std::mem::take(&mut self.changed);
        if !changed.all && !changed.head && changed.rows.is_empty() {
            return None;
        }
        let rows = match changed.all {
            true => self.rows.clone(),
            false => changed.rows.iter().filter_map(|id| self.row(*id)).cloned().collect(),
        };
        Some(Change { head: self.head(), whole: changed.all, rows })
    }

    /// Everything, for a page that begins to watch.
    pub fn whole(&self) -> Change {
        Change { head: self.head(), whole: true, rows: self.rows.clone() }
    }

    fn head(&self) -> Head {
        let mut devices: Vec<_> = self
            .devices
            .values()
            .map(|device| DeviceView {
                target: device.plugged.target.clone(),
                label: device.plugged.label.clone(),
                serial_number: device.plugged.serial_number.clone(),
                row: device.row,
                idle: device.row.is_none().then_some(device.idle),
                refused: device.plugged.refused,
            })
            .collect();
        devices.sort_by(|a, b| a.target.cmp(&b.target));
        Head {
            settings: self.settings.clone(),
            armed: self.armed,
            expecting: self.expecting,
            paused: self.paused.clone(),
            devices,
            recovered: self.recovered,
            has_password: false,
            unsaved: None,
            unrecorded: None,
            put_aside: None,
        }
    }
}
