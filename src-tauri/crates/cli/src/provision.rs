//! `fieldkey provision`.

use std::cell::Cell;
use std::time::Duration;

use fieldkey_core::{Code, Failure, Job, Language, Provision, Step};
use fieldkey_journal::SqliteJournal;

use crate::output::Output;
use crate::person::Person;
use crate::{Ended, args, opened};

pub(crate) async fn run(args: args::Provision, language: Language) -> Result<(), Ended> {
    let output = Output::new(args.json, language);
    let run = fieldkey_journal::new_run();
    let outcome = attempt(&args, &run, &output).await;
    let Err(failure) = outcome else { return Ok(()) };
    if args.json { Err(Ended::Said(failure.code.exit_status())) } else { Err(Ended::Failed(failure)) }
}

async fn attempt(args: &args::Provision, run: &str, output: &Output) -> Result<(), Failure> {
    let early = Early { run, output, over: Cell::new(false) };
    let prepared = async {
        let target = fieldkey_device::open(&args.target, args.driver.as_deref());
        let target = target.map_err(|failure| failure.at(Step::Target))?;
        let (file, aws) = opened::open(&args.site).await.map_err(|failure| failure.at(Step::Site))?;
        Ok::<_, Failure>((target, file, aws, journal().await))
    };
    let prepared = prepared.await;
    early.over.set(true);
    let (target, file, aws, journal) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => {
            fieldkey_core::never_began(run, Job::Provision, &failure, output);
            return Err(failure);
        }
    };
    let request = Provision {
        run: run.to_owned(),
        serial_number: args.serial_number.clone(),
        parameters: args.param.iter().cloned().collect(),
        replace: args.replace,
        wait: args.wait.map(Duration::from_secs),
    };
    let person = Person { aws: &aws, user: args.user.clone(), output };
    let ports = (&person as _, target.as_ref());
    fieldkey_core::provision(&request, &file.site, file.device_ca(), ports, &journal, output).await.map(drop)
}

/// Files may make a process wait, so they are opened beside the task that listens for Ctrl-C.
async fn journal() -> Option<SqliteJournal> {
    match tokio::task::spawn_blocking(SqliteJournal::open_default).await.ok()? {
        Ok(journal) => Some(journal),
        Err(why) => {
            tracing::warn!(%why, "this run is not recorded");
            None
        }
    }
}

/// The time before the job: a keychain may be waiting for its password when Ctrl-C comes, and a stream of
/// events has its beginning and end even then.
struct Early<'a> {
    run: &'a str,
    output: &'a Output,
    over: Cell<bool>,
}

impl Drop for Early<'_> {
    fn drop(&mut self) {
        if !self.over.get() {
            let failure = Failure::new(Code::Interrupted).at(Step::Site);
            fieldkey_core::never_began(self.run, Job::Provision, &failure, self.output);
        }
    }
}
