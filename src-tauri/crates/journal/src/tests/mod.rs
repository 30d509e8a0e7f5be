mod appending;
mod checking;
mod exporting;
mod indexing;
mod migrating;
mod processes;
mod searching;
mod tampering;
mod viewing;

use std::path::Path;

use fieldkey_core::ports::{Entry, Journal, RunEnd, RunStart};
use fieldkey_core::{Code, Job, Step};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::{Chain, Checking, RunRecord, SqliteJournal};

const AT: OffsetDateTime = datetime!(2026-03-04 05:06:07.089 +9);

fn open(folder: &Path) -> SqliteJournal {
    SqliteJournal::open(folder).unwrap()
}

fn start(run: &str, serial_number: &str) -> Entry {
    Entry::Started(RunStart {
        run: run.to_owned(),
        job: Job::Provision,
        at: AT,
        site: "Tokyo plant".to_owned(),
        serial_number: serial_number.to_owned(),
        thing_name: format!("Fleet_Index_{serial_number}"),
        target: "drive:/media/x".to_owned(),
        device: Some("0781:5581:4C530001".to_owned()),
    })
}

fn end(run: &str, failed: Option<(Code, Option<Step>)>) -> Entry {
    Entry::Ended(RunEnd {
        run: run.to_owned(),
        at: AT + time::Duration::SECOND,
        operator: "installer@example.com".to_owned(),
        certificate_id: Some("c0ffee".to_owned()),
        failed,
        registered: Some(true),
        steps: vec![(Step::SignIn, 12), (Step::Write, 3456)],
    })
}

/// A whole run.
fn run(journal: &SqliteJournal, run: &str, serial_number: &str) {
    journal.append(&start(run, serial_number)).unwrap();
    journal.append(&end(run, None)).unwrap();
}

/// What a look through the whole of it shows.
fn checked(journal: &SqliteJournal) -> Chain {
    journal.verify(&Checking::default()).unwrap().expect("nobody stops it")
}

fn all(journal: &SqliteJournal) -> Vec<RunRecord> {
    journal.history(None, usize::MAX).unwrap()
}
