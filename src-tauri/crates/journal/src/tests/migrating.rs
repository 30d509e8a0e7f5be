//! A journal of an earlier version is carried on.

use std::path::Path;

use rusqlite::Connection;

use fieldkey_core::ports::Entry;
use fieldkey_core::{Code, Step};

use super::{all, checked, end, open, run, start};
use crate::entry::Draft;
use crate::head::{self, Head};
use crate::{Chain, Choices, Filter, Outcome, RunRecord, SqliteJournal, chain};

fn version_1(folder: &Path) -> Connection {
    let connection = Connection::open(folder.join("journal.sqlite")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.execute_batch(include_str!("version_1.sql")).unwrap();
    connection
        .execute_batch(
            "INSERT INTO entry (kind, run, at, writer, job, site, serial_number, thing_name, target) VALUES
                 ('started', 'r1', '2026-01-02T03:04:05.000Z', 'w', 'provision', 'Tokyo plant', 'SN-1', 'Fleet_SN-1', 't');
             INSERT INTO entry (kind, run, at, operator, certificate_id, code, step, registered, steps) VALUES
                 ('ended', 'r1', '2026-01-02T03:04:06.000Z', 'mori@example.com', 'c0ffee', NULL, NULL, 1,
                  '[{\"step\":\"write\",\"ms\":7}]');
             INSERT INTO entry (kind, run, at, writer, job, site, serial_number, thing_name, target) VALUES
                 ('started', 'r2', '2026-01-02T03:05:05.000Z', 'w', 'enroll', 'Osaka depot', 'SN-2', 'Fleet_SN-2', 't');
             PRAGMA user_version = 1;",
        )
        .unwrap();
    connection
}

/// So many runs that they fill blocks of the index, some failed, the last under way.
pub(super) fn version_2(folder: &Path, runs: usize) -> Connection {
    let mut connection = Connection::open(folder.join("journal.sqlite")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    connection.execute_batch(include_str!("version_2.sql")).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    head::begin(folder, &Head::EMPTY).unwrap();
    for n in 0..runs {
        let (id, failed) = (format!("r{n}"), (n % 10 == 3).then_some((Code::Offline, Some(Step::Claim))));
        let (Entry::Started(start), Entry::Ended(end)) = (start(&id, &format!("SN-{n:04}")), end(&id, failed)) else {
            unreachable!()
        };
        chain::append(&mut connection, &Draft::started(&start, "w").unwrap()).unwrap();
        if n + 1 < runs {
            chain::append(&mut connection, &Draft::ended(&end).unwrap()).unwrap();
        }
    }
    let last = chain::last(&connection).unwrap();
    head::advance(folder, &last, |seq| chain::hash_of(&connection, seq)).unwrap();
    connection
}

fn found(journal: &SqliteJournal, text: &str, outcome: Option<Outcome>) -> Vec<String> {
    let filter = Filter { text: text.to_owned(), outcome, ..Filter::default() };
    journal.page(&filter, None, 100).unwrap().runs.into_iter().map(|r: RunRecord| r.run).collect()
}

#[test]
fn runs_of_version_2_stay_as_they_were_and_are_indexed() {
    let folder = tempfile::tempdir().unwrap();
    drop(version_2(folder.path(), 300));
    let head = std::fs::read(folder.path().join("journal.head")).unwrap();
    let journal = open(folder.path());
    let indexed: i64 = journal.connection().query_row("SELECT count(*) FROM posting", [], |row| row.get(0)).unwrap();
    assert!(indexed > 100, "at once, as they are few: {indexed}");
    let chain = checked(&journal);
    assert!(matches!(chain, Chain::Whole { entries: 599, .. }), "{chain:?}");
    assert_eq!(std::fs::read(folder.path().join("journal.head")).unwrap(), head, "its chain is the same");
    let runs = all(&journal);
    assert_eq!(runs.len(), 300);
    assert_eq!((runs[0].outcome, runs[1].outcome), (Outcome::Interrupted, Outcome::Finished));
    assert_eq!(found(&journal, "sn-0033", None), ["r33"]);
    assert_eq!(found(&journal, "SN-003", Some(Outcome::Failed)), ["r33"]);
    assert_eq!(found(&journal, "", Some(Outcome::Failed)).len(), 30);
    let words = |word: &str| vec![word.to_owned()];
    let choices = Choices { sites: words("Tokyo plant"), jobs: words("provision"), codes: words("offline") };
    assert_eq!(journal.choices().unwrap(), choices);
}

#[test]
fn what_is_not_indexed_yet_is_found_and_indexed_as_runs_are_appended() {
    let folder = tempfile::tempdir().unwrap();
    drop(version_2(folder.path(), 300));
    let journal = open(folder.path());
    let blocks = || crate::block::indexed(&journal.connection()).unwrap();
    let all_of_them = blocks();
    assert!(all_of_them > 3);
    // As an opening leaves it that had no time.
    journal.connection().execute("DELETE FROM posting WHERE key >> 40 > 0", []).unwrap();
    assert_eq!(found(&journal, "SN-02", Some(Outcome::Failed)).len(), 10);
    assert!(matches!(checked(&journal), Chain::Whole { .. }));
    for n in 0..all_of_them {
        run(&journal, &format!("s{n}"), "SN-9");
    }
    assert_eq!(blocks(), all_of_them);
    assert_eq!(found(&journal, "SN-02", Some(Outcome::Failed)).len(), 10);
}

#[test]
fn a_migration_of_version_2_that_fails_leaves_it_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let connection = version_2(folder.path(), 5);
    connection.execute_batch("CREATE TABLE choice (mine TEXT)").unwrap();
    assert!(SqliteJournal::open(folder.path()).is_err(), "the name is taken");
    let told = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(told("PRAGMA user_version"), 2);
    assert_eq!(told("SELECT count(*) FROM run_text WHERE run_text MATCH '\"SN-0003\"'"), 1, "its index too");
    connection.execute_batch("DROP TABLE choice").unwrap();
    assert_eq!(all(&open(folder.path())).len(), 5, "and it is done the next time");
}

#[test]
fn an_earlier_fieldkey_that_is_still_open_goes_on_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut earlier = version_2(folder.path(), 5);
    let journal = open(folder.path());
    let (Entry::Started(start), Entry::Ended(end)) = (start("x", "SN-77"), end("x", None)) else { unreachable!() };
    chain::append(&mut earlier, &Draft::started(&start, "w").unwrap()).unwrap();
    chain::append(&mut earlier, &Draft::ended(&end).unwrap()).unwrap();
    assert_eq!(found(&journal, "sn-77", Some(Outcome::Finished)), ["x"]);
    assert!(matches!(checked(&journal), Chain::Whole { entries: 11, .. }));
}

