//! Two hundred conversations in which something goes wrong, seeded, for any driver with a simulated device.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fieldkey_core::ports::Kind;
use fieldkey_core::x509::{self, KeyForm};
use fieldkey_core::{Bundle, Code, Failure, Target};
use fieldkey_simulators::{Device, Fault, Faults, Simulated};

use super::target::Connect;
use super::{Serial, SimulatedWire, Wire};
use crate::drivers::Driver;
use crate::layout::real::real_identity;
use crate::layout::{Content, Layout, Part};

const RUNS: u64 = 200;

/// No conversation may take longer, by the simulated clock.
const LIMIT: Duration = Duration::from_secs(300);

/// How the runs ended.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) verified: u32,
    /// Failed, with the old credentials as they were.
    pub(crate) intact: u32,
    /// Failed, the line works again, and the old ones are not all there: it was said.
    pub(crate) said: u32,
    /// The line broke for good.
    pub(crate) broken: u32,
    pub(crate) codes: BTreeMap<String, u32>,
}

type Bench<D> = Arc<Mutex<Simulated<D>>>;

struct Plug<D>(Bench<D>);

impl<D: Device + 'static> Connect for Plug<D> {
    fn connect(&self) -> Result<Box<dyn Wire>, Failure> {
        Ok(Box::new(SimulatedWire(Arc::clone(&self.0))))
    }
}

pub(crate) fn target<D: Device + 'static>(
    bench: &Bench<D>,
    driver: impl Fn() -> Box<dyn Driver> + Send + Sync + 'static,
) -> Serial {
    Serial::new(
        "serial:simulated".into(),
        Box::new(Plug(Arc::clone(bench))),
        Box::new(move |_| Ok(driver())),
        Layout::Drive,
        false,
    )
}

/// All that a job does with a target.
pub(crate) async fn put(target: &Serial, bundle: &Bundle, kind: Kind, replace: bool) -> Result<(), Failure> {
    target.check(kind, replace).await?;
    let in_force = target.stage(bundle).await?.commit().await?;
    if let Err(failure) = target.verify(bundle).await {
        return Err(match in_force.withdraw().await {
            Ok(()) => failure,
            Err(left) => failure.and(&left.into_why()),
        });
    }
    in_force.settle().await?;
    target.release().await.map(drop)
}

/// Has `device` hold one identity, and another one written over it while the line is at fault.
pub(crate) async fn fault_runs<D: Device + 'static>(
    device: impl Fn(u64) -> D,
    driver: impl Fn() -> Box<dyn Driver> + Clone + Send + Sync + 'static,
) -> Tally {
    let (old, new) = (Bundle::Identity(real_identity(1)), Bundle::Identity(real_identity(2)));
    let mut tally = Tally::default();
    for seed in 0..RUNS {
        let bench = Arc::new(Mutex::new(Simulated::new(device(seed), Faults::none())));
        put(&target(&bench, driver.clone()), &old, Kind::Identity, false).await.expect("the line is in order");
        let span: u64 = bench.lock().expect("bench").traffic().iter().sum();
        let before = bench.lock().expect("bench").device.stored();
        let faults = Faults::seeded(seed, span);
        bench.lock().expect("bench").fail(&faults);
        let begun = bench.lock().expect("bench").now();
        let outcome = put(&target(&bench, driver.clone()), &new, Kind::Identity, true).await;
        let bench = bench.lock().expect("bench");
        assert!(bench.now() - begun < LIMIT, "seed {seed}: {:?} after {faults:?}", bench.now() - begun);
        let now = bench.device.stored();
        let failure = match outcome {
            Ok(()) => {
                assert!(holds(&now, &new), "seed {seed}: said to be there, and is not, after {faults:?}");
                tally.verified += 1;
                continue;
            }
            Err(failure) => failure,
        };
        assert!(is_named(failure.code), "seed {seed}: {failure} after {faults:?}");
        *tally.codes.entry(failure.code.to_string()).or_default() += 1;
        let broken = faults.0.iter().any(|(_, fault)| matches!(fault, Fault::Cut | Fault::Gone));
        if now == before {
            tally.intact += 1;
        } else if broken {
            tally.broken += 1;
        } else {
            let why = failure.reason.as_str();
            let said = why.contains("is gone") || why.contains("still there") || failure.reason.contains("; ");
            assert!(said || holds(&now, &new), "seed {seed}: {failure}, and the old is gone, after {faults:?}");
            tally.said += 1;
        }
    }
    tally
}

/// Does the device hold all of the bundle, by its own account? Line ends, a closing NUL and the form of a key are its own
/// affair.
pub(crate) fn holds(stored: &BTreeMap<String, Vec<u8>>, bundle: &Bundle) -> bool {
    let there: BTreeSet<Vec<u8>> = stored.values().map(|bytes| meant(bytes)).collect();
    let contents: Vec<Content> = Layout::Drive.contents(bundle).expect("contents");
    let pem = contents.iter().filter(|content| content.part != Part::Settings);
    pem.map(|content| meant(&content.bytes)).all(|bytes| there.contains(&bytes))
}

fn meant(bytes: &[u8]) -> Vec<u8> {
    match x509::private_key_as(bytes, None, KeyForm::Pkcs8) {
        Ok(key) => key.der.to_vec(),
        Err(_) => bytes.iter().copied().filter(|byte| ![b'\r', b'\n', 0].contains(byte)).collect(),
    }
}

fn is_named(code: Code) -> bool {
    use Code::{
        DeviceRejected, DeviceSilent, IdentityPresent, TargetFull, TargetGone, TargetReadOnly, TargetRefused,
        VerifyMismatch,
    };
    [
        DeviceRejected,
        DeviceSilent,
        IdentityPresent,
        TargetFull,
        TargetGone,
        TargetReadOnly,
        TargetRefused,
        VerifyMismatch,
    ]
    .contains(&code)
}
