//! The index of the runs: for each block of entries, what its runs are found by, written once when they have ended.
//!
//! What it says is where a run may be; whoever looks there sees for themselves. It may say too much, never too little.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::Error;
use crate::bits::{Bits, SPAN};
use crate::checking::Checking;
use crate::row::{COLUMNS, OPEN, RunRow};
use crate::token::{BITS, FREE, Token};

/// So many entries come after a block before it is indexed, so that few of its runs have not ended.
const AFTER: usize = SPAN / 8;

/// The runs of a block that had not ended when it was indexed: they may be found by anything.
const LOOSE: Token = 0;

/// All others of it.
const ENDED: Token = 1;

/// The runs of each token, in the order of the tokens, as they are kept. No bytes: all that have ended.
type Postings = BTreeMap<Token, Vec<u8>>;

/// How many blocks are indexed: all up to there.
pub(crate) fn indexed(connection: &Connection) -> Result<i64, Error> {
    let mut statement = connection.prepare_cached("SELECT max(key) FROM posting")?;
    let key: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(key.map_or(0, |key| (key >> BITS) + 1))
}

/// The number of the block's first entry.
pub(crate) fn begin(block: i64) -> i64 {
    block.saturating_mul(SPAN as i64)
}

/// The block of this entry, and its place there.
pub(crate) fn place(seq: i64) -> (i64, usize) {
    (seq.div_euclid(SPAN as i64), usize::try_from(seq.rem_euclid(SPAN as i64)).unwrap_or(0))
}

/// Indexes the next block, if it is due when this is the last entry. Says whether it was.
pub(crate) fn index_next(connection: &mut Connection, last: i64) -> Result<bool, Error> {
    let due = |block| last >= begin(block + 1) + AFTER as i64;
    if !due(indexed(connection)?) {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it meanwhile.
    let block = indexed(&transaction)?;
    if due(block) {
        let mut statement = transaction.prepare_cached("INSERT INTO posting (key, runs) VALUES (?, ?)")?;
        for (token, runs) in postings(&transaction, block, &Bits::EMPTY)? {
            statement.execute((key(block, token), runs))?;
        }
    }
    transaction.commit()?;
    Ok(true)
}

/// Indexes what is due when this is the last entry, for so long. What remains is for later.
pub(crate) fn index_for(connection: &mut Connection, last: i64, long: Duration) -> Result<(), Error> {
    let begun = Instant::now();
    while index_next(connection, last)? && begun.elapsed() < long {
        // Others who wait to append get a chance.
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Looks through the index, beside others who do the same: each takes the next block.
pub(crate) struct Check<'a> {
    next: AtomicI64,
    stop: AtomicBool,
    checking: &'a Checking,
}

impl<'a> Check<'a> {
    pub(crate) fn of(checking: &'a Checking) -> Self {
        Self { next: AtomicI64::default(), stop: AtomicBool::default(), checking }
    }

    /// The first run in the blocks of this one that the index would not show as it is.
    pub(crate) fn first_wrong(&self, connection: &mut Connection) -> Result<Option<i64>, Error> {
        let transaction = connection.transaction()?;
        let indexed = indexed(&transaction)?;
        while !self.stop.load(Ordering::Relaxed) && !self.checking.is_stopped() {
            let block = self.next.fetch_add(1, Ordering::Relaxed);
            if block >= indexed {
                break;
            }
            let wrong = first_wrong_of(&transaction, block)?;
            self.checking.block();
            if wrong.is_some() {
                // Blocks before this one are somebody's already.
                self.stop();
                return Ok(wrong);
            }
        }
        Ok(None)
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn first_wrong_of(connection: &Connection, block: i64) -> Result<Option<i64>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT key - ?1, runs FROM posting WHERE key >= ?1 AND key < ?2 ORDER BY key")?;
    let kept = statement
        .query_map([key(block, 0), key(block + 1, 0)], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)))?;
    let kept: Postings = kept.collect::<Result<_, _>>()?;
    let Some(loose) = kept.get(&LOOSE) else {
        // Without that, whoever searches takes the block for one without runs.
        return Ok(Some(begin(block).max(1)));
    };
    let due = postings(connection, block, &Bits::read(loose))?;
    let ended = due.get(&ENDED).map_or(Bits::EMPTY, |runs| Bits::read(runs));
    let runs = |runs: Option<&Vec<u8>>, token: Token| match runs {
        Some(every) if every.is_empty() && token >= FREE => ended.clone(),
        runs => runs.map_or(Bits::EMPTY, |runs| Bits::read(runs)),
    };
    let mut wrong = Bits::EMPTY;
    for token in kept.keys().chain(due.keys().filter(|token| !kept.contains_key(*token))).copied() {
        let (kept, due) = (kept.get(&token), due.get(&token));
        if kept != due {
            let mut differ = runs(kept, token);
            differ.xor(&runs(due, token));
            wrong.or(&differ);
        }
    }
    Ok(wrong.first().map(|place| begin(block) + place as i64))
}

fn key(block: i64, token: Token) -> i64 {
    (block << BITS) | token.cast_signed()
}

/// What the runs of this block are found by, but for those that have not ended, and the ones that are loose already.
fn postings(connection: &Connection, block: i64, loose: &Bits) -> Result<Postings, Error> {
    let mut places: HashMap<Token, Vec<u16>, BuildHasherDefault<Spread>> = HashMap::default();
    for token in [LOOSE, ENDED] {
        places.insert(token, vec![]);
    }
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM run WHERE seq >= ? AND seq < ? ORDER BY seq"))?;
    let mut rows = statement.query([begin(block), begin(block + 1)])?;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        let run = RunRow::of(row)?;
        let (_, place) = place(run.seq);
        let mut add = |token| {
            let places = places.entry(token).or_default();
            // The last: a run may be found by the same in several places.
            if places.last().is_none_or(|&last| usize::from(last) != place) {
                places.push(place as u16);
            }
        };
        if run.outcome == OPEN || loose.contains(place) {
            add(LOOSE);
        } else {
            add(ENDED);
            run.tokens(&mut text, add);
        }
    }
    let ended = places.get(&ENDED).map_or(0, Vec::len);
    let write = |(token, places): (Token, Vec<u16>)| {
        let every = token >= FREE && places.len() == ended;
        (token, if every { vec![] } else { Bits::write(&places) })
    };
    Ok(places.into_iter().map(write).collect())
}

