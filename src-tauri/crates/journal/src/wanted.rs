//! A filter, ready to be held against runs.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::Error;
use crate::block::Asked;
use crate::record::{INTERRUPTED, Outcome};
use crate::row::{self, OPEN, RunRow};
use crate::search::Filter;
use crate::text::Words;
use crate::token::{Value, of_value};
use crate::words::date;

pub(crate) struct Wanted<'f> {
    values: Vec<(Value, &'f str)>,
    outcome: Option<Outcome>,
    /// Writers of whom nothing more comes.
    dead: &'f HashSet<String>,
    certificate: Option<String>,
    words: Words,
    since: Option<String>,
    until: Option<String>,
}

impl<'f> Wanted<'f> {
    pub(crate) fn of(filter: &'f Filter, dead: &'f HashSet<String>) -> Result<Self, Error> {
        let (code, outcome) = match (filter.code.as_deref(), filter.outcome) {
            // A killed run has that code by being dead alone.
            (Some(INTERRUPTED), None | Some(Outcome::Interrupted)) => (None, Some(Outcome::Interrupted)),
            other => other,
        };
        let values = [
            (Value::SerialNumber, filter.serial_number.as_deref()),
            (Value::ThingName, filter.thing_name.as_deref()),
            (Value::Code, code),
            (Value::Job, filter.job.as_deref()),
            (Value::Operator, filter.operator.as_deref()),
            (Value::Site, filter.site.as_deref()),
        ];
        Ok(Self {
            values: values.into_iter().filter_map(|(of, value)| Some((of, value?))).collect(),
            outcome,
            dead,
            certificate: filter.certificate_id.as_ref().map(|beginning| beginning.to_ascii_lowercase()),
            words: Words::of(&filter.text),
            since: filter.since.map(date).transpose()?,
            until: filter.until.map(date).transpose()?,
        })
    }

    /// Is it this run? `text` is there to be used again.
    pub(crate) fn fits(&self, run: &RunRow<'_>, text: &mut String) -> bool {
        let certificate = |beginning: &str| run.certificate_id.is_some_and(|id| id.starts_with(beginning));
        self.values.iter().all(|&(of, value)| run.value(of) == Some(value))
            && self.outcome.is_none_or(|outcome| self.ended_so(run, outcome))
            && self.certificate.as_deref().is_none_or(certificate)
            && self.since.as_deref().is_none_or(|since| run.at >= since)
            && self.until.as_deref().is_none_or(|until| run.at < until)
            && (self.words.is_empty() || self.words.certificate().is_some_and(certificate) || {
                run.fold_into(text);
                self.words.are_in(text)
            })
    }

    fn ended_so(&self, run: &RunRow<'_>, outcome: Outcome) -> bool {
        let killed = || run.outcome == OPEN && self.dead.contains(run.writer);
        match outcome {
            Outcome::Running => run.outcome == OPEN && !killed(),
            Outcome::Interrupted => run.outcome == outcome.word() || killed(),
            Outcome::Finished | Outcome::Failed => run.outcome == outcome.word(),
        }
    }

    /// What the index is asked; `None` if it need not be: every run is looked for.
    pub(crate) fn asked(&self, days: &[Day]) -> Option<Asked> {
        let mut all: Vec<_> = self.values.iter().map(|&(of, value)| of_value(of, value)).collect();
        all.extend(self.outcome.map(|outcome| of_value(Value::Outcome, outcome.word())));
        all.extend(self.certificate.as_deref().and_then(row::certificate));
        let dated = self.since.is_some() || self.until.is_some();
        let days = || days.iter().map(|day| (of_value(Value::Day, &day.date), day.first, day.last)).collect();
        let either = || (self.words.tokens(), self.words.certificate().and_then(row::certificate));
        let asked = Asked { all, either: (!self.words.is_empty()).then(either), days: dated.then(days) };
        (!asked.all.is_empty() || asked.either.is_some() || dated).then_some(asked)
    }

    /// The days in question, oldest first; `None` if all are.
    pub(crate) fn days(&self, connection: &Connection) -> Result<Option<Vec<Day>>, Error> {
        if self.since.is_none() && self.until.is_none() {
            return Ok(None);
        }
        let mut statement = connection
            .prepare_cached("SELECT date, first, last FROM day WHERE date >= ? AND date <= ? ORDER BY date")?;
        let bounds = [self.since.as_deref().map_or("", row::day), self.until.as_deref().map_or("~", row::day)];
        let days =
            statement.query_map(bounds, |row| Ok(Day { date: row.get(0)?, first: row.get(1)?, last: row.get(2)? }))?;
        Ok(Some(days.collect::<Result<_, _>>()?))
    }
}

/// The entries among which the starts of a day are.
pub(crate) struct Day {
    date: String,
    pub(crate) first: i64,
    pub(crate) last: i64,
}
