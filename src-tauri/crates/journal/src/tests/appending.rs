//! What goes in comes out, stays as it is, and is nobody else's business.

use fieldkey_core::ports::{Entry, Journal};
use fieldkey_core::{Code, Step};
use serde_json::json;

use super::{all, end, open, run, start};
use crate::{Error, Outcome, SqliteJournal};

#[test]
fn a_finished_run_reads_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    run(&journal, "r1", "SN-1");
    assert_eq!(
        serde_json::to_value(all(&journal)).unwrap(),
        json!([{
            "entry": 1, "run": "r1", "job": "provision",
            "startedAt": "2026-03-03T20:06:07.089Z", "endedAt": "2026-03-03T20:06:08.089Z",
            "site": "Tokyo plant", "operator": "installer@example.com",
            "serialNumber": "SN-1", "thingName": "Fleet_Index_SN-1", "target": "drive:/media/x",
            "device": "0781:5581:4C530001", "certificateId": "c0ffee", "outcome": "finished", "code": null, "step": null, "registered": true,
            "steps": [{"step": "sign-in", "ms": 12}, {"step": "write", "ms": 3456}],
        }])
    );
}

#[test]
fn failures_keep_their_code_and_step_and_a_cancelled_run_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for (run, code) in [("r1", Code::TargetFull), ("r2", Code::Interrupted)] {
        journal.append(&start(run, "SN-1")).unwrap();
        journal.append(&end(run, Some((code, Some(Step::Write))))).unwrap();
    }
    let seen: Vec<_> = all(&journal).into_iter().map(|r| (r.outcome, r.code, r.step)).collect();
    let words = |code: &str| (Some(code.to_owned()), Some("write".to_owned()));
    let (full, interrupted) = (words("target-full"), words("interrupted"));
    assert_eq!(seen, [(Outcome::Interrupted, interrupted.0, interrupted.1), (Outcome::Failed, full.0, full.1)]);
}

#[test]
fn no_operator_before_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let Entry::Ended(mut failed) = end("r1", Some((Code::WrongPassword, Some(Step::SignIn)))) else { unreachable!() };
    failed.operator.clear();
    failed.certificate_id = None;
    failed.steps.clear();
    journal.append(&start("r1", "SN-1")).unwrap();
    journal.append(&Entry::Ended(failed)).unwrap();
    let record = all(&journal).remove(0);
    assert_eq!((record.operator, record.certificate_id, record.steps), (None, None, vec![]));
}

#[test]
fn history_is_newest_first_of_one_device_or_all() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for (id, serial_number) in [("r1", "SN-1"), ("r2", "SN-2"), ("r3", "SN-1"), ("r4", "SN-2")] {
        run(&journal, id, serial_number);
    }
    let runs = |serial_number, limit| -> Vec<String> {
        journal.history(serial_number, limit).unwrap().into_iter().map(|r| r.run).collect()
    };
    assert_eq!(runs(None, 10), ["r4", "r3", "r2", "r1"]);
    assert_eq!(runs(None, 3), ["r4", "r3", "r2"]);
    assert_eq!(runs(Some("SN-1"), 10), ["r3", "r1"]);
    assert_eq!(runs(Some("SN-1"), 1), ["r3"]);
    assert!(runs(Some("SN-3' OR 1"), 10).is_empty());
}

#[test]
fn reopening_finds_everything() {
    let folder = tempfile::tempdir().unwrap();
    run(&open(folder.path()), "r1", "SN-1");
    let journal = open(folder.path());
    run(&journal, "r2", "SN-1");
    assert_eq!(all(&journal).len(), 2);
}

#[test]
fn entries_cannot_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    run(&journal, "r1", "SN-1");
    let before = all(&journal);
    for sql in [
        "UPDATE entry SET operator = 'somebody'",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry (kind, run, at, steps) VALUES ('ended', 'r1', '', '[]')",
        "INSERT OR REPLACE INTO entry (seq, kind, run, at, steps) VALUES (1, 'ended', 'r2', '', '[]')",
        "INSERT INTO entry (kind, run, at, steps) VALUES ('ended', 'r1', '', '[]')
            ON CONFLICT DO UPDATE SET operator = 'somebody'",
    ] {
        let refused = journal.connection().execute(sql, []).unwrap_err().to_string();
        assert_eq!(refused, "the journal is append-only", "{sql}");
    }
    // A number before the first is no way in either.
    let sql = "INSERT INTO entry (seq, kind, run, at, steps) VALUES (-1, 'ended', 'r2', '', '[]')";
    assert!(journal.connection().execute(sql, []).is_err());
    assert!(journal.append(&end("r1", None)).is_err(), "a run ends once");
    assert_eq!(all(&journal), before);
}

#[test]
fn a_newer_journal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).connection().pragma_update(None, "user_version", 4).unwrap();
    assert!(matches!(SqliteJournal::open(folder.path()), Err(Error::Newer(4))));
}

#[test]
fn what_is_no_journal_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("journal.sqlite"), "a shopping list ".repeat(100)).unwrap();
    let why = SqliteJournal::open(folder.path()).err().unwrap().to_string();
    assert_eq!(why, "the journal: file is not a database");
}

#[test]
fn a_file_where_its_folder_should_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal");
    std::fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("journal")] {
        let why = SqliteJournal::open(&path).err().unwrap().why();
        assert_eq!(why.en, "a file is where the journal's folder should be", "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;

    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("fieldkey");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let journal = open(&folder);
    run(&journal, "r1", "SN-1");
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 6, "the file, its -wal and -shm, the head, two locks: {files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{file:?}");
    }
    drop(journal);
    let file = folder.join("journal.sqlite");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    drop(open(&folder));
    assert_eq!(mode(&file), 0o600, "a copy put back by hand");
}