/// Tokens are as good as random by themselves.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| hash.rotate_left(8) ^ u64::from(byte));
    }

    fn write_u64(&mut self, token: u64) {
        self.0 = (token << (u64::BITS - BITS)) | token;
    }
}

/// What is looked for, as far as the index can tell.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) all: Vec<Token>,
    /// Either all of the first, or the other.
    pub(crate) either: Option<(Vec<Token>, Option<Token>)>,
    /// One of these days, with the entries among which its runs are.
    pub(crate) days: Option<Vec<(Token, i64, i64)>>,
}

/// The index, to be asked.
pub(crate) struct Index<'c> {
    statement: CachedStatement<'c>,
}

impl<'c> Index<'c> {
    pub(crate) fn of(transaction: &'c Transaction<'_>) -> Result<Self, Error> {
        Ok(Self { statement: transaction.prepare_cached("SELECT runs FROM posting WHERE key = ?")? })
    }

    /// The runs of this block that may be what is looked for.
    pub(crate) fn runs(&mut self, block: i64, asked: &Asked) -> Result<Bits, Error> {
        let mut found = self.read(block, ENDED, &Bits::EMPTY)?;
        self.keep(block, &asked.all, &mut found)?;
        if let Some(days) = &asked.days {
            let mut of_days = Bits::EMPTY;
            for &(token, first, last) in days {
                if first < begin(block + 1) && last >= begin(block) && !found.is_empty() {
                    of_days.or(&self.read(block, token, &found)?);
                }
            }
            found.and(&of_days);
        }
        if let Some((words, certificate)) = &asked.either {
            let mut by_certificate = Bits::EMPTY;
            if let Some(token) = certificate {
                by_certificate = found.clone();
                self.keep(block, &[*token], &mut by_certificate)?;
            }
            self.keep(block, words, &mut found)?;
            found.or(&by_certificate);
        }
        let loose = self.read(block, LOOSE, &Bits::EMPTY)?;
        found.or(&loose);
        Ok(found)
    }

    fn keep(&mut self, block: i64, tokens: &[Token], found: &mut Bits) -> Result<(), Error> {
        for &token in tokens {
            if found.is_empty() {
                break;
            }
            let runs = self.read(block, token, found)?;
            found.and(&runs);
        }
        Ok(())
    }

    fn read(&mut self, block: i64, token: Token, every: &Bits) -> Result<Bits, Error> {
        let read = |row: &rusqlite::Row<'_>| {
            let bytes = row.get_ref(0)?.as_blob()?;
            Ok::<_, rusqlite::Error>(if bytes.is_empty() { every.clone() } else { Bits::read(bytes) })
        };
        Ok(self.statement.query_row([key(block, token)], read).optional()?.unwrap_or(Bits::EMPTY))
    }
}
