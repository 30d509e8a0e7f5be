//! The record of runs: one SQLite file, appended to by the window and the command line at once.
//!
//! A run is two rows, its start and its end, and rows are never changed. It holds no secrets because
//! it has no column for one (`schema.sql`).
//!
//! A start without an end is a run under way, or one whose process was killed. Which of the two is
//! told by a file lock that the writing process holds and the system releases when it dies, however it
//! dies (`writer`). A process ID would not do: it is given out again.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod error;
mod files;
mod history;
mod journal;
mod writer;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use history::{Outcome, RunRecord, StepTime};
pub use journal::SqliteJournal;

/// An ID for a new run, unlike any other in the journal.
pub fn new_run() -> String {
    let mut random = [0; 8];
    if getrandom::fill(&mut random).is_err() {
        // Without randomness there is no sign-in either; the clock tells runs apart well enough.
        random = time::OffsetDateTime::now_utc().unix_timestamp_nanos().to_le_bytes()[..8].try_into().unwrap_or(random);
    }
    hex::encode(random)
}
