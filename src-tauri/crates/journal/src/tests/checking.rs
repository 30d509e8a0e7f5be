//! How far a check is, and that it can be stopped.

use std::sync::atomic::Ordering;

use super::{open, run};
use crate::bits::SPAN;
use crate::{Chain, Checking, Looked, SqliteJournal};

/// Two entries each, in some blocks of the index and beyond them.
const RUNS: usize = 2 * SPAN;

fn filled(folder: &std::path::Path) -> SqliteJournal {
    let journal = open(folder);
    (0..RUNS).for_each(|n| run(&journal, &format!("r{n}"), "SN-1"));
    journal
}

#[test]
fn a_check_counts_what_it_looked_at_up_to_all_that_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, checking) = (filled(folder.path()), Checking::default());
    assert_eq!(checking.looked(), None, "nobody knows yet how many they are");
    let chain = journal.verify(&checking).unwrap();
    let all = 2 * RUNS as i64;
    assert!(matches!(chain, Some(Chain::Whole { entries, .. }) if entries == all), "{chain:?}");
    assert_eq!(checking.looked(), Some(Looked { entries: all, of: all }), "the index, too");
}

#[test]
fn what_is_not_found_yet_is_not_counted() {
    let checking = Checking::default();
    checking.begin(1_000, 10);
    checking.entry(1_000);
    assert_eq!(checking.looked(), Some(Looked { entries: 0, of: 1_000 }), "the index is still to be looked through");
    (0..4).for_each(|_| checking.block());
    assert_eq!(checking.looked(), Some(Looked { entries: 400, of: 1_000 }));
    checking.entry(1_002);
    (0..6).for_each(|_| checking.block());
    assert_eq!(checking.looked(), Some(Looked { entries: 1_000, of: 1_000 }), "what was appended meanwhile is no part");
}

#[test]
fn a_check_that_is_stopped_says_nothing_of_the_journal_and_the_next_one_all() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, stopped) = (filled(folder.path()), Checking::default());
    stopped.stop();
    assert_eq!(journal.verify(&stopped).unwrap(), None, "half a look is no finding");
    assert_eq!(stopped.entry.load(Ordering::Relaxed), 0, "no entry was looked at");
    assert_eq!(stopped.done.load(Ordering::Relaxed), 0, "nor a block of the index");
    assert_eq!(stopped.looked().map(|looked| looked.of), Some(2 * RUNS as i64), "though there were some");
    assert!(matches!(journal.verify(&Checking::default()).unwrap(), Some(Chain::Whole { .. })));
}
