//! The index finds the same as whoever looks at each run, and what was done to it is shown.

use fieldkey_core::ports::{Entry, Journal};
use fieldkey_core::{Code, Job, Step};
use tempfile::TempDir;
use time::Duration;

use super::{AT, all, checked, end, open, start};
use crate::bits::{Bits, SPAN};
use crate::token::{Value, of_longest_pieces, of_value};
use crate::{Breach, Chain, Filter, Outcome, RunRecord, SqliteJournal, block};

const RUNS: usize = 5 * SPAN / 2;

/// Several blocks and more. Some runs never end, some when their block is long indexed.
fn journal() -> (TempDir, SqliteJournal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    journal.connection().pragma_update(None, "synchronous", "OFF").unwrap();
    let killed = open(folder.path());
    let mut late = vec![];
    for n in 0..RUNS {
        let id = format!("r{n}");
        let serial_number = match n % 50 {
            17 => String::new(),
            33 => "ÄÖ-０".to_owned(),
            _ => format!("SN-{:05}", n * 7919 % 100_000),
        };
        let failed = match n % 9 {
            2 => Some((Code::Offline, Some(Step::Claim))),
            5 => Some((Code::Interrupted, None)),
            _ => None,
        };
        let (Entry::Started(mut begun), Entry::Ended(mut ended)) = (start(&id, &serial_number), end(&id, failed))
        else {
            unreachable!()
        };
        begun.site = if n % 4 == 1 { "大阪工場" } else { "Tokyo plant" }.to_owned();
        begun.job = if n % 6 == 4 { Job::Reissue } else { Job::Provision };
        begun.device = (n % 3 == 0).then(|| format!("0781:5581:{:08X}", n * 0x9e37_79b9));
        // Its battery is dead: some days come again and again.
        begun.at = AT + if n % 20 == 7 { Duration::days(-1000) } else { Duration::minutes(20) * (n as i32) };
        ended.operator = if n % 8 == 6 { String::new() } else { format!("op{}@example.com", n % 5) };
        ended.certificate_id =
            (n % 8 != 6).then(|| format!("{:016x}", (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let by = if n % 41 == 40 { &killed } else { &journal };
        by.append(&Entry::Started(begun)).unwrap();
        match n % 41 {
            40 => {}
            39 => late.push(ended),
            _ => journal.append(&Entry::Ended(ended)).unwrap(),
        }
    }
    // The last is still under way.
    for ended in late.drain(..late.len() - 1) {
        journal.append(&Entry::Ended(ended)).unwrap();
    }
    (folder, journal)
}

/// What the filter means, in words of what is shown.
fn fits(filter: &Filter, run: &RunRecord) -> bool {
    let is = |wanted: &Option<String>, value: Option<&String>| wanted.is_none() || wanted.as_ref() == value;
    let fields =
        [Some(&run.thing_name), Some(&run.serial_number), run.operator.as_ref(), Some(&run.site), run.device.as_ref()];
    let text = fields.into_iter().flatten().map(|field| field.to_lowercase()).collect::<Vec<_>>().join("\n");
    let id = run.certificate_id.clone().unwrap_or_default();
    let words: Vec<_> = filter.text.split_whitespace().map(str::to_lowercase).collect();
    let started = time::OffsetDateTime::parse(&run.started_at, &time::format_description::well_known::Rfc3339).unwrap();
    (words.iter().all(|word| text.contains(word)) || words.len() == 1 && id.starts_with(&words[0]))
        && filter.certificate_id.as_ref().is_none_or(|beginning| !id.is_empty() && id.starts_with(beginning))
        && is(&filter.serial_number, Some(&run.serial_number))
        && is(&filter.thing_name, Some(&run.thing_name))
        && is(&filter.operator, run.operator.as_ref())
        && is(&filter.site, Some(&run.site))
        && is(&filter.job, Some(&run.job))
        && is(&filter.code, run.code.as_ref())
        && filter.outcome.is_none_or(|outcome| outcome == run.outcome)
        && filter.since.is_none_or(|since| started >= since)
        && filter.until.is_none_or(|until| started < until)
}

fn filters() -> Vec<Filter> {
    let some = |text: &str| Some(text.to_owned());
    let none = Filter::default;
    let texts = [
        "",
        "s",
        "ü",
        "q",
        "sn",
        "zq",
        "äö-０",
        "大",
        "SN-0",
        "00",
        "000",
        "0000",
        "plant op3",
        "op3@example.com 大阪",
        "c",
        "9e",
        "9e3779b97f4a7c15",
        "0781:5581:",
        "5581:5581",
        "Fleet_Index_SN-07919",
        "SN-SN-",
    ];
    let mut filters = vec![];
    for text in texts {
        for more in [
            none(),
            Filter { outcome: Some(Outcome::Failed), ..none() },
            Filter { outcome: Some(Outcome::Interrupted), site: some("大阪工場"), ..none() },
            Filter { outcome: Some(Outcome::Running), ..none() },
            Filter { outcome: Some(Outcome::Finished), code: some("offline"), ..none() },
            Filter { code: some("interrupted"), operator: some("op1@example.com"), ..none() },
            Filter { job: some("reissue"), operator: some("op2@example.com"), ..none() },
            Filter { serial_number: some(""), ..none() },
            Filter { thing_name: some("Fleet_Index_SN-07919"), ..none() },
            Filter { certificate_id: some("9e"), ..none() },
            Filter { certificate_id: some("9e3779b97f4a7c15"), ..none() },
            Filter { certificate_id: some(""), ..none() },
            Filter { since: Some(AT + Duration::hours(31)), until: Some(AT + Duration::hours(47)), ..none() },
            Filter { until: Some(AT - Duration::days(999)), site: some("Tokyo plant"), ..none() },
            Filter { since: Some(AT - Duration::days(1)), outcome: Some(Outcome::Failed), ..none() },
        ] {
            filters.push(Filter { text: text.to_owned(), ..more });
        }
    }
    filters
}

#[test]
fn whatever_is_looked_for_is_found_as_by_looking_at_each_run() {
    let (_folder, journal) = journal();
    assert!(block::indexed(&journal.connection()).unwrap() >= 4, "most of them are in the index");
    let all = all(&journal);
    assert_eq!(all.len(), RUNS);
    for outcome in [Outcome::Running, Outcome::Interrupted, Outcome::Failed, Outcome::Finished] {
        assert!(all.iter().any(|run| run.outcome == outcome), "{outcome:?}");
    }
    for filter in filters() {
        let expected: Vec<_> = all.iter().filter(|run| fits(&filter, run)).map(|run| run.entry).collect();
        for size in [usize::MAX, 7] {
            let (mut found, mut before) = (vec![], None);
            loop {
                let page = journal.page(&filter, before, size).unwrap();
                found.extend(page.runs.iter().map(|run| run.entry));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{size} a page of {filter:?}");
        }
    }
    let chain = checked(&journal);
    assert!(matches!(chain, Chain::Whole { .. }), "{chain:?}");
}

#[test]
fn what_was_done_to_the_index_is_shown() {
    let (_folder, journal) = journal();
    let in_time = |run: &&RunRecord| run.run[1..].parse::<usize>().unwrap() % 41 != 39;
    let second: Vec<_> = all(&journal).into_iter().rev().filter(|run| block::place(run.entry).0 == 1).collect();
    let mut ended = second.iter().filter(in_time).filter(|run| run.ended_at.is_some());
    let failed = ended.clone().find(|run| run.outcome == Outcome::Failed).unwrap().entry;
    let other = ended.find(|run| run.outcome != Outcome::Failed).unwrap().entry;
    let key = |token: u64| format!("((1 << 40) | {token})");
    let outcome = key(of_value(Value::Outcome, "failed"));
    let site = key(of_value(Value::Site, "大阪工場"));
    let connection = journal.connection();
    let blocks = block::indexed(&connection).unwrap();
    connection.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM posting").unwrap();
    for (tamper, entry) in [
        (format!("DELETE FROM posting WHERE key = {outcome}"), Some(failed)),
        (format!("UPDATE posting SET runs = x'' WHERE key = {outcome}"), Some(other)),
        (format!("DELETE FROM posting WHERE key = {site}"), None),
        (format!("DELETE FROM posting WHERE key = {}", key(0)), Some(block::begin(1))),
        (format!("DELETE FROM posting WHERE key = {}", key(1)), None),
        (format!("INSERT INTO posting VALUES ({}, x'07')", key(77)), Some(block::begin(1) + 7)),
        ("DELETE FROM posting WHERE key >> 40 = 1".to_owned(), Some(block::begin(1))),
        ("INSERT INTO posting VALUES (999 << 40, x'')".to_owned(), Some(block::begin(blocks))),
        ("UPDATE day SET first = last".to_owned(), None),
    ] {
        connection.execute_batch(&tamper).unwrap();
        let chain = checked(&journal);
        let Chain::Broken { breach: Breach::Index, entry: shown, .. } = chain else { panic!("{tamper}: {chain:?}") };
        assert!(entry.is_none_or(|entry| shown == entry), "{tamper}: {shown}, not {entry:?}");
        connection.execute_batch("DELETE FROM posting; INSERT INTO posting SELECT * FROM kept").unwrap();
    }
}

#[test]
fn a_set_of_runs_is_read_as_it_was_written() {
    for step in 1..SPAN {
        let places: Vec<u16> = (0..SPAN as u16).filter(|&place| usize::from(place) % step == step - 1).collect();
        let written = Bits::write(&places);
        assert!(written.len() <= SPAN / 8, "{step}");
        let read = Bits::read(&written);
        assert_eq!(read, Bits::of(&places), "{step}");
        assert!(read.newest_first().map(|place| place as u16).eq(places.iter().rev().copied()), "{step}");
    }
    let garbled = Bits::read(&[0xff; 100]);
    assert_eq!(garbled.first(), None, "a row that never ends");
}

#[test]
fn what_the_index_is_asked_never_changes() {
    // Journals on people's computers hold these numbers.
    let zeros = [
        57_881_769_806,
        453_086_290_626,
        374_011_243_612,
        716_584_916_653,
        716_584_916_653,
        // Four of them in a row.
        1_055_880_887_420,
    ];
    assert_eq!(of_longest_pieces("sn-0000"), zeros);
    assert_eq!(of_longest_pieces("工"), [160_997_250_661]);
    assert_eq!(of_value(Value::Site, "大阪工場"), 539_417_768_226);
}
