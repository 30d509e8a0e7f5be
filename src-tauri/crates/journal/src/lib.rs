//! The record of runs: one SQLite file, appended to by the window and the command line at once.
//!
//! A run is two entries, its start and its end, and entries are never changed. Each carries a hash of itself
//! and of the one before (`entry`, `chain`), and a file beside the database says how far they go (`head`). The
//! journal holds no secrets because it has no column for one (`schema.sql`).
//!
//! A start without an end is a run under way, or one whose process was killed. Which of the two is
//! told by a file lock that the writing process holds and the system releases when it dies, however it
//! dies (`writer`). A process ID would not do: it is given out again.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod bits;
mod block;
mod chain;
mod checking;
mod choices;
mod entry;
mod error;
mod export;
mod files;
mod head;
mod index;
mod journal;
mod migrate;
mod record;
mod row;
mod search;
mod text;
mod token;
mod view;
mod wanted;
mod words;
mod writer;

#[cfg(test)]
mod tests;

pub use chain::{Breach, Chain};
pub use checking::{Checking, Looked};
pub use choices::Choices;
pub use error::Error;
pub use export::Format;
pub use journal::SqliteJournal;
pub use record::{Outcome, RunRecord, StepTime};
pub use search::{Filter, Page};
pub use view::{PageView, RunView};

/// An ID for a new run, unlike any other in the journal.
pub fn new_run() -> String {
    let mut random = [0; 8];
    if getrandom::fill(&mut random).is_err() {
        // Without randomness there is no sign-in either; the clock tells runs apart well enough.
        random = time::OffsetDateTime::now_utc().unix_timestamp_nanos().to_le_bytes()[..8].try_into().unwrap_or(random);
    }
    hex::encode(random)
}
