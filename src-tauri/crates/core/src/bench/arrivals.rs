//! What is plugged in and pulled out, however its plug bounces.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::device::{Device, Idle, Plugged};
use super::row::{Row, RowState};
use super::{Bench, Mode};

impl Bench {
    /// Takes what is attached now.
    pub fn attached(&mut self, plugged: Vec<Plugged>, now: Instant) {
        self.plugged.clone_from(&plugged);
        let mut before = std::mem::take(&mut self.devices);
        let kind = self.settings.kind;
        let mut by_identity: BTreeMap<String, Vec<Plugged>> = BTreeMap::new();
        for plugged in plugged.into_iter().filter(|plugged| plugged.kind == kind) {
            let key = plugged.known_by().to_owned();
            by_identity.entry(key).or_default().push(plugged);
        }
        for (key, group) in by_identity {
            let twins = group.len() > 1;
            for plugged in group {
                self.keep(&key, plugged, twins, &mut before, now);
            }
        }
        for gone in before.into_values() {
            self.unplugged(&gone);
        }
        self.changed.head = true;
        self.settle(now);
    }

    /// Puts a device where it was, or where it is new.
    fn keep(&mut self, key: &str, plugged: Plugged, twins: bool, before: &mut BTreeMap<String, Device>, now: Instant) {
        let same_place = |device: &Device| device.plugged.target == plugged.target;
        let own = before.iter().find(|(_, d)| same_place(d) && d.plugged.identity == plugged.identity);
        let own = own.map(|(key, _)| key.clone());
        // A drive that was mounted has another path, and is the same device all the same.
        let own = own.or_else(|| (!twins && before.contains_key(key)).then(|| key.to_owned()));
        let mut device = match own.and_then(|own| before.remove(&own)) {
            Some(device) => Device { plugged, ..device },
            None => self.came(Device::new(plugged, now)),
        };
        // One whose run is under way is not disturbed by the other.
        if twins && device.row.is_none() {
            device.put_aside(Idle::SameIdentity);
        }
        let key = if twins { format!("{key} {}", device.plugged.target) } else { key.to_owned() };
        self.devices.insert(key, device);
    }

    /// A new device is meant by the scan before it, whatever is scanned while it settles.
    fn came(&self, device: Device) -> Device {
        let scans = self.armed && self.settings.mode == Mode::ScanThenPlug;
        let meant_for = self.expecting.filter(|_| scans && self.is_new(&device));
        Device { meant_for, ..device }
    }

    fn unplugged(&mut self, gone: &Device) {
        self.replacing.retain(|_, meant| meant != gone.plugged.known_by());
        if let Some(id) = gone.meant_for.filter(|_| gone.row.is_none() && gone.put_aside.is_none()) {
            self.pulled_while_settling(id, gone);
        }
        let Some(id) = gone.row else { return };
        if !self.row(id).is_some_and(Row::is_assigned) {
            return;
        }
        if let Some(row) = self.change(id) {
            row.state = RowState::Waiting;
            (row.target, row.label) = (None, None);
        }
        if self.armed && self.settings.mode == Mode::ScanThenPlug && self.expecting.is_none() {
            self.expecting = Some(id);
        }
    }

    /// Its plug may only have bounced: it must not come back as that of the serial number scanned since.
    fn pulled_while_settling(&mut self, id: u32, gone: &Device) {
        if self.expecting == Some(id) || self.row(id).is_none_or(|row| row.state != RowState::Waiting) {
            return;
        }
        match (self.expecting, &gone.plugged.identity) {
            (None, _) => self.expecting = Some(id),
            (Some(_), Some(identity)) => {
                if let Some(row) = self.change(id) {
                    row.device = Some(identity.clone());
                }
            }
            // Nobody could tell it from the next one, so neither is expected until it is scanned again.
            (Some(_), None) => self.expecting = None,
        }
    }
}