#[test]
fn runs_of_version_1_are_kept_chained_and_found() {
    let folder = tempfile::tempdir().unwrap();
    drop(version_1(folder.path()));
    let journal = open(folder.path());
    assert!(matches!(checked(&journal), Chain::Whole { entries: 3, .. }));
    let seen: Vec<_> = all(&journal).into_iter().map(|r| (r.run, r.outcome, r.device)).collect();
    let expected = [("r2", Outcome::Interrupted), ("r1", Outcome::Finished)];
    assert_eq!(seen, expected.map(|(run, outcome)| (run.to_owned(), outcome, None)), "its writer is long gone");
    for text in ["mori", "c0ff", "osaka", "fleet_sn-1"] {
        let filter = Filter { text: text.to_owned(), ..Filter::default() };
        assert_eq!(journal.page(&filter, None, 10).unwrap().runs.len(), 1, "{text}");
    }
    run(&journal, "r3", "SN-1");
    drop(journal);
    let again = open(folder.path());
    assert!(matches!(checked(&again), Chain::Whole { entries: 5, .. }), "and it is migrated once");
}

#[test]
fn a_migration_that_died_after_the_head_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(version_1(folder.path()));
    let line = format!("fieldkey-journal 2 {:019} {}\n", 2, "ab".repeat(32));
    std::fs::write(folder.path().join("journal.head"), line).unwrap();
    assert!(matches!(checked(&open(folder.path())), Chain::Whole { entries: 3, .. }));
}

#[test]
fn a_database_of_version_1_that_cannot_be_migrated_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let connection = version_1(folder.path());
    connection.execute_batch("CREATE TABLE run (mine TEXT)").unwrap();
    assert!(SqliteJournal::open(folder.path()).is_err(), "the name is taken");
    let (version, entries): (u32, u32) = connection
        .query_row("SELECT user_version, (SELECT count(*) FROM entry) FROM pragma_user_version", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((version, entries), (1, 3));
}
