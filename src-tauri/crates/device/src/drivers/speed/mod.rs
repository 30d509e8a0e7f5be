//! How fast a claim gets onto each kind of device at 115200 baud, beside what others have for it: `scripts/bench-devices`.
//!
//! Ours and theirs go through a pseudo-terminal to the same counterpart, on which every byte takes its time.

mod counterparts;
mod peers;

use std::time::{Duration, Instant};

use fieldkey_core::ports::Kind;
use fieldkey_simulators::{Terminal, Traffic};

use super::{Driver, Store};
use crate::layout::real::real_claim;
use crate::layout::{Content, Layout, Part};
use crate::serial::fault_runs::put;
use crate::serial::{Connect, Line, Plugged, Serial, Setup};
use counterparts::{Counterpart, counterparts};

/// Others use this machine, too: the best of some.
const TRIES: usize = 3;

pub(crate) fn plugged(terminal: &Terminal) -> Plugged {
    Plugged::new(terminal.path.display().to_string(), Setup::default())
}

pub(crate) fn open(terminal: &Terminal) -> Line {
    Line::new(plugged(terminal).connect().expect("a port"), "serial:terminal", std::sync::Arc::default())
}

/// What one piece of work took.
pub(crate) struct Measured {
    /// All that had to get to the other side.
    payload: usize,
    to: u64,
    from: u64,
    /// For how long the wire was in use.
    wire: Duration,
    took: Duration,
}

impl Measured {
    /// From `begun` to now, or to the last byte that is still on the wire. Without `begun`, from the first byte to the
    /// last: how long a program takes to start is not the wire's affair.
    pub(crate) fn new(terminal: &Terminal, before: &Traffic, begun: Option<Instant>, payload: usize) -> Self {
        let ended = Instant::now();
        let after = terminal.traffic();
        let [to, from] = [0, 1].map(|way| after.bytes()[way] - before.bytes()[way]);
        let wire = after.busy() - before.busy();
        let (first, last) = after.since(before).expect("something passed");
        let took = begun.map_or(last - first, |begun| ended.max(last) - begun);
        Self { payload, to, from, wire, took }
    }

    pub(crate) fn ratio(&self) -> f64 {
        (self.to + self.from) as f64 / self.payload as f64
    }

    pub(crate) fn slower(&self) -> f64 {
        self.took.div_duration_f64(self.wire)
    }

    fn row(&self, who: &str) {
        let Self { payload, to, from, wire, took } = self;
        let [wire, took] = [wire, took].map(|time| time.as_secs_f64() * 1e3);
        let (ratio, slower) = (self.ratio(), self.slower());
        eprintln!("  {who:<38} {payload:>7} {to:>6} {from:>6} {ratio:>6.2} {wire:>7.0} {took:>7.0} {slower:>6.2}");
    }
}

fn best(mut measure: impl FnMut() -> Measured) -> Measured {
    let each = (0..TRIES).map(|_| measure());
    each.min_by(|one, other| one.slower().total_cmp(&other.slower())).expect("some")
}

/// Each file or place written, and proved by the device's digest, or by reading it back where it has none.
fn written(counterpart: &Counterpart) -> Measured {
    let mut line = open(&counterpart.terminal);
    let mut driver = (counterpart.driver)();
    driver.greet(&mut line).expect("greeted");
    if let Store::Files(files) = driver.store() {
        files.list(&mut line).expect("listed");
    }
    let (begun, before) = (Instant::now(), counterpart.terminal.traffic());
    let payload = write(&mut *driver, &mut line, &counterpart.contents());
    let payload = if counterpart.reads_back { 2 * payload } else { payload };
    let measured = Measured::new(&counterpart.terminal, &before, Some(begun), payload);
    driver.leave(&mut line);
    measured
}

fn write(driver: &mut dyn Driver, line: &mut Line, contents: &[Content]) -> usize {
    let mut payload = 0;
    for content in contents {
        match driver.store() {
            Store::Files(files) => {
                files.write(line, &content.name, &content.bytes).expect("written");
                if files.sha256(line, &content.name).expect("a digest").is_none() {
                    files.read(line, &content.name).expect("read");
                    payload += content.bytes.len();
                }
            }
            Store::Slots(slots) => {
                slots.write(line, content).expect("written");
                slots.verify(line, content).expect("verified");
            }
        }
        payload += content.bytes.len();
    }
    payload
}

/// All that a job does: from opening the port over the look at what is there to the last comparison and the farewell.
fn whole_run(counterpart: Counterpart) -> Measured {
    let payload = counterpart.contents().iter().map(|content| content.bytes.len()).sum();
    let Counterpart { terminal, driver, .. } = &counterpart;
    let (make, plugged) = (driver.clone(), plugged(terminal));
    let make = Box::new(move |_: &mut Line| Ok(make()));
    let target = Serial::new("serial:terminal".into(), Box::new(plugged), make, Layout::Drive, false);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (begun, before) = (Instant::now(), terminal.traffic());
    runtime.block_on(put(&target, &real_claim(), Kind::Claim, true)).expect("a run");
    Measured::new(terminal, &before, Some(begun), payload)
}

impl Counterpart {
    fn contents(&self) -> Vec<Content> {
        let all = Layout::Drive.contents(&real_claim()).expect("contents");
        all.into_iter().filter(|content| self.has_files || content.part != Part::Settings).collect()
    }
}

#[test]
#[ignore = "takes a few minutes and prints a table: scripts/bench-devices"]
fn a_claim_at_115200_baud() {
    let only = std::env::var("FIELDKEY_BENCH").unwrap_or_default();
    eprintln!("\n  {:<38} payload    out     in  ratio wire ms took ms  slower", "");
    for (device, start) in counterparts().into_iter().filter(|(device, _)| device.contains(&only)) {
        eprintln!("{device}");
        best(|| written(&start())).row("Fieldkey: written and proved");
        best(|| whole_run(start())).row("Fieldkey: a whole run");
        for (what, peer) in start().peers {
            best(|| peer(&start())).row(what);
        }
    }
}
