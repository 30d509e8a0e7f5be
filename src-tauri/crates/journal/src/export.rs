//! The journal for other programs.

use std::io::Write;

use crate::{Error, RunRecord};

/// How runs are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "ExportFormat")]
pub enum Format {
    /// RFC 4180 in UTF-8, with a byte order mark: without one, Excel takes Japanese for something else.
    Csv,
    /// One JSON object a line, as `fieldkey history --json` prints them.
    JsonLines,
}

const HEADINGS: [&str; 18] = [
    "entry",
    "run",
    "startedAt",
    "endedAt",
    "job",
    "outcome",
    "code",
    "step",
    "site",
    "operator",
    "serialNumber",
    "thingName",
    "target",
    "device",
    "certificateId",
    "registered",
    "ms",
    "steps",
];

/// What comes before the first run.
pub(crate) fn begin(format: Format, out: &mut dyn Write) -> Result<(), Error> {
    if format == Format::Csv {
        out.write_all("\u{feff}".as_bytes())?;
        line(out, HEADINGS)?;
    }
    Ok(())
}

pub(crate) fn run(format: Format, record: &RunRecord, out: &mut dyn Write) -> Result<(), Error> {
    match format {
        Format::JsonLines => {
            serde_json::to_writer(&mut *out, record)?;
            out.write_all(b"\n")?;
            Ok(())
        }
        Format::Csv => cells(record, out),
    }
}

fn cells(record: &RunRecord, out: &mut dyn Write) -> Result<(), Error> {
    let or_empty = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let steps: Vec<_> = record.steps.iter().map(|step| format!("{} {}", step.step, step.ms)).collect();
    let total: u64 = record.steps.iter().map(|step| step.ms).sum();
    let cells = [
        record.entry.to_string(),
        record.run.clone(),
        record.started_at.clone(),
        or_empty(&record.ended_at),
        record.job.clone(),
        record.outcome.word().to_owned(),
        or_empty(&record.code),
        or_empty(&record.step),
        record.site.clone(),
        or_empty(&record.operator),
        record.serial_number.clone(),
        record.thing_name.clone(),
        record.target.clone(),
        or_empty(&record.device),
        or_empty(&record.certificate_id),
        record.registered.map(|yes| yes.to_string()).unwrap_or_default(),
        total.to_string(),
        steps.join("; "),
    ];
    line(out, cells.each_ref().map(String::as_str))
}

fn line(out: &mut dyn Write, cells: [&str; HEADINGS.len()]) -> Result<(), Error> {
    let line = cells.map(cell).join(",");
    out.write_all(line.as_bytes())?;
    out.write_all(b"\r\n")?;
    Ok(())
}

/// A cell, quoted where it must be. One that a spreadsheet would take for a formula begins with an apostrophe:
/// serial numbers and labels come from whoever made the device.
pub(crate) fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let defused = if formula { format!("'{text}") } else { text.to_owned() };
    if defused.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", defused.replace('"', "\"\"")) } else { defused }
}
