//! A list of serial numbers becomes rows. What does not is said line by line.

use std::borrow::Cow;

use serde::Serialize;
use ts_rs::TS;

use super::csv::{self, Record};
use super::{Bench, MOST_ROWS};
use crate::{FailureView, SerialNumber, Site, parameters};

/// What became of a file or of pasted text.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchImported")]
pub struct Imported {
    /// How many rows came of it.
    #[ts(type = "number")]
    pub added: usize,
    pub refused: Vec<RefusedLine>,
}

/// A line that became no row.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(export, rename = "BenchRefusedLine")]
pub struct RefusedLine {
    pub line: u32,
    /// As it stands there, cut to a length that can be shown.
    pub text: String,
    pub why: WhyRefused,
}

#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export, rename = "BenchWhyRefused")]
pub enum WhyRefused {
    /// The batch has it already; `row` is its number there.
    Duplicate { row: u32 },
    /// The site does not accept it, or a parameter cannot be given.
    Invalid { failure: FailureView },
    /// A quotation mark is opened and never closed.
    Unclosed,
    /// Our own export says that it is done.
    Done,
    /// More than a serial number and a driver, and no heading that names the rest.
    NoHeading,
    /// More cells than the heading has.
    TooManyCells,
    /// The batch is full.
    Full,
}

/// A file's bytes as text. Without a byte order mark it is UTF-8, or else Shift_JIS, as Japanese spreadsheets write CSV;
/// what is neither stays visible as a mark of its own, so that its line is refused and not dropped.
pub fn decode(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, ..] => String::from_utf8_lossy(bytes).into_owned(),
        _ => {
            let text = String::from_utf8_lossy(bytes);
            let shift_jis = || encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
            let is_utf8 = matches!(text, Cow::Borrowed(_));
            if is_utf8 { text } else { shift_jis().unwrap_or(text) }.into_owned()
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Column {
    SerialNumber,
    Driver,
    Parameter(String),
    /// What our own export says became of the row.
    State,
    /// Another one that our own export has.
    PassedOver,
}

impl Bench {
    /// Adds a row for each serial number in the text: a CSV file, or a pasted column. A heading is optional.
    pub fn import(&mut self, text: &str, site: &Site) -> Imported {
        let mut imported = Imported { added: 0, refused: vec![] };
        let mut heading: Option<Vec<Column>> = None;
        let mut first = true;
        for record in csv::records(text).into_iter().filter(|record| !record.is_blank()) {
            if std::mem::take(&mut first) {
                heading = columns(&record);
                if heading.is_some() {
                    continue;
                }
            }
            match self.add(&record, heading.as_deref(), site) {
                Ok(()) => imported.added += 1,
                Err(why) => imported.refused.push(RefusedLine { line: record.line, text: shown(&record), why }),
            }
        }
        imported
    }

    fn add(&mut self, record: &Record, heading: Option<&[Column]>, site: &Site) -> Result<(), WhyRefused> {
        let bare = [Column::SerialNumber, Column::Driver];
        let columns = heading.unwrap_or(&bare);
        if record.unclosed {
            return Err(WhyRefused::Unclosed);
        }
        let filled = record.fields.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        if filled > columns.len() {
            return Err(if heading.is_some() { WhyRefused::TooManyCells } else { WhyRefused::NoHeading });
        }
        let cells = || columns.iter().zip(&record.fields).map(|(column, cell)| (column, csv::unguarded(cell.trim())));
        let text = cells().find(|(column, _)| **column == Column::SerialNumber).map_or("", |(_, cell)| cell);
        let invalid = |failure: crate::Failure| WhyRefused::Invalid { failure: failure.view() };
        let serial = SerialNumber::parse(text, site).map_err(invalid)?;
        if let Some(row) = self.row_of(serial.as_str()) {
            return Err(WhyRefused::Duplicate { row });
        }
        if cells().any(|(column, cell)| *column == Column::State && cell == super::export::DONE) {
            return Err(WhyRefused::Done);
        }
        if self.rows.len() >= MOST_ROWS {
            return Err(WhyRefused::Full);
        }
        let given = cells().filter(|(_, cell)| !cell.is_empty()).filter_map(|(column, cell)| match column {
            Column::Parameter(name) => Some((name.clone(), cell.to_owned())),
            Column::SerialNumber | Column::Driver | Column::State | Column::PassedOver => None,
        });
        let given = given.collect();
        parameters::of_template(&given, &serial).map_err(invalid)?;
        let driver = cells().find(|(column, cell)| **column == Column::Driver && !cell.is_empty());
        let driver = driver.map(|(_, cell)| cell.to_owned());
        let row = self.push(&serial);
        (row.parameters, row.driver) = (given, driver);
        Ok(())
    }
}

/// The heading's columns; `None` if the record is none: no cell of it names serial numbers.
fn columns(record: &Record) -> Option<Vec<Column>> {
    let columns: Vec<Column> = record.fields.iter().map(|cell| column(cell.trim())).collect();
    columns.contains(&Column::SerialNumber).then_some(columns)
}

fn column(name: &str) -> Column {
    let plain: String = name.chars().filter(|c| !" _-./".contains(*c)).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        "serialnumber" | "serial" | "serialno" | "sn" | "シリアル番号" | "シリアルナンバー" | "製造番号" => {
            Column::SerialNumber
        }
        "driver" | "ドライバー" | "ドライバ" => Column::Driver,
        "" => Column::PassedOver,
        _ if name == super::export::STATE => Column::State,
        _ if super::export::COLUMNS.contains(&name) => Column::PassedOver,
        _ => Column::Parameter(name.to_owned()),
    }
}

fn shown(record: &Record) -> String {
    let text = record.fields.join(", ");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}
