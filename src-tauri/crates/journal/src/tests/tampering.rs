//! Whatever is done to the files behind Fieldkey's back is shown, with where it begins.

use std::fs;
use std::path::Path;

use fieldkey_core::ports::Journal;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{checked, end, open, run, start};
use crate::entry::{COLUMNS, GENESIS, WIDTH, hash};
use crate::{Breach, Chain};

/// What the entry before the broken one says of its time: starts and ends take turns.
fn at(entry: i64) -> Option<String> {
    let second = if entry % 2 == 1 { 7 } else { 8 };
    (entry > 0).then(|| format!("2026-03-03T20:06:0{second}.089Z"))
}

/// A journal of ten runs, changed by somebody who knows how to get past the triggers.
fn after(tamper: &str) -> Chain {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    change(folder.path(), tamper);
    checked(&open(folder.path()))
}

fn fill(folder: &Path) {
    let journal = open(folder);
    for n in 0..10 {
        run(&journal, &format!("r{n}"), "SN-1");
    }
}

fn change(folder: &Path, tamper: &str) {
    let connection = Connection::open(folder.join("journal.sqlite")).unwrap();
    let triggers: Vec<String> = {
        let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for name in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    connection.execute_batch(tamper).unwrap();
}

fn broken(breach: Breach, entry: i64) -> Chain {
    Chain::Broken { breach, entry, sound_until: at(entry - 1) }
}

#[test]
fn an_untouched_journal_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let Chain::Whole { entries, until, .. } = checked(&journal) else { panic!("empty, not broken") };
    assert_eq!((entries, until), (0, None));
    fill(folder.path());
    let Chain::Whole { entries, hash, until } = checked(&journal) else { panic!("nobody touched it") };
    assert_eq!((entries, until), (20, at(20)));
    assert_eq!(hash.len(), 64, "what a person notes down to compare with later: {hash}");
}

#[test]
fn each_column_of_an_entry_is_covered() {
    for (seq, column, value) in [
        (5, "run", "'r99'"),
        (5, "at", "'2020-01-01T00:00:00.000Z'"),
        (5, "writer", "'x'"),
        (5, "job", "'revoke'"),
        (5, "site", "'Osaka'"),
        (5, "serial_number", "'SN-2'"),
        (5, "thing_name", "'x'"),
        (5, "target", "'x'"),
        (5, "device", "NULL"),
        (6, "operator", "'somebody@example.com'"),
        (6, "certificate_id", "'c0ffef'"),
        (6, "code", "'offline'"),
        (6, "step", "'write'"),
        (6, "registered", "0"),
        (6, "steps", "'[]'"),
        (6, "hash", "zeroblob(32)"),
    ] {
        let seen = after(&format!("UPDATE entry SET {column} = {value} WHERE seq = {seq}"));
        assert_eq!(seen, broken(Breach::Altered, seq), "{column}");
    }
}

#[test]
fn a_cut_in_the_middle_is_shown_where_it_begins() {
    assert_eq!(after("DELETE FROM entry WHERE seq IN (5, 6)"), broken(Breach::Missing, 5));
    assert_eq!(after("DELETE FROM entry WHERE seq = 1"), broken(Breach::Missing, 1));
    let renumbered = "DELETE FROM entry WHERE seq IN (5, 6);
        UPDATE entry SET seq = seq + 1000 WHERE seq > 6; UPDATE entry SET seq = seq - 1002 WHERE seq > 1000;";
    assert_eq!(after(renumbered), broken(Breach::Altered, 5), "no gap is left, but the wrong entry stands there");
}

#[test]
fn a_cut_at_the_end_is_shown_even_after_more_was_appended() {
    assert_eq!(after("DELETE FROM entry WHERE seq > 18"), broken(Breach::CutShort, 19));
    assert_eq!(after("DELETE FROM entry"), broken(Breach::CutShort, 1));

    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    change(folder.path(), "DELETE FROM entry WHERE seq > 18; DELETE FROM run WHERE seq > 18;");
    let journal = open(folder.path());
    for n in 100..103 {
        journal.append(&start(&format!("r{n}"), "SN-1")).unwrap();
        journal.append(&end(&format!("r{n}"), None)).unwrap();
    }
    assert_eq!(checked(&journal), broken(Breach::Rewritten, 20), "entry 20 is not the one the head knew");
}

