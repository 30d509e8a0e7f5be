//! What every job has around it: its stream's beginning and end, whom it works for, its exit status.

use std::cell::Cell;

use fieldkey_core::{Code, Failure, Job, Journal, Language, Ports, Progress, Step};

use crate::Ended;
use crate::opened::{self, Opened, Way};
use crate::output::Output;
use crate::person::Person;

/// One call of one job.
pub(crate) struct Call {
    job: Job,
    run: String,
    output: Output,
}

impl Call {
    pub(crate) fn new(job: Job, json: bool, language: Language) -> Self {
        Self { job, run: fieldkey_journal::new_run(), output: Output::new(json, language) }
    }

    /// `prepare` opens what the job works with, `work` is the job, given the run's ID. What fails before the job
    /// begins is told in a stream of events, too.
    pub(crate) async fn carry_out<P>(
        &self,
        prepare: impl AsyncFnOnce(&Output) -> Result<(Opened, P), Failure>,
        work: impl AsyncFnOnce(String, &Opened, P, Ports<'_>) -> Result<(), Failure>,
    ) -> Result<(), Ended> {
        self.ended(self.attempt(prepare, work).await)
    }

    /// The same for a job without a site and without anybody signed in.
    pub(crate) async fn offline<P>(
        &self,
        prepare: impl AsyncFnOnce(&Output) -> Result<P, Failure>,
        work: impl AsyncFnOnce(String, P, &dyn Journal, &dyn Progress) -> Result<(), Failure>,
    ) -> Result<(), Ended> {
        let outcome = async {
            let prepared = self.prepared(prepare).await?;
            let journal = opened::journal().await;
            work(self.run.clone(), prepared, &journal, &self.output).await
        };
        self.ended(outcome.await)
    }

    fn ended(&self, outcome: Result<(), Failure>) -> Result<(), Ended> {
        match outcome {
            Ok(()) => Ok(()),
            Err(failure) if self.output.json() || failure.code == Code::Interrupted => {
                Err(Ended::Said(failure.code.exit_status()))
            }
            Err(failure) => Err(Ended::Failed(failure)),
        }
    }

    async fn prepared<P>(&self, prepare: impl AsyncFnOnce(&Output) -> Result<P, Failure>) -> Result<P, Failure> {
        let early = Early { call: self, over: Cell::new(false) };
        let prepared = prepare(&self.output).await;
        early.over.set(true);
        prepared.inspect_err(|failure| self.never_began(failure))
    }

    async fn attempt<P>(
        &self,
        prepare: impl AsyncFnOnce(&Output) -> Result<(Opened, P), Failure>,
        work: impl AsyncFnOnce(String, &Opened, P, Ports<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (opened, prepared) = self.prepared(prepare).await?;
        let (journal, progress) = (&opened.journal as _, &self.output as _);
        match &opened.way {
            Way::Operator { aws, user } => {
                let person = Person { aws, user: user.as_deref(), output: &self.output };
                let ports = Ports { operator: &person, cloud: aws.as_ref(), journal, progress };
                work(self.run.clone(), &opened, prepared, ports).await
            }
            Way::Engineer(account) => {
                let ports = Ports { operator: account, cloud: account, journal, progress };
                work(self.run.clone(), &opened, prepared, ports).await
            }
        }
    }

    fn never_began(&self, failure: &Failure) {
        fieldkey_core::never_began(&self.run, self.job, failure, &self.output);
    }
}

/// The time before the job: a keychain may be waiting for its password when Ctrl-C comes, and a stream of
/// events has its beginning and end even then.
struct Early<'a> {
    call: &'a Call,
    over: Cell<bool>,
}

impl Drop for Early<'_> {
    fn drop(&mut self) {
        if !self.over.get() {
            self.call.never_began(&Failure::new(Code::Interrupted).at(Step::Site));
        }
    }
}
