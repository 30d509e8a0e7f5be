//! A driver and a simulated device on one bench.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fieldkey_core::{Bundle, Failure};
use fieldkey_simulators::{Device, Faults, Out, Simulated};

use super::{Driver, Slots, Store};
use crate::layout::real::real_identity;
use crate::layout::{Content, Layout, Part};
use crate::serial::{Line, SimulatedWire};

pub(crate) type Bench<D> = Arc<Mutex<Simulated<D>>>;

pub(crate) fn bench<D: Device>(device: D) -> Bench<D> {
    Arc::new(Mutex::new(Simulated::new(device, Faults::none())))
}

pub(crate) fn line<D: Device + 'static>(bench: &Bench<D>) -> Line {
    Line::new(Box::new(SimulatedWire(Arc::clone(bench))), "serial:simulated", Arc::default())
}

pub(crate) fn slots<D: Driver>(driver: &mut D) -> &mut dyn Slots {
    match driver.store() {
        Store::Slots(slots) => slots,
        Store::Files(_) => panic!("a key store"),
    }
}

/// What a key store has places for.
pub(crate) fn contents(bundle: &Bundle) -> Vec<Content> {
    let all = Layout::Drive.contents(bundle).expect("contents");
    all.into_iter().filter(|content| content.part != Part::Settings).collect()
}

pub(crate) fn identity(number: u8) -> Bundle {
    Bundle::Identity(real_identity(number))
}

/// Writes and verifies, as if nothing were there.
pub(crate) fn write(driver: &mut impl Driver, line: &mut Line, contents: &[Content]) -> Result<(), Failure> {
    for content in contents {
        slots(driver).write(line, content)?;
    }
    contents.iter().try_for_each(|content| slots(driver).verify(line, content))
}

/// How long so many bytes are on the wire, with one start and one stop bit.
pub(crate) fn wire_time(bytes: u64) -> Duration {
    Duration::from_nanos(bytes * 10 * 1_000_000_000 / 115_200)
}

/// Something that gives one answer to each line, whatever it is.
pub(crate) struct Says(pub(crate) &'static str);

impl Device for Says {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        if byte == b'\r' {
            out.say(self.0);
        }
    }

    fn reboot(&mut self, _: &mut Out) {}

    fn stored(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        std::collections::BTreeMap::new()
    }
}
