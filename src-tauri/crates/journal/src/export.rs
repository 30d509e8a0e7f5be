//! The journal for other programs.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::RunRecord;

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
pub(crate) fn begin(format: Format, out: &mut dyn Write) -> io::Result<()> {
    if format == Format::Csv {
        out.write_all("\u{feff}".as_bytes())?;
        line(out, HEADINGS)?;
    }
    Ok(())
}

pub(crate) fn run(format: Format, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::JsonLines => {
            serde_json::to_writer(&mut *out, record)?;
            out.write_all(b"\n")?;
            Ok(())
        }
        Format::Csv => cells(record, out),
    }
}

fn cells(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    let mut steps = String::new();
    for step in &record.steps {
        let before = if steps.is_empty() { "" } else { "; " };
        steps.extend([before, &step.step, " ", &step.ms.to_string()]);
    }
    let total: u64 = record.steps.iter().map(|step| step.ms).sum();
    let registered = record.registered.map(|yes| if yes { "true" } else { "false" });
    line(
        out,
        [
            &record.entry.to_string(),
            &record.run,
            &record.started_at,
            or_empty(&record.ended_at),
            &record.job,
            record.outcome.word(),
            or_empty(&record.code),
            or_empty(&record.step),
            &record.site,
            or_empty(&record.operator),
            &record.serial_number,
            &record.thing_name,
            &record.target,
            or_empty(&record.device),
            or_empty(&record.certificate_id),
            registered.unwrap_or_default(),
            &total.to_string(),
            &steps,
        ],
    )
}

fn or_empty(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn line(out: &mut dyn Write, cells: [&str; HEADINGS.len()]) -> io::Result<()> {
    for (before, text) in cells.into_iter().enumerate() {
        if before > 0 {
            out.write_all(b",")?;
        }
        out.write_all(cell(text).as_bytes())?;
    }
    out.write_all(b"\r\n")?;
    Ok(())
}

/// A cell, quoted where it must be. One that a spreadsheet would take for a formula begins with an apostrophe:
/// serial numbers and labels come from whoever made the device.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let defused = if formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    if defused.bytes().any(|byte| matches!(byte, b'"' | b',' | b'\r' | b'\n')) {
        return Cow::Owned(format!("\"{}\"", defused.replace('"', "\"\"")));
    }
    defused
}
