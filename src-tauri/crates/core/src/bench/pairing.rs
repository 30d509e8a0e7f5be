//! Which device belongs to which row. What cannot be known is left to the operator.

use std::time::Duration;

use tokio::time::Instant;

use super::device::{Device, Idle};
use super::row::{Row, RowState};
use super::{Bench, Mode};

/// So long a new device is watched before it is anybody's: a second one may follow it, and a drive is mounted.
const SETTLES: Duration = Duration::from_millis(1_500);

/// So long a device that got its row by its turn alone is shown before it starts.
const SHOWN: Duration = Duration::from_secs(4);

impl Bench {
    /// Decides about every device that has no row.
    pub fn settle(&mut self, now: Instant) {
        let mut free: Vec<(String, Instant)> =
            self.devices.iter().filter(|(_, d)| d.row.is_none()).map(|(key, d)| (key.clone(), d.since)).collect();
        free.sort_by_key(|(_, since)| *since);
        for (key, _) in free {
            match self.decide(&key, now) {
                Ok(row) => {
                    let starts = if self.settings.mode == Mode::InOrder { now + SHOWN } else { now };
                    self.assign(row, &key, false, starts);
                }
                Err(idle) => {
                    let Some(device) = self.devices.get_mut(&key) else { continue };
                    self.changed.head |= device.idle != idle;
                    device.idle = idle;
                    if matches!(idle, Idle::NotScanned | Idle::Ambiguous) {
                        device.put_aside = Some(idle);
                    }
                }
            }
        }
    }

    /// When [`Bench::settle`] or [`Bench::launch`] may have something to do again.
    pub fn next(&self, now: Instant) -> Option<Instant> {
        let settling = self.devices.values().filter(|device| device.idle == Idle::Settling && device.row.is_none());
        let settling = settling.map(|device| device.since + SETTLES);
        let starting = self.devices.values().filter(|device| device.row.is_some()).map(|device| device.starts);
        settling.chain(starting).filter(|at| *at > now).min()
    }

    fn decide(&self, key: &str, now: Instant) -> Result<u32, Idle> {
        let device = self.devices.get(key).ok_or(Idle::Unusable)?;
        let mine = self.remembered(device);
        if let Some(row) = mine {
            match row.state {
                RowState::Done { .. } => return Err(Idle::DoneAlready),
                RowState::Running { .. } | RowState::Assigned { .. } => return Err(Idle::UnderWay),
                RowState::Failed { .. } | RowState::Interrupted { .. } | RowState::Skipped => {
                    return Err(Idle::NeedsAsking);
                }
                RowState::Waiting => {}
            }
        }
        if let Some(why) = device.put_aside {
            return Err(why);
        }
        if device.plugged.refused.is_some() {
            return Err(Idle::Unusable);
        }
        if !self.armed {
            return Err(Idle::NotArmed);
        }
        if device.since + SETTLES > now {
            return Err(Idle::Settling);
        }
        match (mine, self.settings.mode) {
            // It was this row's before, and the operator wants it done again.
            (Some(row), _) => Ok(row.id),
            (None, Mode::ScanThenPlug) => self.scanned_for(device),
            (None, Mode::ByDeviceSerial) => self.by_serial_number(device),
            (None, Mode::InOrder) => self.next_in_order(device),
        }
    }

    fn scanned_for(&self, device: &Device) -> Result<u32, Idle> {
        let waits = |id: &u32| self.row(*id).is_some_and(|row| row.state == RowState::Waiting);
        let Some(row) = device.meant_for.filter(waits) else { return Err(Idle::NotScanned) };
        let same = |other: &Device| other.meant_for == Some(row) && other.plugged.target != device.plugged.target;
        let rival = |other: &&Device| self.is_new(other) && same(other);
        if self.devices.values().any(|other| rival(&other)) {
            return Err(Idle::Ambiguous);
        }
        Ok(row)
    }

    fn by_serial_number(&self, device: &Device) -> Result<u32, Idle> {
        let text = device.serial_number().ok_or(Idle::NoSerialNumber)?;
        let row = self.row_of(text).and_then(|id| self.row(id)).ok_or(Idle::NotInBatch)?;
        let rival =
            |other: &&Device| other.serial_number() == Some(text) && other.plugged.target != device.plugged.target;
        if self.devices.values().any(|other| rival(&other)) {
            return Err(Idle::SameIdentity);
        }
        match row.state {
            RowState::Waiting => Ok(row.id),
            RowState::Running { .. } | RowState::Assigned { .. } => Err(Idle::UnderWay),
            RowState::Done { .. } => Err(Idle::DoneAlready),
            RowState::Failed { .. } | RowState::Interrupted { .. } | RowState::Skipped => Err(Idle::NeedsAsking),
        }
    }

    fn next_in_order(&self, device: &Device) -> Result<u32, Idle> {
        if device.plugged.identity.is_none() {
            return Err(Idle::NoIdentity);
        }
        // A row that a device belongs to already waits for that one.
        let free = |row: &&Row| row.state == RowState::Waiting && row.device.is_none();
        self.rows.iter().find(free).map(|row| row.id).ok_or(Idle::NoRowLeft)
    }

    /// The row that had this very device last.
    pub(super) fn remembered(&self, device: &Device) -> Option<&Row> {
        match (&device.plugged.identity, device.had) {
            (Some(identity), _) => {
                let had = self.rows.iter().filter(|row| row.device.as_ref() == Some(identity));
                had.max_by_key(|row| row.started)
            }
            (None, Some(row)) => self.row(row),
            (None, None) => None,
        }
    }

    /// A device that could be meant by a scan.
    pub(super) fn is_new(&self, device: &Device) -> bool {
        let free = device.row.is_none() && device.plugged.refused.is_none();
        free && device.put_aside.is_none_or(|why| why == Idle::Ambiguous) && self.remembered(device).is_none()
    }

    /// Another device here says it is the same one.
    pub(super) fn has_twin(&self, device: &Device) -> bool {
        let Some(identity) = &device.plugged.identity else { return false };
        self.devices.values().filter(|other| other.plugged.identity.as_ref() == Some(identity)).count() > 1
    }

    pub(super) fn assign(&mut self, id: u32, key: &str, picked: bool, starts: Instant) {
        let Some(device) = self.devices.get_mut(key) else { return };
        (device.row, device.starts, device.put_aside) = (Some(id), starts, None);
        let plugged = device.plugged.clone();
        let starts_in_ms = if picked || self.settings.mode != Mode::InOrder { 0 } else { SHOWN.as_millis() };
        self.take_from_others(id, plugged.identity.as_deref());
        let Some(row) = self.change(id) else { return };
        row.state = RowState::Assigned { picked, starts_in_ms: u32::try_from(starts_in_ms).unwrap_or(u32::MAX) };
        (row.target, row.label, row.device) = (Some(plugged.target), plugged.label, plugged.identity);
        if self.expecting == Some(id) {
            self.expecting = None;
        }
        self.changed.head = true;
    }

    /// A row that did not finish with this device has no claim on it any more.
    fn take_from_others(&mut self, id: u32, identity: Option<&str>) {
        let unfinished = |row: &&Row| row.id != id && !matches!(row.state, RowState::Done { .. });
        let others = self.rows.iter().filter(unfinished);
        let others = others.filter(|row| identity.is_some() && row.device.as_deref() == identity);
        for other in others.map(|row| row.id).collect::<Vec<_>>() {
            if let Some(row) = self.change(other) {
                row.device = None;
            }
        }
    }
}
