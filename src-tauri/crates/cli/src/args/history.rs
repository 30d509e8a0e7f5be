//! Looking at earlier runs.

use clap::ValueEnum;
use fieldkey_journal as journal;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

#[derive(clap::Args)]
pub(crate) struct History {
    /// Only the runs of this device
    #[arg(long, value_name = "SN")]
    pub(crate) serial_number: Option<String>,
    /// Only runs with these words in serial number, thing, operator, site or device, or whose certificate ID begins so
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only runs that ended like this
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) outcome: Option<Outcome>,
    /// Only runs that began then or later: YYYY-MM-DD (UTC), or a time by RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<OffsetDateTime>,
    /// Only runs that began before then
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) until: Option<OffsetDateTime>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with = "csv")]
    pub(crate) limit: usize,
    /// Print all of them as CSV, for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Check instead that no record was changed or removed; exit status 1 if one was
    #[arg(long, conflicts_with_all = ["serial_number", "search", "outcome", "since", "until", "limit", "csv"])]
    pub(crate) check: bool,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Outcome {
    Running,
    Finished,
    Failed,
    Interrupted,
}

impl From<Outcome> for journal::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Running => Self::Running,
            Outcome::Finished => Self::Finished,
            Outcome::Failed => Self::Failed,
            Outcome::Interrupted => Self::Interrupted,
        }
    }
}

fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    day.map(|day| day.midnight().assume_offset(UtcOffset::UTC))
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
        .map_err(|_| "2026-03-04 / 2026-03-04T05:06:07+09:00".to_owned())
}
