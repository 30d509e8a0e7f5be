//! AWS, devices, a file and a page, all of which note what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::super::{Bench, BenchPorts, Change, Launch, Mode, Plugged, Runner, Settings, TargetKind};
use crate::ports::{CertificateStatus, Entry, Groups, InForce, Kind, Made, ReadBack, Release, SignedIn, Staged, Thing};
use crate::site::tests::site;
use crate::{
    Bundle, Claim, Cloud, Code, Endpoint, Failure, FileRecord, Identity, Journal, Operator, Rules, Site, Target, Why,
};

/// What happened in the world, and what is to go wrong in it.
#[derive(Default)]
pub(super) struct World {
    /// By target: the claim and the thing that came into force there.
    pub(super) written: Mutex<BTreeMap<String, Vec<(String, String)>>>,
    /// When each claim came into force.
    in_force: Mutex<BTreeMap<String, Instant>>,
    /// When each claim was asked for, and each look made.
    pub(super) claims: Mutex<Vec<Instant>>,
    pub(super) looks: Mutex<Vec<Instant>>,
    writing: AtomicUsize,
    pub(super) most_writing: AtomicUsize,
    /// Claims that AWS throttles before it gives the next.
    pub(super) throttle: AtomicUsize,
    /// Nobody is signed in.
    pub(super) signed_out: Mutex<bool>,
    /// Refuses every claim.
    pub(super) refuse: Mutex<Option<Code>>,
    /// Targets that are pulled out in the middle of the write, or panic there.
    pub(super) pulled: Mutex<BTreeSet<String>>,
    pub(super) panics: Mutex<BTreeSet<String>>,
    pub(super) opening_panics: AtomicBool,
    /// What was opened, and how.
    pub(super) opened: Mutex<Vec<Launch>>,
    /// Never registers.
    pub(super) mute: Mutex<BTreeSet<String>>,
    pub(super) saved: Mutex<Vec<String>>,
    pub(super) disk_full: Mutex<bool>,
    /// So long a write takes.
    pub(super) disk_takes: Mutex<Duration>,
    /// Targets that another job has.
    pub(super) in_use: Mutex<BTreeSet<String>>,
    pub(super) page: Mutex<Page>,
    runs: AtomicUsize,
}

/// What the page knows, from changes alone.
#[derive(Default)]
pub(super) struct Page {
    pub(super) rows: BTreeMap<u32, super::super::Row>,
    pub(super) last: Option<super::super::Head>,
    pub(super) changes: usize,
}

pub(super) const WRITE_TAKES: Duration = Duration::from_secs(3);
pub(super) const BOOT_TAKES: Duration = Duration::from_secs(20);

impl World {
    fn session(&self) -> Result<(), Failure> {
        if *self.signed_out.lock().expect("session") { Err(Failure::new(Code::SessionExpired)) } else { Ok(()) }
    }

    pub(super) fn last_saved(&self) -> String {
        self.saved.lock().expect("saved").last().cloned().expect("something was saved")
    }
}

/// The world as a bench's ports.
pub(super) struct Fake(pub(super) Arc<World>, pub(super) Site);

#[async_trait]
impl BenchPorts for Fake {
    fn site(&self) -> &Site {
        &self.1
    }
    fn ca_pem(&self) -> &str {
        "ca"
    }
    fn operator(&self) -> &dyn Operator {
        self
    }
    fn cloud(&self) -> &dyn Cloud {
        self
    }
    fn journal(&self) -> &dyn Journal {
        self
    }
    fn new_run(&self) -> String {
        format!("run-{}", self.0.runs.fetch_add(1, Ordering::SeqCst))
    }
    fn open(&self, launch: &Launch) -> Result<Box<dyn Target>, Failure> {
        self.0.opened.lock().expect("opened").push(launch.clone());
        assert!(!self.0.opening_panics.load(Ordering::SeqCst), "a driver's bug");
        Ok(Box::new(Device { world: Arc::clone(&self.0), name: launch.target.clone() }))
    }
    async fn keep(&self, saved: String) -> Result<(), Why> {
        let takes = *self.0.disk_takes.lock().expect("disk");
        tokio::time::sleep(takes).await;
        if *self.0.disk_full.lock().expect("disk") {
            return Err(Why::of_system(&std::io::ErrorKind::StorageFull.into()));
        }
        self.0.saved.lock().expect("saved").push(saved);
        Ok(())
    }
    fn in_use(&self, target: &str) -> bool {
        self.0.in_use.lock().expect("in use").contains(target)
    }
    fn changed(&self, change: Change) {
        let mut page = self.0.page.lock().expect("page");
        if change.whole {
            page.rows.clear();
        }
        page.rows.extend(change.rows.into_iter().map(|row| (row.id, row)));
        page.last = Some(change.head);
        page.changes += 1;
    }
}

