//! What is looked for is found, newest first, a page at a time, and nothing else.

use fieldkey_core::ports::{Entry, Journal};
use fieldkey_core::{Code, Job, Step};
use tempfile::TempDir;
use time::Duration;

use super::{AT, checked, end, open, start};
use crate::{Choices, Filter, Outcome, SqliteJournal};

/// Run, serial number, site, operator, certificate, days after `AT`, failure.
type Told = (&'static str, &'static str, &'static str, &'static str, &'static str, i64, Option<(Code, Option<Step>)>);

const RUNS: [Told; 6] = [
    ("r1", "SN-0041", "Tokyo plant", "mori@example.com", "9f2c41d07be3", 0, None),
    (
        "r2",
        "SN-0042",
        "Tokyo plant",
        "mori@example.com",
        "0d51b7c3a9e8",
        1,
        Some((Code::TargetFull, Some(Step::Write))),
    ),
    ("r3", "100%_A", "大阪工場", "sato@example.com", "9f2c00000000", 2, Some((Code::Interrupted, Some(Step::Claim)))),
    // The clock was put back.
    ("r4", "SN-0042", "大阪工場", "SATO@example.com", "ffffffffffff", 1, None),
    ("r5", "AB\"C", "Tokyo plant", "mori@example.com", "abcdef012345", 3, Some((Code::Offline, None))),
    ("r6", "SN-1042", "Tokyo plant", "mori@example.com", "9e00c0ffee00", 4, None),
];

fn journal() -> (TempDir, SqliteJournal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for (run, serial_number, site, operator, certificate, days, failed) in RUNS {
        let (Entry::Started(mut begun), Entry::Ended(mut ended)) = (start(run, serial_number), end(run, failed)) else {
            unreachable!()
        };
        begun.site = site.to_owned();
        begun.at = AT + Duration::days(days);
        begun.job = if run == "r6" { Job::Reissue } else { Job::Provision };
        ended.operator = operator.to_owned();
        ended.certificate_id = Some(certificate.to_owned());
        journal.append(&Entry::Started(begun)).unwrap();
        journal.append(&Entry::Ended(ended)).unwrap();
    }
    (folder, journal)
}

fn found(journal: &SqliteJournal, filter: &Filter) -> Vec<String> {
    journal.page(filter, None, 100).unwrap().runs.into_iter().map(|record| record.run).collect()
}

fn text(text: &str) -> Filter {
    Filter { text: text.to_owned(), ..Filter::default() }
}

#[test]
fn text_is_found_anywhere_in_whatever_case_and_every_word_must_be_there() {
    let (_folder, journal) = journal();
    for (typed, expected) in [
        ("", &["r6", "r5", "r4", "r3", "r2", "r1"][..]),
        ("  ", &["r6", "r5", "r4", "r3", "r2", "r1"]),
        ("SN-0042", &["r4", "r2"]),
        ("sn-0042", &["r4", "r2"]),
        ("042", &["r6", "r4", "r2"]),
        ("Fleet_Index_SN-1042", &["r6"]),
        ("fleet_index_sn-1042", &["r6"]),
        // Its beginning and its end are there, but not next to each other.
        ("Fleet_InSN-1042", &[]),
        ("Fleet_Index-SN-1042", &[]),
        ("sato", &["r4", "r3"]),
        ("大阪", &["r4", "r3"]),
        ("大阪工場", &["r4", "r3"]),
        ("場", &["r4", "r3"]),
        ("42", &["r6", "r4", "r2"]),
        ("mori 0042", &["r2"]),
        ("大阪 0042", &["r4"]),
        ("42 sa", &["r4"]),
        ("0781:5581:4C53", &["r6", "r5", "r4", "r3", "r2", "r1"]),
        ("100%_", &["r3"]),
        ("0%", &["r3"]),
        ("AB\"C", &["r5"]),
        ("\"", &["r5"]),
        // No operator here, but two letters of `mori`.
        ("OR", &["r6", "r5", "r2", "r1"]),
        ("mori* NOT", &[]),
        ("nobody", &[]),
        ("SN\0-", &["r6", "r4", "r2", "r1"]),
    ] {
        assert_eq!(found(&journal, &text(typed)), expected, "{typed:?}");
    }
}

#[test]
fn a_certificate_is_found_by_how_its_id_begins() {
    let (_folder, journal) = journal();
    assert_eq!(found(&journal, &text("9f2c")), ["r3", "r1"]);
    assert_eq!(found(&journal, &text("9F2C41D07BE3")), ["r1"], "as somebody's console writes it");
    assert!(found(&journal, &text("c0ffee")).is_empty(), "not by its middle");
    let filter = |id: &str| Filter { certificate_id: Some(id.to_owned()), ..Filter::default() };
    assert_eq!(found(&journal, &filter("9")), ["r6", "r3", "r1"]);
    assert_eq!(found(&journal, &Filter { text: "SN-0041".into(), ..filter("9f") }), ["r1"]);
}

#[test]
fn filters_are_all_met() {
    let (_folder, journal) = journal();
    let some = |text: &str| Some(text.to_owned());
    let none = Filter::default;
    for (filter, expected) in [
        (Filter { serial_number: some("SN-0042"), ..none() }, &["r4", "r2"][..]),
        (Filter { thing_name: some("Fleet_Index_SN-1042"), ..none() }, &["r6"]),
        (Filter { operator: some("sato@example.com"), ..none() }, &["r3"]),
        (Filter { site: some("大阪工場"), ..none() }, &["r4", "r3"]),
        (Filter { job: some("reissue"), ..none() }, &["r6"]),
        (Filter { code: some("offline"), ..none() }, &["r5"]),
        (Filter { code: some("interrupted"), ..none() }, &["r3"]),
        (Filter { outcome: Some(Outcome::Finished), ..none() }, &["r6", "r4", "r1"]),
        (Filter { outcome: Some(Outcome::Failed), ..none() }, &["r5", "r2"]),
        (Filter { outcome: Some(Outcome::Interrupted), ..none() }, &["r3"]),
        (Filter { outcome: Some(Outcome::Running), ..none() }, &[]),
        (Filter { outcome: Some(Outcome::Finished), code: some("interrupted"), ..none() }, &[]),
        (
            Filter { outcome: Some(Outcome::Failed), site: some("Tokyo plant"), code: some("offline"), ..none() },
            &["r5"],
        ),
        (Filter { outcome: Some(Outcome::Failed), ..text("0042") }, &["r2"]),
    ] {
        assert_eq!(found(&journal, &filter), expected, "{filter:?}");
    }
}

#[test]
fn a_time_range_finds_what_began_in_it_even_if_the_clock_was_put_back() {
    let (_folder, journal) = journal();
    let day = |days| Some(AT + Duration::days(days));
    let between = |since, until| found(&journal, &Filter { since, until, ..Filter::default() });
    assert_eq!(between(day(1), day(2)), ["r4", "r2"], "its end is not in it");
    assert_eq!(between(day(3), None), ["r6", "r5"]);
    assert_eq!(between(None, day(1)), ["r1"]);
    assert!(between(day(100), None).is_empty());
    let later = AT + Duration::days(1) + Duration::MILLISECOND;
    assert!(between(Some(later), day(2)).is_empty(), "to the millisecond");
    let (since, until) = (day(1), day(2));
    assert_eq!(found(&journal, &Filter { since, until, ..text("mori") }), ["r2"]);
}

#[test]
fn runs_without_an_end_are_found_by_what_is_known_and_told_apart_by_their_writer() {
    let (folder, journal) = journal();
    let other = open(folder.path());
    other.append(&start("r7", "SN-0043")).unwrap();
    journal.append(&start("r8", "SN-0044")).unwrap();
    let outcome = |outcome| Filter { outcome: Some(outcome), ..Filter::default() };
    assert_eq!(found(&journal, &outcome(Outcome::Running)), ["r8", "r7"]);
    assert_eq!(found(&journal, &text("sn-004")), ["r8", "r7", "r4", "r2", "r1"]);
    assert_eq!(found(&journal, &text("44")), ["r8"]);
    drop(other);
    assert_eq!(found(&journal, &outcome(Outcome::Running)), ["r8"]);
    assert_eq!(found(&journal, &outcome(Outcome::Interrupted)), ["r7", "r3"]);
    let code = Filter { code: Some("interrupted".into()), ..text("SN") };
    assert_eq!(found(&journal, &code), ["r7"]);
    assert!(matches!(checked(&journal), crate::Chain::Whole { .. }));
}

#[test]
fn pages_follow_each_other_without_a_gap_while_runs_are_added() {
    let (_folder, journal) = journal();
    for filter in [text(""), text("example"), Filter { site: Some("Tokyo plant".into()), ..text("") }] {
        let whole = found(&journal, &filter);
        let (mut seen, mut before) = (vec![], None);
        loop {
            let page = journal.page(&filter, before, 2).unwrap();
            assert!(page.runs.len() <= 2);
            seen.extend(page.runs.into_iter().map(|record| record.run));
            before = page.next;
            if before.is_none() {
                break;
            }
            journal.append(&start(&crate::new_run(), "SN-0099")).unwrap();
        }
        assert_eq!(seen, whole);
    }
    assert_eq!(journal.page(&text("9f2c"), None, 2).unwrap().next, None, "the last page, though it is full");
}

#[test]
fn choices_name_each_value_once() {
    let (_folder, journal) = journal();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    assert_eq!(
        journal.choices().unwrap(),
        Choices {
            sites: words(&["Tokyo plant", "大阪工場"]),
            jobs: words(&["provision", "reissue"]),
            codes: words(&["interrupted", "offline", "target-full"]),
        }
    );
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(open(empty.path()).choices().unwrap(), Choices::default());
}

#[test]
fn a_filter_comes_from_the_page_as_json() {
    let json = r#"{"text": "mori", "outcome": "failed", "since": "2026-03-03T20:06:07.089Z"}"#;
    let filter: Filter = serde_json::from_str(json).unwrap();
    assert_eq!((filter.text.as_str(), filter.outcome, filter.since), ("mori", Some(Outcome::Failed), Some(AT)));
    assert!(serde_json::from_str::<Filter>(r#"{"operater": "x"}"#).is_err(), "a slip would find everything");
}
