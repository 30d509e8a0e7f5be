//! `fieldkey history`.

use fieldkey_core::{Code, Failure, Language, text};
use fieldkey_journal::SqliteJournal;

use crate::output::line_to;
use crate::{Ended, args};

pub(crate) fn run(args: &args::History, language: Language) -> Result<(), Ended> {
    let runs = SqliteJournal::open_default()
        .and_then(|journal| journal.history(args.serial_number.as_deref(), args.limit))
        .map_err(|error| Failure::new(Code::Usage).about("history").because(error.to_string()))?;
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
