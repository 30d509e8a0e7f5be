//! A serial number comes from the scanner.

use serde::Serialize;
use tokio::time::Instant;
use ts_rs::TS;

use super::device::Device;
use super::row::RowState;
use super::{Bench, MOST_ROWS, Mode};
use crate::{Code, Failure, SerialNumber, Site, Why};

/// What a scan came to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchScanned")]
pub struct Scanned {
    pub row: u32,
    /// The batch did not have it yet.
    pub added: bool,
    pub now: AfterScan,
}

/// What happens to the scanned row now.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "BenchAfterScan")]
pub enum AfterScan {
    /// The next new device is its.
    Expecting,
    /// The next new device is its, and no longer that of the row scanned before it, for which none came.
    ExpectingInstead,
    /// Its device is here already, and it starts.
    Starting,
    /// It waits in the batch.
    Listed,
    UnderWay,
    /// It is done, and is not done again unless asked.
    Done,
}

impl Bench {
    /// Adds the serial number or finds its row, which then expects the next new device.
    ///
    /// # Errors
    /// `serial-number-invalid`; `usage` when the batch is full.
    pub fn scan(&mut self, text: &str, site: &Site, now: Instant) -> Result<Scanned, Failure> {
        let serial = SerialNumber::parse(text, site)?;
        let known = self.row_of(serial.as_str());
        let row = match known {
            Some(row) => row,
            None if self.rows.len() >= MOST_ROWS => {
                let why = Why::new("the batch is full", "バッチに追加できる件数の上限です");
                return Err(Failure::new(Code::Usage).about(serial.as_str()).because_of(why));
            }
            None => self.push(&serial).id,
        };
        Ok(Scanned { row, added: known.is_none(), now: self.scanned(row, now) })
    }

    fn scanned(&mut self, id: u32, now: Instant) -> AfterScan {
        match self.row(id).map(|row| &row.state) {
            Some(RowState::Running { .. } | RowState::Assigned { .. }) => return AfterScan::UnderWay,
            Some(RowState::Done { .. }) => return AfterScan::Done,
            Some(RowState::Failed { .. } | RowState::Interrupted { .. } | RowState::Skipped) if self.armed => {
                self.retry(&[id], false, now);
            }
            _ => {}
        }
        if self.row(id).is_some_and(|row| matches!(row.state, RowState::Assigned { .. })) {
            return AfterScan::Starting;
        }
        if !self.armed || self.settings.mode != Mode::ScanThenPlug {
            return AfterScan::Listed;
        }
        if self.has_come_for(id) {
            return AfterScan::Starting;
        }
        let before = self.expecting.replace(id).filter(|before| *before != id && !self.has_come_for(*before));
        self.changed.head = true;
        if before.is_some() { AfterScan::ExpectingInstead } else { AfterScan::Expecting }
    }

    /// The device that the scan meant settles.
    fn has_come_for(&self, id: u32) -> bool {
        let settles = |device: &Device| device.row.is_none() && device.put_aside.is_none();
        self.devices.values().any(|device| device.meant_for == Some(id) && settles(device))
    }
}
