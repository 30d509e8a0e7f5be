//! Several at once, and killed ones. The other processes are this test binary, started again.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fieldkey_core::ports::Journal;

use super::migrating::version_2;
use super::{all, checked, end, open, run, start};
use crate::{Chain, Outcome};

const FOLDER: &str = "FIELDKEY_TEST_JOURNAL";
const RUNS: &str = "FIELDKEY_TEST_RUNS";

/// Not a test of its own: what the other processes do. Says each entry once it is appended, on standard
/// error, where the test harness writes nothing.
#[test]
fn writer() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let runs: usize = env::var(RUNS).unwrap().parse().unwrap();
    let journal = open(Path::new(&folder));
    for n in 0..runs {
        let run = format!("{}-{n}", std::process::id());
        journal.append(&start(&run, "SN-1")).unwrap();
        say(&format!("started {run}\n"));
        journal.append(&end(&run, None)).unwrap();
        say(&format!("ended {run}\n"));
    }
}

/// In one write, which a kill cannot tear.
fn say(line: &str) {
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

fn spawn(folder: &Path, runs: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "tests::processes::writer"])
        .env(FOLDER, folder)
        .env(RUNS, runs.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn two_connections_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (window, command_line) = (open(folder.path()), open(folder.path()));
    window.append(&start("r1", "SN-1")).unwrap();
    assert_eq!(all(&command_line)[0].outcome, Outcome::Running);
    run(&command_line, "r2", "SN-2");
    window.append(&end("r1", None)).unwrap();
    for journal in [&window, &command_line] {
        let seen: Vec<_> = all(journal).into_iter().map(|r| (r.run, r.outcome)).collect();
        assert_eq!(seen, [("r2".to_owned(), Outcome::Finished), ("r1".to_owned(), Outcome::Finished)]);
    }
}

#[test]
fn many_processes_begin_and_fill_one_journal() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..4).map(|_| spawn(folder.path(), 25)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let journal = open(folder.path());
    let chain = checked(&journal);
    assert!(matches!(chain, Chain::Whole { entries: 200, .. }), "one chain, whoever appended: {chain:?}");
    let records = all(&journal);
    assert_eq!(records.len(), 100);
    assert!(records.iter().all(|record| record.outcome == Outcome::Finished));
}

#[test]
fn a_journal_closed_in_mid_run_leaves_it_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let reader = open(folder.path());
    let writer = open(folder.path());
    writer.append(&start("r1", "SN-1")).unwrap();
    assert_eq!(all(&reader)[0].outcome, Outcome::Running);
    drop(writer);
    let record = all(&reader).remove(0);
    assert_eq!((record.outcome, record.code.as_deref()), (Outcome::Interrupted, Some("interrupted")));
    assert_eq!(record.ended_at, None);
}

#[test]
fn fifty_killed_writers_lose_nothing_they_said_and_break_no_chain() {
    let folder = tempfile::tempdir().unwrap();
    let reader = open(folder.path());
    for round in 0..50 {
        let mut child = spawn(folder.path(), usize::MAX);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut said: Vec<String> = lines.by_ref().take(usize::from(random() % 12)).collect();
        std::thread::sleep(Duration::from_micros(random().into()));
        child.kill().unwrap();
        child.wait().unwrap();
        said.extend(lines);

        let mine = format!("{}-", child.id());
        let after: Vec<_> = all(&reader).into_iter().filter(|record| record.run.starts_with(&mine)).collect();
        for line in &said {
            let (what, run) = line.split_once(' ').unwrap();
            let record = after.iter().find(|record| record.run == run).expect(line);
            assert!(what == "started" || record.outcome == Outcome::Finished, "round {round}, {line}: {record:?}");
        }
        // Only the newest can have been under way, and it is not said to run on.
        let open: Vec<_> = after.iter().map(|r| r.outcome).filter(|&o| o != Outcome::Finished).collect();
        assert!(open.is_empty() || (open == [Outcome::Interrupted] && after[0].outcome == Outcome::Interrupted));
        let chain = checked(&reader);
        assert!(matches!(chain, Chain::Whole { .. }), "round {round}: {chain:?}");
    }
    let check: String = reader.connection().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// Up to 65 ms in microseconds: some die while they open the journal, some in the middle of it all.
fn random() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).unwrap();
    u16::from_le_bytes(bytes)
}

#[test]
fn migrations_that_are_killed_lose_nothing_and_are_done_again() {
    for round in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        drop(version_2(folder.path(), 200));
        let mut child = spawn(folder.path(), usize::MAX);
        std::thread::sleep(Duration::from_micros(random().into()));
        child.kill().unwrap();
        child.wait().unwrap();
        let journal = open(folder.path());
        let chain = checked(&journal);
        assert!(matches!(chain, Chain::Whole { .. }), "round {round}: {chain:?}");
        let runs = all(&journal);
        assert!(runs.iter().filter(|run| run.run.starts_with('r')).count() == 200, "round {round}");
    }
}

#[test]
fn locks_of_the_killed_are_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let living = open(folder.path());
    let mut child = spawn(folder.path(), usize::MAX);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("started"));
    child.kill().unwrap();
    child.wait().unwrap();
    let locks = || {
        let names = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with("journal-writer-")).count()
    };
    assert_eq!(locks(), 2, "the living's and the dead's");
    let another = open(folder.path());
    assert_eq!(locks(), 2, "two living");
    drop((living, another));
    assert_eq!(locks(), 0);
}
