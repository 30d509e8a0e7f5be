//! The batch's outcome as CSV.

use time::OffsetDateTime;

use super::csv;
use super::row::{By, Row, RowState};
use crate::Language;
use crate::run::rfc3339;

pub(super) const STATE: &str = "state";

/// The state of a row that is not to be done again.
pub(super) const DONE: &str = "done";

pub(super) const COLUMNS: [&str; 15] = [
    "serialNumber",
    "thingName",
    STATE,
    "registered",
    "code",
    "step",
    "message",
    "target",
    "device",
    "certificateId",
    "deviceCertificateId",
    "started",
    "ended",
    "attempts",
    "run",
];

/// RFC 4180, UTF-8 with a byte order mark, which spreadsheets need to read Japanese. A cell that one would calculate
/// begins with an apostrophe.
pub fn export(rows: &[Row], language: Language) -> String {
    let mut text = String::from('\u{feff}');
    csv::write(&COLUMNS.map(str::to_owned), &mut text);
    for row in rows {
        csv::write(&cells(row, language), &mut text);
    }
    text
}

fn cells(row: &Row, language: Language) -> [String; 15] {
    let (state, code, step, message) = outcome(row, language);
    let registered = match row.state {
        RowState::Done { registered: Some(true) } => "true",
        RowState::Done { registered: Some(false) } => "false",
        _ => "",
    };
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |at: Option<OffsetDateTime>| at.map(rfc3339).unwrap_or_default();
    [
        row.serial_number.clone(),
        row.thing_name.clone(),
        state.to_owned(),
        registered.to_owned(),
        code,
        step,
        message,
        or_empty(&row.target),
        or_empty(&row.device),
        or_empty(&row.certificate_id),
        or_empty(&row.device_certificate_id),
        time(row.started),
        time(row.ended),
        row.attempts.to_string(),
        or_empty(&row.run),
    ]
}

fn outcome(row: &Row, language: Language) -> (&'static str, String, String, String) {
    let plain = |state| (state, String::new(), String::new(), String::new());
    let word = |step: Option<crate::Step>| step.and_then(|step| serde_json::to_value(step).ok());
    let word = |step| word(step).and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    match &row.state {
        RowState::Waiting => plain("waiting"),
        RowState::Assigned { .. } => plain("assigned"),
        RowState::Running { step, .. } => ("running", String::new(), word(Some(*step)), String::new()),
        RowState::Done { .. } => plain(DONE),
        RowState::Skipped => plain("skipped"),
        RowState::Interrupted { step, by } => {
            let by = if *by == By::Crash { "crash" } else { "operator" };
            ("interrupted", "interrupted".into(), word(*step), by.into())
        }
        RowState::Failed { failure, .. } => {
            let words = if language == Language::Japanese { &failure.ja } else { &failure.en };
            ("failed", failure.code.to_string(), word(failure.step), words.message.clone())
        }
    }
}
