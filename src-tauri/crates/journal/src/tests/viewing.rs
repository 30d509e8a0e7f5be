//! What the window says of a run.

use fieldkey_core::Code;
use fieldkey_core::ports::Journal;
use serde_json::json;

use super::{all, end, open, start};
use crate::{RunRecord, RunView};

fn view(record: RunRecord) -> serde_json::Value {
    serde_json::to_value(RunView::from(record)).unwrap()["failure"].clone()
}

fn records() -> Vec<RunRecord> {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for (run, code) in [("r1", Code::TargetFull), ("r2", Code::UserPoolNotFound), ("r3", Code::Throttled)] {
        journal.append(&start(run, "SN-1")).unwrap();
        journal.append(&end(run, Some((code, None)))).unwrap();
    }
    journal.append(&start("r4", "SN-1")).unwrap();
    drop(journal);
    all(&open(folder.path()))
}

#[test]
fn failures_say_what_to_do_and_name_only_what_the_journal_holds() {
    let [killed, throttled, pool, full] = records().try_into().unwrap();
    assert_eq!(view(full)["en"]["message"], "`drive:/media/x` has no room for the credentials");
    let words = view(pool);
    assert_eq!(words["en"]["message"], "", "which pool it was, the journal does not know");
    assert_ne!(words["en"]["help"], "", "what to do about it is known all the same");
    assert_ne!(words["ja"]["help"], "");
    assert_ne!(view(throttled)["ja"]["message"], "");
    assert_eq!(view(killed)["code"], "interrupted", "what to do after a kill is what to do after a cancelling");
}

#[test]
fn a_code_of_a_newer_fieldkey_is_shown_without_words() {
    let record = RunRecord { code: Some("warp-core-breach".to_owned()), ..records().remove(0) };
    let view = serde_json::to_value(RunView::from(record)).unwrap();
    assert_eq!((&view["failure"], &view["code"]), (&json!(null), &json!("warp-core-breach")));
}
