//! What the operator does with the batch and its rows.

use tokio::time::Instant;

use super::row::RowState;
use super::{Bench, Idle, Row, Settings};

impl Bench {
    /// Changes the set-up. Armed, a bench keeps what it was armed with: false then.
    pub fn set_up(&mut self, settings: Settings, now: Instant) -> bool {
        if self.armed {
            return false;
        }
        self.settings = Settings { at_once: settings.at_once.clamp(1, 32), ..settings };
        self.expecting = None;
        self.changed.weighty = true;
        // Devices of the other kind are on the bench now.
        let plugged = self.plugged.clone();
        self.attached(plugged, now);
        true
    }

    /// From now on a device that is plugged in is provisioned by itself. What is there already is left alone.
    pub fn arm(&mut self) {
        if std::mem::replace(&mut self.armed, true) {
            return;
        }
        for device in self.devices.values_mut().filter(|device| device.row.is_none()) {
            device.put_aside(Idle::BeforeArming);
        }
        self.recovered = false;
        self.changed.head = true;
    }

    /// Nothing new begins by itself. What is under way goes on, and so does what was picked by hand.
    pub fn disarm(&mut self) {
        self.armed = false;
        self.expecting = None;
        self.devices.values_mut().for_each(|device| device.meant_for = None);
        self.changed.head = true;
        let by_itself = |row: &&Row| matches!(row.state, RowState::Assigned { picked: false, .. });
        let let_go: Vec<u32> = self.rows.iter().filter(by_itself).map(|row| row.id).collect();
        for row in let_go {
            self.let_go(row, Idle::NotArmed);
        }
    }

    /// The operator gives a device to a row: it starts at once, armed or not.
    pub fn pick(&mut self, row: u32, target: &str, now: Instant) -> bool {
        let key = self.devices.iter().find(|(_, device)| device.plugged.target == target).map(|(key, _)| key.clone());
        let is_free = |device: &super::device::Device| device.row.is_none() && device.plugged.refused.is_none();
        let Some(key) = key.filter(|key| self.devices.get(key).is_some_and(is_free)) else { return false };
        let may = |row: &Row| !row.is_running() && !row.is_assigned();
        if !self.row(row).is_some_and(may) {
            return false;
        }
        self.assign(row, &key, true, now);
        true
    }

    /// Rows that ended, or were skipped, are done again: at once where their device is still here.
    /// `replace`: overwrite what the row's own device holds, and no other's.
    pub fn retry(&mut self, rows: &[u32], replace: bool, now: Instant) {
        for &id in rows {
            let Some(row) = self.row(id) else { continue };
            if row.is_running() || row.is_assigned() {
                continue;
            }
            let identity = row.device.clone();
            self.set(id, RowState::Waiting);
            let here = self.devices.iter().find(|(_, device)| {
                let its = self.remembered(device).is_some_and(|row| row.id == id);
                its && device.row.is_none() && device.plugged.refused.is_none() && !self.has_twin(device)
            });
            let here = here.map(|(key, device)| (key.clone(), device.plugged.known_by().to_owned()));
            match here.as_ref().map(|(_, known_by)| known_by.clone()).or(identity).filter(|_| replace) {
                Some(meant) => self.replacing.insert(id, meant),
                None => self.replacing.remove(&id),
            };
            if let Some((key, _)) = here {
                self.assign(id, &key, true, now);
            }
        }
    }

    /// Every row that failed and may work with nothing changed, and every row that was interrupted.
    pub fn retry_failed(&mut self, now: Instant) {
        let again =
            |row: &&Row| matches!(row.state, RowState::Failed { retryable: true, .. } | RowState::Interrupted { .. });
        let rows: Vec<u32> = self.rows.iter().filter(again).map(|row| row.id).collect();
        self.retry(&rows, false, now);
    }

    /// The row is left out. A run under way is stopped first, not skipped: false then.
    pub fn skip(&mut self, id: u32) -> bool {
        if self.row(id).is_none_or(Row::is_running) {
            return false;
        }
        self.let_go(id, Idle::Stopped);
        self.set(id, RowState::Skipped);
        for device in self.devices.values_mut().filter(|device| device.meant_for == Some(id)) {
            device.meant_for = None;
        }
        if self.expecting == Some(id) {
            self.expecting = None;
            self.changed.head = true;
        }
        true
    }

    /// Takes back what has not begun; of a run under way its ID, which is to be stopped, begun in earnest or not.
    pub fn stop(&mut self, id: u32) -> Option<String> {
        let row = self.row(id)?;
        if row.is_running() {
            let run = row.run.clone()?;
            self.stopped.insert(run.clone());
            return Some(run);
        }
        self.let_go(id, Idle::Stopped);
        None
    }

    /// Disarms, and stops every row.
    pub(super) fn stop_all(&mut self) {
        self.disarm();
        let rows: Vec<u32> = self.rows.iter().map(|row| row.id).collect();
        for row in rows {
            self.stop(row);
        }
    }

    /// Stops every row for good.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.stop_all();
    }

    /// A new batch. False while a run is under way.
    pub fn clear(&mut self) -> bool {
        if self.rows.iter().any(Row::is_running) {
            return false;
        }
        self.disarm();
        self.put(vec![]);
        self.replacing.clear();
        self.recovered = false;
        for device in self.devices.values_mut() {
            device.had = None;
        }
        true
    }

    /// The device of a row that has not begun waits for somebody to pick it; the row waits, too.
    pub(super) fn let_go(&mut self, id: u32, why: Idle) {
        self.replacing.remove(&id);
        if !self.row(id).is_some_and(Row::is_assigned) {
            return;
        }
        if let Some(device) = self.device_of(id) {
            device.row = None;
            device.put_aside(why);
        }
        self.changed.head = true;
        if let Some(row) = self.change(id) {
            row.state = RowState::Waiting;
            (row.target, row.label) = (None, None);
        }
    }
}
