//! A run as it is found: a row of `run`.

use rusqlite::Row;

use crate::token::{self, Token, Value};

/// The columns of [`RunRow`].
pub(crate) const COLUMNS: &str = "seq, ended, outcome, at, writer, job, site, serial_number, thing_name, device,
    operator, certificate_id, code";

/// Of a run without an end.
pub(crate) const OPEN: &str = "open";

/// So much of how a certificate's ID begins is looked up.
const BEGINNINGS: [usize; 4] = [8, 4, 2, 1];

#[derive(Debug, PartialEq)]
pub(crate) struct RunRow<'r> {
    pub(crate) seq: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) outcome: &'r str,
    pub(crate) at: &'r str,
    pub(crate) writer: &'r str,
    pub(crate) job: &'r str,
    pub(crate) site: &'r str,
    pub(crate) serial_number: &'r str,
    pub(crate) thing_name: &'r str,
    pub(crate) device: Option<&'r str>,
    pub(crate) operator: Option<&'r str>,
    pub(crate) certificate_id: Option<&'r str>,
    pub(crate) code: Option<&'r str>,
}

impl<'r> RunRow<'r> {
    pub(crate) fn of(row: &'r Row<'_>) -> rusqlite::Result<Self> {
        let text = |index: usize| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str()?);
        let perhaps = |index: usize| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str_or_null()?);
        Ok(Self {
            seq: row.get(0)?,
            ended: row.get(1)?,
            outcome: text(2)?,
            at: text(3)?,
            writer: text(4)?,
            job: text(5)?,
            site: text(6)?,
            serial_number: text(7)?,
            thing_name: text(8)?,
            device: perhaps(9)?,
            operator: perhaps(10)?,
            certificate_id: perhaps(11)?,
            code: perhaps(12)?,
        })
    }

    /// What words are looked for in, capital letters made small, a line for each; into `text`.
    pub(crate) fn fold_into(&self, text: &mut String) {
        text.clear();
        fold(self.thing_name, text);
        // Most things are called after their serial number.
        if !self.thing_name.contains(self.serial_number) {
            text.push('\n');
            fold(self.serial_number, text);
        }
        for more in [self.operator, Some(self.site), self.device].into_iter().flatten() {
            text.push('\n');
            fold(more, text);
        }
    }

    pub(crate) fn value(&self, of: Value) -> Option<&'r str> {
        match of {
            Value::SerialNumber => Some(self.serial_number),
            Value::ThingName => Some(self.thing_name),
            Value::Operator => self.operator,
            Value::Site => Some(self.site),
            Value::Job => Some(self.job),
            Value::Code => self.code,
            Value::Outcome => Some(self.outcome),
            Value::Day => Some(day(self.at)),
            Value::Certificate => self.certificate_id,
        }
    }

    /// All that a run which has ended is found by. `text` is there to be used again.
    pub(crate) fn tokens(&self, text: &mut String, mut each: impl FnMut(Token)) {
        self.fold_into(text);
        text.split('\n').for_each(|line| token::of_pieces(line, &mut each));
        for of in Value::WHOLE {
            self.value(of).into_iter().for_each(|value| each(token::of_value(of, value)));
        }
        let certificate = self.certificate_id.unwrap_or_default();
        for beginning in BEGINNINGS.iter().filter_map(|&length| certificate.get(..length)) {
            each(token::of_value(Value::Certificate, beginning));
        }
    }
}

/// Of a certificate whose ID begins so; `None` if all do.
pub(crate) fn certificate(beginning: &str) -> Option<Token> {
    let known = BEGINNINGS.iter().find_map(|&length| beginning.get(..length))?;
    Some(token::of_value(Value::Certificate, known))
}

pub(crate) fn day(at: &str) -> &str {
    at.get(..10).unwrap_or(at)
}

/// Appends it with capital letters made small.
pub(crate) fn fold(text: &str, to: &mut String) {
    if text.is_ascii() {
        let from = to.len();
        to.push_str(text);
        to[from..].make_ascii_lowercase();
    } else {
        to.extend(text.chars().flat_map(char::to_lowercase));
    }
}
