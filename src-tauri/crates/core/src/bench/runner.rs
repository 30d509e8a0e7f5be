//! Carries out what the bench decides: runs side by side, the file that survives a crash, and news for the page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::paced::{Paced, Shared};
use super::{Bench, Change, Launch, Row, RowState};
use crate::{
    Cloud, Code, Event, Failure, Feature, Job, Journal, Operator, Ports, Progress, Provision, Rules, Site, Step, Target,
};

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
    /// The target of a run, through its driver, or through the one that fits it.
    fn open(&self, launch: &Launch) -> Result<Box<dyn Target>, Failure>;
    /// Replaces the file that survives a crash, whole or not at all.
    ///
    /// # Errors
    /// Why it could not be written, in the system's words. The runs go on.
    async fn keep(&self, saved: String) -> Result<(), String>;
    /// The page is told.
    fn changed(&self, change: Change);
    /// Another job of this program uses the target: the bench leaves it alone.
    ///
    /// Asked right before a run begins, when [`Runner::busy_with`] says yes of that target already. So a job that first
    /// has this answer yes, and only then asks `busy_with`, never meets a run there.
    fn in_use(&self, _target: &str) -> bool {
        false
    }
    /// The password of the devices' own user is known.
    fn has_password(&self) -> bool {
        false
    }
    /// Why the journal does not hold every run, if so.
    fn unrecorded(&self) -> Option<String> {
        None
    }
    /// Where a batch lies that was kept and could not be used.
    fn put_aside(&self) -> Option<String> {
        None
    }
}

/// Longer than any claim lives: a run stops waiting when its claim ends.
const WAIT: Duration = Duration::from_secs(600);

/// Longer than a run needs to clean up after itself.
const CLOSES_IN: Duration = Duration::from_secs(10);

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
    /// Those whose tasks are not over; without a handle as long as the task is not there yet.
    runs: Mutex<HashMap<String, Option<AbortHandle>>>,
    wake: Notify,
    /// A run is over.
    over: Notify,
    /// One save at a time, and none after the last: the file may be the next bench's then.
    last_saved: tokio::sync::Mutex<bool>,
    /// Why the last save did not succeed.
    unsaved: Mutex<Option<String>>,
}

impl Runner {
    /// Sets a bench to work. Needs a runtime.
    ///
    /// # Errors
    /// `not-allowed-by-policy`.
    pub fn new(bench: Bench, rules: &Rules, ports: Box<dyn BenchPorts>) -> Result<Self, Failure> {
        rules.allow(Feature::Bench)?;
        let inner = Arc::new(Inner {
            ports,
            bench: Mutex::new(bench),
            shared: Shared::default(),
            runs: Mutex::default(),
            wake: Notify::new(),
            over: Notify::new(),
            last_saved: tokio::sync::Mutex::default(),
            unsaved: Mutex::default(),
        });
        inner.wake.notify_one();
        let work = tokio::spawn(work(Arc::clone(&inner))).abort_handle();
        Ok(Self { inner, work })
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
            self.inner.abort(|id| id == run);
        }
    }

    /// Disarms, and stops every run.
    pub fn stop_all(&self) {
        self.with(|bench, _| bench.stop_all());
        self.inner.abort(|_| true);
    }

    /// Is any device being written, or waited for?
    pub fn is_busy(&self) -> bool {
        self.inner.bench().rows().iter().any(|row| matches!(row.state, RowState::Running { .. }))
    }

    /// A row waits for its turn on this target, or its run is not over yet.
    pub fn busy_with(&self, target: &str) -> bool {
        self.inner.bench().busy_with(target)
    }

    /// Stops every run as the operator would, waits until their tasks are over, but not for ever, and saves. Nothing
    /// begins any more, and nothing is saved after it.
    pub async fn close(&self) {
        self.with(|bench, _| bench.close());
        self.inner.abort(|_| true);
        if timeout(CLOSES_IN, self.inner.all_over()).await.is_err() {
            tracing::warn!("the bench was closed before all of its runs were over");
        }
        save(&self.inner, true).await;
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.work.abort();
        // What is about to begin on another thread does not.
        self.inner.bench().close();
        self.inner.abort(|_| true);
    }
}

