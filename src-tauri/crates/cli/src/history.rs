//! `fieldkey history`.

use std::io::{BufWriter, ErrorKind, Write};
use std::sync::Arc;

use fieldkey_core::{Code, Failure, Feature, Language, text};
use fieldkey_journal::{Chain, Error, Filter, Format, Outcome, RunRecord, SqliteJournal};

use crate::output::{self, line_to};
use crate::words::breach;
use crate::{Ended, args, organisation};

/// The records are not as they were written: a finding, no failure.
const BROKEN: u8 = 1;

pub(crate) fn run(args: &args::History, language: Language) -> Result<(), Ended> {
    // All of it for a program to read is an export, whatever it is called; whether it is whole is none.
    if args.csv || (args.json && !args.check) {
        organisation::here().rules().allow(Feature::JournalExport)?;
    }
    let done = SqliteJournal::open_default().and_then(|journal| {
        if args.check {
            return check(&journal, args.json, language);
        }
        if args.csv {
            export(&journal, &filter(args))?;
        } else {
            show(&journal, args, language)?;
        }
        Ok(Ok(()))
    });
    done.unwrap_or_else(|error| match error {
        // A reader that went away (`| head`) is no failure.
        Error::Output(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        error => Err(failure(&error, language).into()),
    })
}

fn failure(error: &Error, language: Language) -> Failure {
    let failure = match (error, language) {
        (Error::Output(_), Language::English) => Failure::new(Code::Usage).about("standard output"),
        (Error::Output(_), Language::Japanese) => Failure::new(Code::Usage).about("標準出力"),
        _ => Failure::new(Code::JournalUnavailable),
    };
    failure.because_of(error.why())
}

fn filter(args: &args::History) -> Filter {
    Filter {
        text: args.search.clone().unwrap_or_default(),
        serial_number: args.serial_number.clone(),
        outcome: args.outcome.map(Into::into),
        since: args.since,
        until: args.until,
        ..Filter::default()
    }
}

fn show(journal: &SqliteJournal, args: &args::History, language: Language) -> Result<(), Error> {
    let mut out = std::io::stdout();
    for run in &journal.page(&filter(args), None, args.limit)?.runs {
        let line = if args.json { serde_json::to_string(run)? } else { words(run, language) };
        line_to(&mut out, &line);
    }
    Ok(())
}

fn words(run: &RunRecord, language: Language) -> String {
    let (mark, outcome) = match (&run.code, run.outcome) {
        (Some(code), _) => ('✗', code.as_str()),
        (None, Outcome::Running) => ('…', ""),
        (None, _) => ('✓', if run.registered == Some(true) { text::conclusion(true, language) } else { "" }),
    };
    let operator = run.operator.as_deref().unwrap_or("-");
    let target = if run.target.is_empty() { "-" } else { &run.target };
    format!("{mark} {}  {}  {}  {target}  {operator}  {outcome}", run.started_at, run.job, run.thing_name)
}

fn export(journal: &SqliteJournal, filter: &Filter) -> Result<(), Error> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    journal.export(filter, Format::Csv, &mut out)?;
    out.flush().map_err(Error::Output)
}

fn check(journal: &SqliteJournal, json: bool, language: Language) -> Result<Result<(), Ended>, Error> {
    let checking = Arc::default();
    let bar = (!json).then(|| output::looking(&checking, language)).flatten();
    let chain = journal.verify(&checking);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    // Nobody stops it but by ending the program.
    let Some(chain) = chain? else { return Ok(Ok(())) };
    let line = if json { serde_json::to_string(&chain)? } else { breach::state(&chain, language) };
    line_to(&mut std::io::stdout(), &line);
    Ok(match chain {
        Chain::Whole { .. } => Ok(()),
        Chain::Broken { .. } => Err(Ended::Said(BROKEN)),
    })
}
