//! Finding runs, newest first, a page at a time.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ts_rs::TS;

use crate::record::{self, INTERRUPTED, Outcome, RunRecord};
use crate::text::Words;
use crate::words::date;
use crate::{Error, writer};

/// Which runs: those that meet all that is said here.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(export, rename = "RunFilter", optional_fields)]
pub struct Filter {
    /// Words that are anywhere in the serial number, the thing's name, the operator, the site or the device, or
    /// one that the certificate's ID begins with. Capital or small is the same.
    pub text: String,
    pub serial_number: Option<String>,
    pub thing_name: Option<String>,
    /// How the certificate's ID begins.
    pub certificate_id: Option<String>,
    pub operator: Option<String>,
    pub site: Option<String>,
    pub job: Option<String>,
    pub code: Option<String>,
    pub outcome: Option<Outcome>,
    /// Started then or later; RFC 3339, as the next.
    #[serde(with = "time::serde::rfc3339::option")]
    #[ts(as = "Option<String>")]
    pub since: Option<OffsetDateTime>,
    /// Started before then.
    #[serde(with = "time::serde::rfc3339::option")]
    #[ts(as = "Option<String>")]
    pub until: Option<OffsetDateTime>,
}

/// Runs, newest first.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    pub runs: Vec<RunRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<i64>,
}

pub(crate) fn page(
    connection: &mut Connection,
    folder: &Path,
    filter: &Filter,
    before: Option<i64>,
    limit: usize,
) -> Result<Page, Error> {
    // Before the reading begins: from the dead nothing more comes, while a run of the living may end any time.
    let dead = writer::dead(connection, folder)?;
    let transaction = connection.transaction()?;
    let Some(conditions) = Conditions::of(&transaction, filter, before, &dead)? else {
        return Ok(Page { runs: vec![], next: None });
    };
    let wanted = limit.saturating_add(1);
    let mut found = BTreeSet::new();
    for source in sources(&filter.text, &conditions) {
        found.extend(source.newest(&transaction, wanted)?);
    }
    let newest: Vec<i64> = found.into_iter().rev().take(wanted).collect();
    let shown = newest.get(..limit).unwrap_or(&newest);
    let mut runs = Vec::with_capacity(shown.len());
    for &seq in shown {
        runs.extend(record::read(&transaction, seq, &dead)?);
    }
    Ok(Page { runs, next: shown.last().copied().filter(|_| newest.len() > limit) })
}