#[test]
fn entries_that_changed_places_or_were_put_in_between_are_shown() {
    let swapped = "UPDATE entry SET seq = 1000 WHERE seq = 5; UPDATE entry SET seq = 5 WHERE seq = 7;
        UPDATE entry SET seq = 7 WHERE seq = 1000;";
    assert_eq!(after(swapped), broken(Breach::Altered, 5));
    let inserted = "UPDATE entry SET seq = seq + 1000 WHERE seq > 4; UPDATE entry SET seq = seq - 999 WHERE seq > 1000;
        INSERT INTO entry (seq, kind, run, at, steps, hash)
        SELECT 5, 'ended', 'r99', at, steps, hash FROM entry WHERE seq = 4;";
    assert_eq!(after(inserted), broken(Breach::Altered, 5));
    let added = "INSERT INTO entry (seq, kind, run, at, steps, hash)
        SELECT 21, 'ended', 'r99', at, steps, hash FROM entry WHERE seq = 20;";
    assert_eq!(after(added), broken(Breach::Altered, 21), "an entry at the end with no hash of its own");
}

#[test]
fn a_chain_that_was_computed_anew_is_not_the_one_the_head_knows() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    change(
        folder.path(),
        "UPDATE entry SET operator = 'somebody' WHERE seq = 6; UPDATE run SET operator = 'somebody'
        WHERE seq = 5;",
    );
    let connection = Connection::open(folder.path().join("journal.sqlite")).unwrap();
    let mut before = GENESIS;
    for seq in 1..=20 {
        let sql = format!("SELECT {COLUMNS} FROM entry WHERE seq = ?");
        before = connection
            .query_row(&sql, [seq], |row| {
                let mut values = [ValueRef::Null; WIDTH];
                values.iter_mut().enumerate().for_each(|(index, value)| *value = row.get_ref(index).unwrap());
                Ok(hash(&before, &values))
            })
            .unwrap();
        connection.execute("UPDATE entry SET hash = ? WHERE seq = ?", (before, seq)).unwrap();
    }
    drop(connection);
    assert_eq!(checked(&open(folder.path())), broken(Breach::Rewritten, 20));
}

#[test]
fn a_head_that_is_gone_or_garbled_is_shown_and_not_made_anew() {
    for content in [None, Some(""), Some("fieldkey-journal 2 x"), Some("\0\0\0\0")] {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let head = folder.path().join("journal.head");
        match content {
            None => fs::remove_file(&head).unwrap(),
            Some(content) => fs::write(&head, content).unwrap(),
        }
        let journal = open(folder.path());
        run(&journal, "r100", "SN-1");
        assert_eq!(checked(&journal), broken(Breach::HeadMissing, 23), "{content:?}");
    }
}

#[test]
fn a_database_that_was_put_back_or_thrown_away_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let database = folder.path().join("journal.sqlite");
    let old = fs::read(&database).unwrap();
    run(&open(folder.path()), "r100", "SN-1");
    fs::write(&database, old).unwrap();
    assert_eq!(checked(&open(folder.path())), broken(Breach::CutShort, 21));
    fs::remove_file(&database).unwrap();
    assert_eq!(checked(&open(folder.path())), broken(Breach::CutShort, 1));
}

#[test]
fn a_head_that_lags_behind_is_no_breach_and_is_caught_up() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    run(&journal, "r1", "SN-1");
    let head = folder.path().join("journal.head");
    let earlier = fs::read(&head).unwrap();
    run(&journal, "r2", "SN-1");
    let latest = fs::read(&head).unwrap();
    // As whoever dies after the commit and before the head leaves it.
    fs::write(&head, &earlier).unwrap();
    assert!(matches!(checked(&journal), Chain::Whole { entries: 4, .. }));
    journal.append(&start("r3", "SN-1")).unwrap();
    let now = fs::read(&head).unwrap();
    assert_eq!(now.len(), latest.len(), "always as long, so that no half is left of it");
    assert!(now > latest, "it went on to the last entry");
}

#[test]
fn what_is_found_otherwise_than_it_was_written_is_shown() {
    for tamper in [
        "DELETE FROM run WHERE seq = 5",
        "UPDATE run SET outcome = 'finished', code = NULL, site = 'Osaka' WHERE seq = 5",
        "UPDATE run SET ended = NULL, outcome = 'open' WHERE seq = 5",
        "INSERT INTO run SELECT 6, ended, outcome, at, writer, job, site, serial_number, thing_name, device, operator,
            certificate_id, code FROM run WHERE seq = 5",
    ] {
        let entry = if tamper.starts_with("INSERT") { 6 } else { 5 };
        assert_eq!(after(tamper), broken(Breach::Index, entry), "{tamper}");
    }
}
