//! Carries out what the bench decides: runs side by side, the file that survives a crash, and news for the page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::paced::{Paced, Shared};
use super::{Bench, Change, Launch};
use crate::{Cloud, Event, Failure, Job, Journal, Operator, Ports, Progress, Provision, Site, Step, Target};

/// What a bench needs of the world, beyond the ports of its runs.
#[async_trait]
pub trait BenchPorts: Send + Sync + 'static {
    fn site(&self) -> &Site;
    /// Whom the devices trust.
    fn ca_pem(&self) -> &str;
    fn operator(&self) -> &dyn Operator;
    fn cloud(&self) -> &dyn Cloud;
    fn journal(&self) -> &dyn Journal;
    /// An ID for a run, unique in the journal.
    fn new_run(&self) -> String;
    /// A target by its name, with a driver, or the one that fits it.
    fn open(&self, target: &str, driver: Option<&str>) -> Result<Box<dyn Target>, Failure>;
    /// Replaces the file that survives a crash, whole or not at all.
    ///
    /// # Errors
    /// Why it could not be written, in the system's words. The runs go on.
    async fn keep(&self, saved: String) -> Result<(), String>;
    /// The page is told.
    fn changed(&self, change: Change);
    /// Why the journal does not hold every run, if so.
    fn unrecorded(&self) -> Option<String> {
        None
    }
}

/// Longer than any claim lives: a run stops waiting when its claim ends.
const WAIT: Duration = Duration::from_secs(600);

/// The page is told no more often.
const NEWS_EVERY: Duration = Duration::from_millis(60);

/// Steps that lost nothing if they were lost are saved no more often.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// A bench at work. Dropped, it stops every run.
pub struct Runner {
    inner: Arc<Inner>,
    work: AbortHandle,
}

struct Inner {
    ports: Box<dyn BenchPorts>,
    bench: Mutex<Bench>,
    shared: Shared,
    runs: Mutex<HashMap<String, AbortHandle>>,
    wake: Notify,
    /// Why the last save did not succeed.
    unsaved: Mutex<Option<String>>,
}

impl Runner {
    /// Sets a bench to work. Needs a runtime.
    pub fn new(bench: Bench, ports: Box<dyn BenchPorts>) -> Self {
        let inner = Arc::new(Inner {
            ports,
            bench: Mutex::new(bench),
            shared: Shared::default(),
            runs: Mutex::default(),
            wake: Notify::new(),
            unsaved: Mutex::default(),
        });
        inner.wake.notify_one();
        let work = tokio::spawn(work(Arc::clone(&inner))).abort_handle();
        Self { inner, work }
    }

    /// Does something with the bench, and what follows from it.
    pub fn with<T>(&self, act: impl FnOnce(&mut Bench, Instant) -> T) -> T {
        let done = act(&mut self.inner.bench(), Instant::now());
        self.inner.wake.notify_one();
        done
    }

    pub fn site(&self) -> &Site {
        self.inner.ports.site()
    }

    /// Everything, for a page that begins to watch.
    pub fn whole(&self) -> Change {
        self.inner.complete(self.inner.bench().whole())
    }

    /// The operator signed in again, or did away with the trouble.
    pub fn resume(&self) {
        self.with(|bench, _| bench.resume());
        self.inner.shared.gate.open();
    }

    /// Stops one row. Its run cleans up after itself and is then interrupted.
    pub fn stop(&self, row: u32) {
        if let Some(run) = self.with(|bench, _| bench.stop(row)) {
            self.abort(|id| id == run);
        }
    }

    /// Disarms, and stops every run.
    pub fn stop_all(&self) {
        self.with(|bench, _| {
            bench.disarm();
            let rows: Vec<u32> = bench.rows().iter().map(|row| row.id).collect();
            for row in rows {
                bench.stop(row);
            }
        });
        self.abort(|_| true);
    }

    fn abort(&self, which: impl Fn(&str) -> bool) {
        let runs: Vec<_> =
            held(&self.inner.runs).iter().filter(|(run, _)| which(run)).map(|(_, handle)| handle.clone()).collect();
        for run in runs {
            run.abort();
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.work.abort();
        self.abort(|_| true);
    }
}

impl Inner {
    fn bench(&self) -> MutexGuard<'_, Bench> {
        held(&self.bench)
    }

