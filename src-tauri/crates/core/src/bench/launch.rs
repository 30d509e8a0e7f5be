//! Which runs begin now.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use tokio::time::Instant;

use super::device::Device;
use super::row::{Row, RowState};
use super::{Bench, Idle, Mode, Settings};
use crate::Step;

/// A run that is to begin now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Launch {
    pub row: u32,
    pub run: String,
    pub serial_number: String,
    pub parameters: BTreeMap<String, String>,
    pub target: String,
    pub driver: Option<String>,
    /// Where the driver is not the bench's own, only `user` is left of the bench's; whether somebody logs in there at all
    /// is for whoever knows the driver.
    pub driver_settings: BTreeMap<String, String>,
    pub replace: bool,
    pub wait: bool,
}

/// The setting that names who logs in on a device.
const USER: &str = "user";

/// No more runs than this wait for their devices at a time: each is looked at often enough.
const MOST_UNDER_WAY: usize = 64;

impl Bench {
    /// The targets whose runs may begin now, as many as there are places; who waits longest is first.
    pub fn ready(&self, now: Instant) -> Vec<String> {
        if self.paused.is_some() || self.closed {
            return vec![];
        }
        let written = self.rows.iter().filter(|row| row.is_written()).count();
        let under_way = self.rows.iter().filter(|row| row.is_running()).count();
        let places = usize::try_from(self.settings.at_once).unwrap_or(1).saturating_sub(written);
        let waits = |device: &&Device| {
            let row = device.row.and_then(|id| self.row(id));
            device.starts <= now && row.is_some_and(Row::is_assigned)
        };
        let mut ready: Vec<_> = self.devices.values().filter(waits).collect();
        ready.sort_by(|a, b| (a.starts, &a.plugged.target).cmp(&(b.starts, &b.plugged.target)));
        let ready = ready.into_iter().take(places.min(MOST_UNDER_WAY.saturating_sub(under_way)));
        ready.map(|device| device.plugged.target.clone()).collect()
    }

    /// Somebody else uses these targets: their rows wait, and nothing happens to them by itself.
    pub fn leave(&mut self, in_use: &BTreeSet<String>) {
        let theirs = |device: &&Device| in_use.contains(&device.plugged.target);
        let rows: Vec<u32> = self.devices.values().filter(theirs).filter_map(|device| device.row).collect();
        for id in rows {
            let Some(RowState::Assigned { picked, .. }) = self.row(id).map(|row| row.state.clone()) else { continue };
            self.let_go(id, Idle::InUse);
            // It was not the device that the scan was for.
            if !picked && self.armed && self.settings.mode == Mode::ScanThenPlug && self.expecting.is_none() {
                self.expecting = Some(id);
            }
        }
    }

    /// Begins the runs at these targets, those of [`Bench::ready`]. They count as running from here on.
    pub fn launch(&mut self, ready: &[String], at: OffsetDateTime, mut new_run: impl FnMut() -> String) -> Vec<Launch> {
        if self.paused.is_some() || self.closed {
            return vec![];
        }
        ready.iter().filter_map(|target| self.begin(target, at, &mut new_run)).collect()
    }

    fn begin(&mut self, target: &str, at: OffsetDateTime, new_run: impl FnOnce() -> String) -> Option<Launch> {
        // Looked at first: what does not begin has not changed, and is not written again.
        let waits = |device: &&Device| device.row.and_then(|id| self.row(id)).is_some_and(Row::is_assigned);
        let here = |device: &&Device| device.plugged.target == target;
        let device = self.devices.values().filter(here).find(waits)?.clone();
        let id = device.row?;
        let replace = self.may_replace(id, &device);
        let Settings { driver: usual, mut driver_settings, wait, .. } = self.settings.clone();
        let row = self.change(id)?;
        let run = new_run();
        row.state = RowState::Running { step: Step::Target, since: at, throttled: false };
        row.run = Some(run.clone());
        row.attempts += 1;
        (row.started, row.ended) = (Some(at), None);
        (row.certificate_id, row.device_certificate_id, row.release) = (None, None, None);
        if row.driver.is_some() && row.driver != usual {
            // They are the usual driver's, and another one would refuse them. Who logs in is said once for all devices.
            driver_settings.retain(|key, _| key == USER);
        }
        Some(Launch {
            row: id,
            run,
            serial_number: row.serial_number.clone(),
            parameters: row.parameters.clone(),
            target: device.plugged.target,
            driver_settings,
            driver: row.driver.clone().or(usual).or(device.plugged.driver),
            replace,
            wait,
        })
    }

    /// Takes the operator's consent, which holds for the one device that it was given for.
    fn may_replace(&mut self, id: u32, device: &Device) -> bool {
        let meant = self.replacing.remove(&id).is_some_and(|meant| meant == device.plugged.known_by());
        meant && !self.has_twin(device)
    }

    /// A row waits for its turn on this target, or its run is not over yet.
    pub(super) fn busy_with(&self, target: &str) -> bool {
        let under_way = |row: &Row| row.is_running() || row.is_assigned();
        let named = |row: &Row| row.target.as_deref() == Some(target);
        // A drive that was mounted meanwhile has another path than its row says.
        let here = self.devices.values().any(|device| device.row.is_some() && device.plugged.target == target);
        here || self.rows.iter().any(|row| under_way(row) && named(row))
    }
}
