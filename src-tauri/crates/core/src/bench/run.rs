//! One run of a bench, from where it is decided to where nobody touches the device any more.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::Launch;
use super::paced::Paced;
use super::runner::{Inner, held};
use crate::{Code, Event, Failure, Job, Ports, Progress, Provision, Step};

/// Longer than any claim lives: a run stops waiting when its claim ends.
const WAIT: Duration = Duration::from_secs(600);

pub(super) fn begin(inner: &Arc<Inner>, launch: Launch) {
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