    fn complete(&self, mut change: Change) -> Change {
        change.head.unsaved = held(&self.unsaved).clone();
        change.head.unrecorded = self.ports.unrecorded();
        change
    }
}

/// Decides, saves, begins, tells; then sleeps until something happens.
async fn work(inner: Arc<Inner>) {
    let mut last_saved = Instant::now();
    let mut stale = false;
    loop {
        let (launches, next, weighty, change) = {
            let mut bench = inner.bench();
            let now = Instant::now();
            bench.settle(now);
            let launches = bench.launch(now, OffsetDateTime::now_utc(), || inner.ports.new_run());
            let weighty = bench.changed.weighty;
            (launches, bench.next(now), weighty, bench.take_change())
        };
        stale |= change.as_ref().is_some_and(|change| change.whole || !change.rows.is_empty());
        // What begins is on the disk first: after a crash it is known which devices were touched.
        if weighty || stale && last_saved.elapsed() >= SAVE_EVERY {
            save(&inner).await;
            (last_saved, stale) = (Instant::now(), false);
        }
        for launch in launches {
            begin(&inner, launch);
        }
        if let Some(change) = change {
            inner.ports.changed(inner.complete(change));
            sleep(NEWS_EVERY).await;
        }
        let next =
            if stale { Some(next.map_or(last_saved + SAVE_EVERY, |at| at.min(last_saved + SAVE_EVERY))) } else { next };
        tokio::select! {
            () = inner.wake.notified() => {}
            () = until(next) => {}
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn save(inner: &Inner) {
    let text = inner.bench().save(&inner.ports.site().name);
    let why = inner.ports.keep(text).await.err();
    if let Some(why) = &why {
        tracing::warn!(why, "the batch was not saved");
    }
    let before = std::mem::replace(&mut *held(&inner.unsaved), why.clone());
    if before != why {
        inner.bench().changed.head = true;
        inner.wake.notify_one();
    }
}

fn begin(inner: &Arc<Inner>, launch: Launch) {
    let run = launch.run.clone();
    let ending = Ending { inner: Arc::clone(inner), row: launch.row, run: run.clone() };
    let mut runs = held(&inner.runs);
    let task = tokio::spawn(async move {
        // Dropped last, when nothing touches the device any more: at the end, when stopped, and in a panic.
        let ending = ending;
        one(&ending, &launch).await;
    });
    runs.insert(run, task.abort_handle());
}

async fn one(ending: &Ending, launch: &Launch) {
    let inner = &ending.inner;
    let ports = inner.ports.as_ref();
    let opened = ports.open(&launch.target, launch.driver.as_deref());
    let target = match opened {
        Ok(target) => target,
        Err(failure) => return crate::never_began(&launch.run, Job::Provision, &failure.at(Step::Target), ending),
    };
    let request = Provision {
        run: launch.run.clone(),
        serial_number: launch.serial_number.clone(),
        parameters: launch.parameters.clone(),
        replace: launch.replace,
        wait: launch.wait.then_some(WAIT),
    };
    let signed_out = |failure: &Failure| {
        inner.bench().signed_out(failure);
        inner.wake.notify_one();
    };
    let paced = Paced::new(ports.cloud(), ports.operator(), &inner.shared, signed_out);
    let ports_of_run = Ports { operator: &paced, cloud: &paced, journal: ports.journal(), progress: ending };
    // Its outcome went to the bench as an event.
    let _ = crate::provision(&request, ports.site(), ports.ca_pem(), target.as_ref(), ports_of_run).await;
}

/// A run's way back to the bench.
struct Ending {
    inner: Arc<Inner>,
    row: u32,
    run: String,
}

impl Progress for Ending {
    fn event(&self, event: &Event) {
        self.inner.bench().event(self.row, &self.run, event, OffsetDateTime::now_utc());
        self.inner.wake.notify_one();
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        held(&self.inner.runs).remove(&self.run);
        self.inner.bench().over(self.row, &self.run, OffsetDateTime::now_utc());
        self.inner.wake.notify_one();
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
