//! What the journal is searched by, which says nothing that the entries do not say.

use std::collections::HashMap;

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Rows};

use crate::Error;
use crate::entry::Values;
use crate::record::INTERRUPTED;
use crate::row::{OPEN, RunRow, day};

/// Holds each run against its entries, which come in their order.
pub(crate) struct Runs<'c> {
    /// Of `run`, by its number; begins with the first.
    rows: Rows<'c>,
    days: HashMap<String, (i64, i64)>,
    /// What is said of the runs whose end has not come yet, by their ID.
    open: HashMap<String, End>,
    wrong: Option<i64>,
}

struct End {
    start: i64,
    seq: Option<i64>,
    outcome: String,
    operator: Option<String>,
    certificate_id: Option<String>,
    code: Option<String>,
}

impl<'c> Runs<'c> {
    pub(crate) fn of(connection: &Connection, mut rows: Rows<'c>) -> Result<Self, Error> {
        let mut statement = connection.prepare("SELECT date, first, last FROM day")?;
        let days = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        let days = days.collect::<Result<_, _>>()?;
        rows.advance()?;
        Ok(Self { rows, days, open: HashMap::new(), wrong: None })
    }

    pub(crate) fn entry(&mut self, seq: i64, values: &Values<'_>) -> Result<(), Error> {
        let [_, kind, run, ..] = values.map(text);
        let (Some(kind), Some(run)) = (kind, run) else { return Ok(()) };
        if kind == "started" {
            return self.started(seq, run, values);
        }
        self.ended(seq, run, values);
        Ok(())
    }

    fn started(&mut self, seq: i64, id: &str, values: &Values<'_>) -> Result<(), Error> {
        self.invented_before(seq)?;
        let [_, _, _, at, writer, job, site, serial_number, thing_name, _, device, ..] = values.map(text);
        let on_its_day =
            at.and_then(|at| self.days.get(day(at))).is_some_and(|&(first, last)| first <= seq && seq <= last);
        let Some(run) = self.rows.get().map(RunRow::of).transpose()?.filter(|run| run.seq == seq) else {
            self.found_wrong(seq);
            return Ok(());
        };
        let said = [run.at, run.writer, run.job, run.site, run.serial_number, run.thing_name].map(Some);
        let right = said == [at, writer, job, site, serial_number, thing_name] && run.device == device && on_its_day;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let end = End {
            start: seq,
            seq: run.ended,
            outcome: run.outcome.to_owned(),
            operator: owned(run.operator),
            certificate_id: owned(run.certificate_id),
            code: owned(run.code),
        };
        self.open.insert(id.to_owned(), end);
        if !right {
            self.found_wrong(seq);
        }
        self.rows.advance()?;
        Ok(())
    }

    fn ended(&mut self, seq: i64, id: &str, values: &Values<'_>) {
        // A start that is not there is found wrong already.
        let Some(end) = self.open.remove(id) else { return };
        let [_, _, _, _, _, _, _, _, _, _, _, operator, certificate_id, code, ..] = values.map(text);
        let outcome = match code {
            None => "finished",
            Some(INTERRUPTED) => "interrupted",
            Some(_) => "failed",
        };
        let said = [end.operator.as_deref(), end.certificate_id.as_deref(), end.code.as_deref()];
        if end.seq != Some(seq) || end.outcome != outcome || said != [operator, certificate_id, code] {
            self.found_wrong(end.start);
        }
    }

    /// After the last entry: the first run that is found otherwise than its entries say, or not at all.
    pub(crate) fn first_wrong(mut self) -> Result<Option<i64>, Error> {
        self.invented_before(i64::MAX)?;
        let claims = |end: &End| {
            end.outcome != OPEN
                || end.seq.is_some()
                || [&end.operator, &end.certificate_id, &end.code].iter().any(|said| said.is_some())
        };
        let claimed = self.open.values().filter(|end| claims(end)).map(|end| end.start).min();
        Ok(self.wrong.into_iter().chain(claimed).min())
    }

    /// Runs that nobody began.
    fn invented_before(&mut self, seq: i64) -> Result<(), Error> {
        while let Some(row) = self.rows.get() {
            let run: i64 = row.get(0)?;
            if run >= seq {
                break;
            }
            self.found_wrong(run);
            self.rows.advance()?;
        }
        Ok(())
    }

    fn found_wrong(&mut self, seq: i64) {
        self.wrong = Some(self.wrong.map_or(seq, |wrong| wrong.min(seq)));
    }
}

fn text(value: ValueRef<'_>) -> Option<&str> {
    value.as_str().ok()
}
