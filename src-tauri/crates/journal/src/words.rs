//! How values are written in the journal.

use serde::Serialize;
use serde_json::Value;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::Error;

/// The stable word that events and scripts use for a job, a step or a code.
pub(crate) fn word(value: impl Serialize) -> Result<String, Error> {
    Ok(match serde_json::to_value(value)? {
        Value::String(word) => word,
        other => other.to_string(),
    })
}

/// Always as long, so that dates sort as text.
const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

pub(crate) fn date(at: OffsetDateTime) -> Result<String, Error> {
    Ok(at.checked_to_offset(UtcOffset::UTC).unwrap_or(at).format(DATE)?)
}
