//! `fieldkey history`.

use fieldkey_core::{Language, text};
use fieldkey_journal::SqliteJournal;

use crate::output::line_to;
use crate::{Ended, args};

pub(crate) fn run(args: &args::History, language: Language) -> Result<(), Ended> {
    let runs = SqliteJournal::open_default()
        .and_then(|journal| journal.history(args.serial_number.as_deref(), args.limit))
        .map_err(|error| {
            line_to(&mut std::io::stderr(), &error.to_string());
            Ended::Said(2)
        })?;
    let mut out = std::io::stdout();
    for run in &runs {
        if args.json {
            line_to(&mut out, &serde_json::to_string(run).unwrap_or_default());
            continue;
        }
        let outcome = match &run.code {
            Some(code) => code.as_str(),
            None => text::conclusion(run.registered, language),
        };
        line_to(&mut out, &format!("{}  {}  {}  {outcome}", run.started_at, run.serial_number, run.target));
    }
    Ok(())
}