/// Conditions on `run AS r`, with what stands for their question marks.
#[derive(Clone, Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// `None` if nothing can meet them.
    fn of(
        connection: &Connection,
        filter: &Filter,
        before: Option<i64>,
        dead: &HashSet<String>,
    ) -> Result<Option<Self>, Error> {
        let mut conditions = Self::default();
        let columns = [
            ("serial_number", &filter.serial_number),
            ("thing_name", &filter.thing_name),
            ("operator", &filter.operator),
            ("site", &filter.site),
            ("job", &filter.job),
        ];
        for (column, value) in columns {
            if let Some(value) = value {
                conditions.add(&format!("r.{column} = ?"), [value.clone().into()]);
            }
        }
        if let Some(beginning) = &filter.certificate_id {
            conditions.certificate(&beginning.to_ascii_lowercase());
        }
        let outcome = match filter.code.as_deref() {
            // A killed run has that code by being dead alone.
            Some(INTERRUPTED) if filter.outcome.is_none_or(|outcome| outcome == Outcome::Interrupted) => {
                Some(Outcome::Interrupted)
            }
            Some(code) => {
                conditions.add("r.code = ?", [code.to_owned().into()]);
                filter.outcome
            }
            None => filter.outcome,
        };
        if let Some(outcome) = outcome {
            conditions.outcome(outcome, dead)?;
        }
        if let Some(before) = before {
            conditions.add("r.seq < ?", [before.into()]);
        }
        Ok(conditions.between(connection, filter)?.then_some(conditions))
    }

    fn add(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(sql.to_owned());
        self.values.extend(values);
    }

    fn certificate(&mut self, beginning: &str) {
        // After every ID that begins so: they are written in hex.
        self.add(
            "r.certificate_id >= ? AND r.certificate_id < ?",
            [beginning.to_owned().into(), format!("{beginning}~").into()],
        );
    }

    fn outcome(&mut self, outcome: Outcome, dead: &HashSet<String>) -> Result<(), Error> {
        let dead = || Ok::<_, Error>([serde_json::to_string(dead)?.into()]);
        let of_dead = "IN (SELECT value FROM json_each(?))";
        match outcome {
            Outcome::Running => self.add(&format!("r.outcome = 'open' AND r.writer NOT {of_dead}"), dead()?),
            Outcome::Interrupted => {
                let sql = format!("(r.outcome = 'interrupted' OR r.outcome = 'open' AND r.writer {of_dead})");
                self.add(&sql, dead()?);
            }
            Outcome::Finished | Outcome::Failed => self.add("r.outcome = ?", [outcome.word().to_owned().into()]),
        }
        Ok(())
    }

    /// Puts bounds to when they started. False if nothing can lie between.
    fn between(&mut self, connection: &Connection, filter: &Filter) -> Result<bool, Error> {
        let (since, until) = (filter.since.map(date).transpose()?, filter.until.map(date).transpose()?);
        if since.is_none() && until.is_none() {
            return Ok(true);
        }
        let day = |date: &Option<String>| date.as_deref().and_then(|date| date.get(..10)).map(str::to_owned);
        let (first, last): (Option<i64>, Option<i64>) = connection.query_row(
            "SELECT min(first), max(last) FROM day WHERE date >= coalesce(?, '') AND date <= coalesce(?, '~')",
            (day(&since), day(&until)),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (Some(first), Some(last)) = (first, last) else { return Ok(false) };
        // The numbers bound what is looked at, the dates what is found.
        self.add("r.seq BETWEEN ? AND ?", [first.into(), last.into()]);
        for (sql, date) in [("r.at >= ?", since), ("r.at < ?", until)] {
            if let Some(date) = date {
                self.add(sql, [date.into()]);
            }
        }
        Ok(true)
    }
}

/// One way to find runs. What several find is found once.
struct Source {
    /// What the index of the texts is asked first.
    matching: Option<String>,
    conditions: Conditions,
}

impl Source {
    fn newest(&self, connection: &Connection, limit: usize) -> Result<BTreeSet<i64>, Error> {
        let Self { matching, conditions } = self;
        let (from, seq, matches) = match matching {
            Some(_) => ("run_text AS t CROSS JOIN run AS r ON r.seq = t.rowid", "t.rowid", "run_text MATCH ?"),
            None => ("run AS r", "r.seq", "true"),
        };
        let conditions_sql: String = conditions.sql.iter().map(|sql| format!(" AND {sql}")).collect();
        let sql = format!("SELECT {seq} FROM {from} WHERE {matches}{conditions_sql} ORDER BY {seq} DESC LIMIT ?");
        let values = matching.iter().cloned().map(Value::from).chain(conditions.values.iter().cloned());
        let values = values.chain([i64::try_from(limit).unwrap_or(i64::MAX).into()]);
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn sources(text: &str, conditions: &Conditions) -> Vec<Source> {
    let words = Words::of(text);
    let with = |matching, more: &mut dyn Iterator<Item = (String, String)>| {
        let mut conditions = conditions.clone();
        more.for_each(|(sql, pattern)| conditions.add(&sql, [pattern.into()]));
        Source { matching, conditions }
    };
    let mut sources = match words.matching() {
        matching if words.is_empty() || matching.is_none() => vec![with(None, &mut words.all())],
        matching => {
            // Runs without an end are few, and not yet in the index of the texts.
            let mut open = with(None, &mut words.all());
            open.conditions.add("r.outcome = 'open'", []);
            vec![with(matching, &mut words.rest()), open]
        }
    };
    if let Some(beginning) = words.certificate() {
        let mut by_certificate = with(None, &mut std::iter::empty());
        by_certificate.conditions.certificate(&beginning);
        sources.push(by_certificate);
    }
    sources
}
