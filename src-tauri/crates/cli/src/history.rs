//! `fieldkey history`.

use fieldkey_core::{Language, text};
use fieldkey_journal::{Outcome, SqliteJournal};

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
        let (mark, outcome) = match (&run.code, run.outcome) {
            (Some(code), _) => ('✗', code.as_str()),
            (None, Outcome::Running) => ('…', ""),
            (None, _) => ('✓', if run.registered == Some(true) { text::conclusion(Some(true), language) } else { "" }),
        };
        let operator = run.operator.as_deref().unwrap_or("-");
        let target = if run.target.is_empty() { "-" } else { &run.target };
        line_to(
            &mut out,
            &format!("{mark} {}  {}  {}  {target}  {operator}  {outcome}", run.started_at, run.job, run.thing_name),
        );
    }
    Ok(())
}
