//! Finding runs, newest first, a page at a time.

use std::path::Path;

use rusqlite::{Connection, Rows, Transaction};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ts_rs::TS;

use crate::block::{self, Index};
use crate::record::{self, Outcome, RunRecord};
use crate::row::{COLUMNS, RunRow};
use crate::wanted::Wanted;
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
    let mut search = Search::of(&transaction, Wanted::of(filter, &dead)?, limit.saturating_add(1));
    search.run(before)?;
    let newest = search.found;
    let shown = newest.get(..limit).unwrap_or(&newest);
    let mut reader = record::Reader::of(&transaction, &dead)?;
    let mut runs = Vec::with_capacity(shown.len());
    for &(seq, ended) in shown {
        runs.extend(reader.read(seq, ended)?);
    }
    Ok(Page { runs, next: shown.last().map(|&(seq, _)| seq).filter(|_| newest.len() > limit) })
}

/// Goes through the runs from the newest on, until there are enough.
struct Search<'s> {
    transaction: &'s Transaction<'s>,
    wanted: Wanted<'s>,
    enough: usize,
    /// Start and end.
    found: Vec<(i64, Option<i64>)>,
    text: String,
}

impl<'s> Search<'s> {
    fn of(transaction: &'s Transaction<'s>, wanted: Wanted<'s>, enough: usize) -> Self {
        Self { transaction, wanted, enough, found: vec![], text: String::new() }
    }

    fn run(&mut self, before: Option<i64>) -> Result<(), Error> {
        let days = self.wanted.days(self.transaction)?;
        let first = days.as_ref().map_or(Some(0), |days| days.iter().map(|day| day.first).min());
        let last = days.as_ref().map_or(Some(i64::MAX), |days| days.iter().map(|day| day.last).max());
        let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
        let newest: Option<i64> = self.transaction.query_row("SELECT max(seq) FROM run", [], |row| row.get(0))?;
        let last = last.min(newest.unwrap_or(0)).min(before.map_or(i64::MAX, |before| before.saturating_sub(1)));

        let Some(asked) = self.wanted.asked(days.as_deref().unwrap_or_default()) else {
            return self.look_through(first, last);
        };
        // The newest are not in the index.
        let indexed = block::indexed(self.transaction)?;
        self.look_through(first.max(block::begin(indexed)), last)?;
        let mut index = Index::of(self.transaction)?;
        let mut at = self.transaction.prepare_cached(&format!("SELECT {COLUMNS} FROM run WHERE seq = ?"))?;
        let (oldest, newest) = (block::place(first).0, block::place(last).0.min(indexed - 1));
        for block in (oldest..=newest).rev() {
            for place in index.runs(block, &asked)?.newest_first() {
                let seq = block::begin(block) + i64::try_from(place).unwrap_or(0);
                if self.found.len() >= self.enough {
                    return Ok(());
                }
                if (first..=last).contains(&seq) {
                    self.look_at(&mut at.query([seq])?)?;
                }
            }
        }
        Ok(())
    }

    fn look_through(&mut self, first: i64, last: i64) -> Result<(), Error> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE seq BETWEEN ? AND ? ORDER BY seq DESC");
        let mut statement = self.transaction.prepare_cached(&sql)?;
        self.look_at(&mut statement.query([first, last])?)
    }

    fn look_at(&mut self, rows: &mut Rows<'_>) -> Result<(), Error> {
        while self.found.len() < self.enough
            && let Some(row) = rows.next()?
        {
            let run = RunRow::of(row)?;
            if self.wanted.fits(&run, &mut self.text) {
                self.found.push((run.seq, run.ended));
            }
        }
        Ok(())
    }
}