impl Journal for Fake {
    fn append(&self, _: &Entry) -> Result<(), Why> {
        Ok(())
    }
}

#[async_trait]
impl Operator for Fake {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        self.0.session()?;
        Ok(SignedIn { name: "mori@example.com".into(), groups: Groups::Account })
    }
    fn standing(&self) -> Option<String> {
        Some("mori@example.com".into())
    }
}

#[async_trait]
impl Cloud for Fake {
    async fn credentials(&self) -> Result<(), Failure> {
        self.0.session()
    }
    async fn claim(&self) -> Result<Claim, Failure> {
        self.0.session()?;
        let nth = {
            let mut claims = self.0.claims.lock().expect("claims");
            claims.push(Instant::now());
            claims.len()
        };
        tokio::time::sleep(Duration::from_millis(300)).await;
        let throttled = self.0.throttle.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if throttled.is_ok() {
            return Err(Failure::new(Code::Throttled));
        }
        if let Some(code) = *self.0.refuse.lock().expect("refusal") {
            return Err(Failure::new(code));
        }
        let lifetime = Duration::from_secs(300);
        Ok(Claim {
            certificate_id: format!("claim-{nth}"),
            certificate_pem: format!("certificate {nth}"),
            private_key_pem: "-----BEGIN SECRET KEY-----".into(),
            expires: OffsetDateTime::now_utc() + lifetime,
            lifetime,
        })
    }
    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        Ok(Endpoint { host: "localhost".into(), port: 8883 })
    }
    async fn credentials_endpoint(&self) -> Result<String, Failure> {
        Ok("localhost".into())
    }
    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        self.0.session()?;
        let now = Instant::now();
        self.0.looks.lock().expect("looks").push(now);
        if self.0.mute.lock().expect("mute").contains(thing_name) {
            return Ok(BTreeSet::new());
        }
        // A device starts after it was written, and registers itself a while later.
        let booted = |claim: &String| {
            self.0.in_force.lock().expect("in force").get(claim).is_some_and(|since| now > *since + BOOT_TAKES)
        };
        let written = self.0.written.lock().expect("written");
        let own = written.values().flatten().filter(|(claim, thing)| thing == thing_name && booted(claim));
        Ok(own.map(|(claim, _)| format!("own-{claim}")).collect())
    }
    async fn thing(&self, _: &str) -> Result<Option<Thing>, Failure> {
        Ok(None)
    }
    async fn things_with(&self, _: &str) -> Result<Option<Vec<String>>, Failure> {
        Ok(None)
    }

    async fn issue(&self, _: &str, _: &str) -> Result<Box<dyn Made>, Failure> {
        Err(Failure::new(Code::NotOffered))
    }
    async fn register(&self, _: &str, _: &str, _: CertificateStatus) -> Result<(), Failure> {
        Err(Failure::new(Code::NotOffered))
    }
    async fn set_status(&self, _: &str, _: &str, _: CertificateStatus) -> Result<(), Failure> {
        Err(Failure::new(Code::NotOffered))
    }
    async fn delete(&self, _: &str, _: &str) -> Result<(), Failure> {
        Err(Failure::new(Code::NotOffered))
    }
}

struct Device {
    world: Arc<World>,
    name: String,
}

/// Counts who writes at this moment, however the write ends.
struct Writing(Arc<World>);

