//! One run of a job: its events in their promised order, and its lines in the journal.

use std::sync::Mutex;
use std::time::Instant;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::ports::{Entry, Journal, RunEnd, RunStart};
use crate::{Code, Event, Failure, Job, Outcome, Ports, Progress, SerialNumber, Site, Status, Step, Target};

/// A run under way. Dropped before [`Run::conclude`], it ends as `interrupted`, so a
/// cancelled future still keeps the promise of exactly one last event; in a panic, as `internal-error`.
pub(crate) struct Run<'a> {
    id: String,
    progress: &'a dyn Progress,
    journal: &'a dyn Journal,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    operator: String,
    certificate_id: Option<String>,
    current: Option<Step>,
    done: Vec<(Step, u64)>,
    ended: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn start(start: RunStart, Ports { operator, progress, journal, .. }: Ports<'a>) -> Self {
        let run = Self::offline(start, journal, progress);
        // Whatever fails before the step `sign-in`, and what needs none, is theirs all the same.
        run.state().operator = operator.standing().unwrap_or_default();
        run
    }

    /// A run that needs nobody signed in.
    pub(crate) fn offline(start: RunStart, journal: &'a dyn Journal, progress: &'a dyn Progress) -> Self {
        let id = start.run.clone();
        progress.event(&Event::Started { run: id.clone(), job: start.job });
        keep(journal, &Entry::Started(start));
        Self { id, progress, journal, state: Mutex::default() }
    }

    /// Runs one step: `running`, then `done` with its time, or its failure with its name.
    pub(crate) async fn step<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, Failure>>,
        detail: impl FnOnce(&T) -> Vec<(&'static str, Value)>,
    ) -> Result<T, Failure> {
        self.running(step, vec![]);
        let begun = Instant::now();
        let value = work.await.map_err(|failure| failure.at(step))?;
        self.done(step, begun, detail(&value));
        Ok(value)
    }

    /// Runs a step whose outcome is its detail: whatever it is, the run goes on.
    pub(crate) async fn always<T>(
        &self,
        step: Step,
        work: impl Future<Output = T>,
        detail: impl FnOnce(&T) -> Vec<(&'static str, Value)>,
    ) -> T {
        self.running(step, vec![]);
        let begun = Instant::now();
        let value = work.await;
        self.done(step, begun, detail(&value));
        value
    }

    fn done(&self, step: Step, begun: Instant, detail: Vec<(&'static str, Value)>) {
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.state().done.push((step, ms));
        self.say(step, Status::Done, detail, Some(ms));
    }

    /// Says that a step is under way, with what is known of it.
    pub(crate) fn running(&self, step: Step, detail: Vec<(&'static str, Value)>) {
        self.state().current = Some(step);
        self.say(step, Status::Running, detail, None);
    }

    fn say(&self, step: Step, status: Status, detail: Vec<(&'static str, Value)>, ms: Option<u64>) {
        let detail: Map<String, Value> = detail.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        self.progress.event(&Event::Step { step, status, detail, ms });
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn operator(&self, name: &str) {
        name.clone_into(&mut self.state().operator);
    }

    pub(crate) fn certificate(&self, id: &str) {
        self.state().certificate_id = Some(id.to_owned());
    }

    /// Ends the run as its steps did.
    pub(crate) fn conclude<T: Clone + Into<Outcome>>(self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        match &outcome {
            Ok(result) => {
                let result = result.clone().into();
                let registered = match &result {
                    Outcome::Provisioned(provisioned) => provisioned.registered,
                    _ => None,
                };
                self.end(None, registered);
                self.progress.event(&Event::Finished { run: self.id.clone(), result });
            }
            Err(failure) => self.fail(failure),
        }
        outcome
    }

    fn fail(&self, failure: &Failure) {
        let registered = (failure.code == Code::NotRegistered).then_some(false);
        self.end(Some((failure.code, failure.step)), registered);
        self.progress.event(&Event::Failed { run: self.id.clone(), failure: failure.clone() });
    }

    fn end(&self, failed: Option<(Code, Option<Step>)>, registered: Option<bool>) {
        let mut state = self.state();
        state.ended = true;
        let end = RunEnd {
            run: self.id.clone(),
            at: OffsetDateTime::now_utc(),
            operator: std::mem::take(&mut state.operator),
            certificate_id: state.certificate_id.take(),
            failed,
            registered,
            steps: std::mem::take(&mut state.done),
        };
        drop(state);
        keep(self.journal, &Entry::Ended(end));
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let (ended, current) = {
            let state = self.state();
            (state.ended, state.current)
        };
        if !ended {
            // Nobody stopped what panics.
            let code = if std::thread::panicking() { Code::InternalError } else { Code::Interrupted };
            let failure = Failure { step: current, ..Failure::new(code) };
            self.fail(&failure);
        }
    }
}

/// The start of a run at a device in hand. `serial`: what the text is, if the site accepts it.
pub(crate) fn at_device(
    (run, job): (&str, Job),
    (text, serial): (&str, Option<&SerialNumber>),
    site: &Site,
    target: &dyn Target,
) -> RunStart {
    RunStart {
        run: run.to_owned(),
        job,
        at: OffsetDateTime::now_utc(),
        site: site.name.clone(),
        serial_number: text.trim().to_owned(),
        thing_name: serial.map(|serial| serial.thing_name().to_owned()).unwrap_or_default(),
        target: target.name(),
        device: target.device(),
    }
}

/// Says that a run failed before its job could begin: its stream has the promised beginning and end all the same.
pub fn never_began(run: &str, job: Job, failure: &Failure, progress: &dyn Progress) {
    progress.event(&Event::Started { run: run.to_owned(), job });
    progress.event(&Event::Failed { run: run.to_owned(), failure: failure.clone() });
}

pub(crate) fn rfc3339(at: OffsetDateTime) -> String {
    // Formatting a date within four-digit years cannot fail.
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// A journal that cannot be written must not stop an installer; the log says it.
fn keep(journal: &dyn Journal, entry: &Entry) {
    if let Err(why) = journal.append(entry) {
        tracing::warn!(why = why.en, "the journal was not written");
    }
}
