//! A journal of version 1 is carried on.

use std::path::Path;

use rusqlite::Connection;

use super::{all, open, run};
use crate::{Chain, Filter, Outcome, SqliteJournal};

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

#[test]
fn its_runs_are_kept_chained_and_found() {
    let folder = tempfile::tempdir().unwrap();
    drop(version_1(folder.path()));
    let journal = open(folder.path());
    assert!(matches!(journal.verify().unwrap(), Chain::Whole { entries: 3, .. }));
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
    assert!(matches!(again.verify().unwrap(), Chain::Whole { entries: 5, .. }), "and it is migrated once");
}

#[test]
fn a_migration_that_died_after_the_head_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(version_1(folder.path()));
    let line = format!("fieldkey-journal 2 {:019} {}\n", 2, "ab".repeat(32));
    std::fs::write(folder.path().join("journal.head"), line).unwrap();
    assert!(matches!(open(folder.path()).verify().unwrap(), Chain::Whole { entries: 3, .. }));
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