impl Writing {
    fn begin(world: &Arc<World>) -> Self {
        let now = world.writing.fetch_add(1, Ordering::SeqCst) + 1;
        world.most_writing.fetch_max(now, Ordering::SeqCst);
        Self(Arc::clone(world))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.writing.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Target for Device {
    fn name(&self) -> String {
        self.name.clone()
    }
    async fn check(&self, _: Kind, _: bool) -> Result<(), Failure> {
        Ok(())
    }
    async fn identity(&self) -> Result<Option<Identity>, Failure> {
        Ok(None)
    }
    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        let _writing = Writing::begin(&self.world);
        tokio::time::sleep(WRITE_TAKES).await;
        assert!(!self.world.panics.lock().expect("panics").contains(&self.name), "a driver with a bug");
        if self.world.pulled.lock().expect("pulled").contains(&self.name) {
            return Err(Failure::new(Code::TargetGone).about(&self.name));
        }
        let Bundle::Claim(claim) = bundle else { return Err(Failure::new(Code::Usage)) };
        let (world, name) = (Arc::clone(&self.world), self.name.clone());
        Ok(Box::new(Placed { world, name, what: (claim.certificate_id.clone(), claim.thing_name.clone()) }))
    }
    async fn verify(&self, _: &Bundle) -> Result<ReadBack, Failure> {
        let files = vec![FileRecord { name: "claimCert.pem".into(), bytes: 11, sha256: "00".into() }];
        Ok(ReadBack { files, past_cache: true, cautions: vec![] })
    }
    async fn release(&self) -> Result<Release, Failure> {
        Ok(Release::Ejected)
    }
}

struct Placed {
    world: Arc<World>,
    name: String,
    what: (String, String),
}

#[async_trait]
impl Staged for Placed {
    async fn commit(self: Box<Self>) -> Result<Box<dyn InForce>, Failure> {
        let mut written = self.world.written.lock().expect("written");
        written.entry(self.name.clone()).or_default().push(self.what.clone());
        drop(written);
        self.world.in_force.lock().expect("in force").insert(self.what.0.clone(), Instant::now());
        Ok(self)
    }
}

#[async_trait]
impl InForce for Placed {
    async fn withdraw(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
    async fn settle(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A USB drive with its own serial number.
pub(super) fn drive(number: usize) -> Plugged {
    let serial_number = format!("SN-{number:02}");
    Plugged {
        target: format!("drive:/media/{number:02}"),
        kind: TargetKind::Drive,
        label: Some(format!("SENSOR{number:02}")),
        identity: Some(format!("1209:0001:{serial_number}")),
        serial_number: Some(serial_number),
        driver: Some("drive".into()),
        refused: None,
    }
}

pub(super) fn drives(count: usize) -> Vec<Plugged> {
    (1..=count).map(drive).collect()
}

/// A bench of so many rows, `SN-01` and on.
pub(super) fn bench(mode: Mode, count: usize) -> Bench {
    let mut bench = Bench::default();
    bench.set_up(Settings { mode, ..Settings::default() }, Instant::now());
    let list: String = (1..=count).map(|number| format!("SN-{number:02}\n")).collect();
    assert_eq!(bench.import(&list, &site()).added, count);
    bench
}

/// Sets a bench to work in a world.
pub(super) fn at_work(bench: Bench, world: &Arc<World>) -> Runner {
    Runner::new(bench, &Rules::None, Box::new(Fake(Arc::clone(world), site()))).expect("nothing forbids it")
}

pub(super) fn states(runner: &Runner) -> Vec<String> {
    runner.whole().rows.iter().map(state).collect()
}

/// `done`, `running write`, `failed target-gone`
pub(super) fn state(row: &super::super::Row) -> String {
    let json = serde_json::to_value(&row.state).expect("JSON");
    let word = |pointer: &str| json.pointer(pointer).and_then(|value| value.as_str()).map(|text| format!(" {text}"));
    let more = word("/step").or(word("/failure/code")).unwrap_or_default();
    format!("{}{more}", json["state"].as_str().expect("a word"))
}

/// Waits until the condition holds, in simulated time; an hour at most.
pub(super) async fn until(runner: &Runner, holds: impl Fn(&[String]) -> bool) {
    for _ in 0..36_000 {
        if holds(&states(runner)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never: {:?}", states(runner));
}