impl Inner {
    fn bench(&self) -> MutexGuard<'_, Bench> {
        held(&self.bench)
    }

    fn abort(&self, which: impl Fn(&str) -> bool) {
        let runs: Vec<_> =
            held(&self.runs).iter().filter(|(run, _)| which(run)).filter_map(|(_, handle)| handle.clone()).collect();
        for run in runs {
            run.abort();
        }
    }

    fn is_stopped(&self, run: &str) -> bool {
        self.bench().stopped.contains(run)
    }

    async fn all_over(&self) {
        loop {
            let over = self.over.notified();
            // Of what is only decided to begin, nothing but its row is known yet.
            let decided = self.bench().rows().iter().any(Row::is_running);
            if !decided && held(&self.runs).is_empty() {
                return;
            }
            over.await;
        }
    }

    fn complete(&self, mut change: Change) -> Change {
        change.head.has_password = self.ports.has_password();
        change.head.unsaved = held(&self.unsaved).clone();
        change.head.unrecorded = self.ports.unrecorded();
        change.head.put_aside = self.ports.put_aside();
        change
    }
}

/// Decides, saves, begins, tells; then sleeps until something happens.
async fn work(inner: Arc<Inner>) {
    let mut last_saved = Instant::now();
    let mut stale = false;
    loop {
        let ready = {
            let mut bench = inner.bench();
            let now = Instant::now();
            bench.settle(now);
            bench.ready(now)
        };
        // Asked while the bench is not held: who answers may be asking the bench.
        let (in_use, free): (Vec<String>, _) = ready.into_iter().partition(|target| inner.ports.in_use(target));
        let (launches, next, weighty, change) = {
            let mut bench = inner.bench();
            if !in_use.is_empty() {
                bench.leave(&in_use.into_iter().collect());
                // Their places are others'.
                inner.wake.notify_one();
            }
            let launches = bench.launch(&free, OffsetDateTime::now_utc(), || inner.ports.new_run());
            let weighty = bench.changed.weighty;
            (launches, bench.next(Instant::now()), weighty, bench.take_change())
        };
        stale |= change.as_ref().is_some_and(|change| change.whole || !change.rows.is_empty());
        // What begins is on the disk first: after a crash it is known which devices were touched.
        if weighty || stale && last_saved.elapsed() >= SAVE_EVERY {
            save(&inner, false).await;
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

async fn save(inner: &Inner, last: bool) {
    let mut last_saved = inner.last_saved.lock().await;
    if *last_saved {
        return;
    }
    *last_saved = last;
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
    // Stopped while it was saved.
    if inner.is_stopped(&run) {
        return;
    }
    held(&inner.runs).insert(run.clone(), None);
    // Not under a lock: a runtime that ends drops the task here, and its end takes the locks.
    let task = tokio::spawn(async move {
        // Dropped last, when nothing touches the device any more: at the end, when stopped, and in a panic.
        let ending = ending;
        one(&ending, &launch).await;
    });
    if let Some(handle) = held(&inner.runs).get_mut(&run) {
        *handle = Some(task.abort_handle());
    }
    // Stopped before there was a handle to stop it by.
    if inner.is_stopped(&run) {
        task.abort();
    }
}

async fn one(ending: &Ending, launch: &Launch) {
    let inner = &ending.inner;
    let ports = inner.ports.as_ref();
    let opened = ports.open(launch);
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
        if std::thread::panicking() {
            // A job that had begun has said so itself.
            let failure = Failure::new(Code::InternalError);
            self.event(&Event::Failed { run: self.run.clone(), failure });
        }
        self.inner.bench().over(self.row, &self.run, OffsetDateTime::now_utc());
        self.inner.wake.notify_one();
        self.inner.over.notify_waiters();
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
