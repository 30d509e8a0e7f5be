//! Carries out what the bench decides: runs side by side, the file that survives a crash, and news for the page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::paced::Shared;
use super::ports::BenchPorts;
use super::run::begin;
use super::{Bench, Change, Row, RowState};
use crate::{Failure, Feature, Rules, Site, Why};

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

pub(super) struct Inner {
    pub(super) ports: Box<dyn BenchPorts>,
    bench: Mutex<Bench>,
    pub(super) shared: Shared,
    /// Those whose tasks are not over; without a handle as long as the task is not there yet.
    pub(super) runs: Mutex<HashMap<String, Option<AbortHandle>>>,
    pub(super) wake: Notify,
    /// A run is over.
    pub(super) over: Notify,
    /// One save at a time, and none after the last: the file may be the next bench's then.
    last_saved: tokio::sync::Mutex<bool>,
    /// Why the last save did not succeed.
    unsaved: Mutex<Option<Why>>,
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

    /// Does anything go on, or begin by itself?
    pub fn is_at_work(&self) -> bool {
        let bench = self.inner.bench();
        let soon = |row: &Row| matches!(row.state, RowState::Assigned { .. } | RowState::Running { .. });
        bench.armed || bench.rows().iter().any(soon)
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
    pub(super) fn bench(&self) -> MutexGuard<'_, Bench> {
        held(&self.bench)
    }

    fn abort(&self, which: impl Fn(&str) -> bool) {
        let runs: Vec<_> =
            held(&self.runs).iter().filter(|(run, _)| which(run)).filter_map(|(_, handle)| handle.clone()).collect();
        for run in runs {
            run.abort();
        }
    }

    pub(super) fn is_stopped(&self, run: &str) -> bool {
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
        tracing::warn!(why = why.en, "the batch was not saved");
    }
    let before = std::mem::replace(&mut *held(&inner.unsaved), why.clone());
    if before != why {
        inner.bench().changed.head = true;
        inner.wake.notify_one();
    }
}

pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
