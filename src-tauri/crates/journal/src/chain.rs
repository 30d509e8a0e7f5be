//! The chain of entries: carried on with each one, and looked through from its beginning.

use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params_from_iter};
use serde::Serialize;
use ts_rs::TS;

use crate::block::{self, Check};
use crate::checking::Checking;
use crate::entry::{AT, COLUMNS, Draft, GENESIS, Hash, Values, WIDTH, hash};
use crate::head::{self, Head};
use crate::index::Runs;
use crate::{Error, row};

/// What a look through the whole journal has shown. SECURITY.md says what that proves, and what not.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export, rename = "JournalChain")]
pub enum Chain {
    /// Every entry is as it was written, and none is missing.
    Whole {
        #[ts(type = "number")]
        entries: i64,
        /// Of the last entry, in hex. Noted elsewhere, it proves later that nothing up to here was changed.
        hash: String,
        /// When the last entry was written; `None` if there is none.
        until: Option<String>,
    },
    Broken {
        breach: Breach,
        /// The first entry that is not as it was written, or is not there.
        #[ts(type = "number")]
        entry: i64,
        /// When the entry before it was written: up to then all is sound. `None` if there is none.
        sound_until: Option<String>,
    },
}

/// What is wrong with a journal, as far as can be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "JournalBreach")]
pub enum Breach {
    /// The entry is not the one that was written there: edited, exchanged or put in between.
    Altered,
    /// Entries are missing from the middle.
    Missing,
    /// Entries are missing at the end: `journal.head` knows of more.
    CutShort,
    /// The chain is in order, but not the one that `journal.head` knows: it was written anew.
    Rewritten,
    /// `journal.head` is gone or unreadable: whether the end is missing cannot be told.
    HeadMissing,
    /// The entries are sound, but what is searched does not show this one as it is.
    Index,
}

/// Appends an entry to the chain, whoever else appends at the same time.
pub(crate) fn append(connection: &mut Connection, draft: &Draft) -> Result<Head, Error> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let before = last(&transaction)?;
    let after = insert(&transaction, &before, &draft.values(before.seq + 1))?;
    transaction.commit()?;
    Ok(after)
}

/// Puts the values of the next entry after this one.
pub(crate) fn insert(transaction: &Transaction<'_>, before: &Head, values: &Values<'_>) -> Result<Head, Error> {
    let hash = hash(&before.hash, values);
    let bound = values.iter().copied().chain([ValueRef::Blob(&hash)]).map(ToSqlOutput::Borrowed);
    let marks = ["?"; WIDTH + 1].join(", ");
    transaction
        .prepare_cached(&format!("INSERT INTO entry ({COLUMNS}, hash) VALUES ({marks})"))?
        .execute(params_from_iter(bound))?;
    Ok(Head { seq: before.seq + 1, hash })
}

pub(crate) fn last(connection: &Connection) -> Result<Head, Error> {
    let mut statement = connection.prepare_cached("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")?;
    let head = statement.query_row([], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? })).optional()?;
    Ok(head.unwrap_or(Head::EMPTY))
}

/// The hash that the entry with this number carries.
pub(crate) fn hash_of(connection: &Connection, seq: i64) -> Option<Hash> {
    if seq == 0 {
        return Some(GENESIS);
    }
    let mut statement = connection.prepare_cached("SELECT hash FROM entry WHERE seq = ?").ok()?;
    statement.query_row([seq], |row| row.get(0)).ok()
}

/// Looks through all entries, and beside that, on connections of their own, through the index.
pub(crate) fn verify(
    entries: &mut Connection,
    index: &mut [Connection],
    folder: &Path,
    checking: &Checking,
) -> Result<Option<Chain>, Error> {
    checking.begin(last(entries)?.seq, block::indexed(entries)?);
    let check = Check::of(checking);
    let (chain, wrong) = thread::scope(|scope| {
        let check = &check;
        let mut threads = vec![];
        for connection in index {
            threads.push(thread::Builder::new().spawn_scoped(scope, move || check.first_wrong(connection))?);
        }
        let looked = look_through(entries, folder, checking);
        if !matches!(looked, Ok((Chain::Whole { .. }, _))) {
            check.stop();
        }
        let mut of_blocks = vec![];
        for thread in threads {
            of_blocks.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        let (chain, of_runs) = looked?;
        Ok::<_, Error>((chain, of_blocks.into_iter().chain(of_runs).min()))
    })?;
    if checking.is_stopped() {
        return Ok(None);
    }
    Ok(Some(match wrong {
        Some(entry) if matches!(chain, Chain::Whole { .. }) => {
            Chain::Broken { breach: Breach::Index, entry, sound_until: at_before(entries, entry)? }
        }
        _ => chain,
    }))
}

/// The chain, and the first run that is found otherwise than its entries say; as far as it came before it was stopped.
fn look_through(
    connection: &mut Connection,
    folder: &Path,
    checking: &Checking,
) -> Result<(Chain, Option<i64>), Error> {
    // Read first: it never knows more than the database does then.
    let head = head::read(folder)?;
    let transaction = connection.transaction()?;
    let (mut last, mut at) = (Head::EMPTY, String::new());
    let at_of = |head: &Head, at: &str| (head.seq > 0).then(|| at.to_owned());
    let broken = |breach, entry, sound_until| Ok((Chain::Broken { breach, entry, sound_until }, None));

    let mut of_runs = transaction.prepare(&format!("SELECT {} FROM run ORDER BY seq", row::COLUMNS))?;
    let mut runs = Runs::of(&transaction, of_runs.query([])?)?;
    let mut statement = transaction.prepare(&format!("SELECT {COLUMNS}, hash FROM entry ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()?
        && !checking.is_stopped()
    {
        let seq: i64 = row.get(0)?;
        let next = last.seq + 1;
        if seq != next {
            return broken(Breach::Missing, next, at_of(&last, &at));
        }
        let mut values: Values<'_> = [ValueRef::Null; WIDTH];
        for (index, value) in values.iter_mut().enumerate() {
            *value = row.get_ref(index)?;
        }
        let hash = hash(&last.hash, &values);
        if row.get_ref(WIDTH)?.as_blob_or_null().ok().flatten() != Some(&hash[..]) {
            return broken(Breach::Altered, seq, at_of(&last, &at));
        }
        if head.is_some_and(|head| head.seq == seq && head.hash != hash) {
            return broken(Breach::Rewritten, seq, at_of(&last, &at));
        }
        runs.entry(seq, &values)?;
        checking.entry(seq);
        last = Head { seq, hash };
        at.clear();
        at.push_str(values[AT].as_str().map_err(rusqlite::Error::from)?);
    }
    let until = at_of(&last, &at);
    match head {
        None => broken(Breach::HeadMissing, last.seq + 1, until),
        Some(head) if head.seq > last.seq => broken(Breach::CutShort, last.seq + 1, until),
        Some(_) => {
            let chain = Chain::Whole { entries: last.seq, hash: hex::encode(last.hash), until };
            Ok((chain, runs.first_wrong()?))
        }
    }
}

/// When the entry before this one was written.
fn at_before(connection: &Connection, seq: i64) -> Result<Option<String>, Error> {
    let before = "SELECT at FROM entry WHERE seq < ? ORDER BY seq DESC LIMIT 1";
    Ok(connection.query_row(before, [seq], |row| row.get(0)).optional()?)
}
