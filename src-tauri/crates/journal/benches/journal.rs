//! How quick the journal is with a million runs in it, and as many more as make the newest of them wait longest to be
//! indexed: `cargo bench -p fieldkey-journal`.
//!
//! It is filled by appending, run by run. `FIELDKEY_BENCH_RUNS` says how many; `FIELDKEY_BENCH_FOLDER` names a
//! folder to fill once and use again, best one in memory: each append waits for the disk.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people who measure")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use fieldkey_core::ports::{Entry, Journal, RunEnd, RunStart};
use fieldkey_core::{Code, Job, Step};
use fieldkey_journal::{Checking, Filter, Format, Outcome, SqliteJournal};
use time::OffsetDateTime;
use time::macros::datetime;

const BEGIN: OffsetDateTime = datetime!(2023-01-01 00:00:00 UTC);
const PAGE: usize = 50;

fn main() {
    let runs: u64 = env::var("FIELDKEY_BENCH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1_004_000);
    let kept = env::var_os("FIELDKEY_BENCH_FOLDER").map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or_else(|| temporary.path().to_owned());
    let journal = SqliteJournal::open(&folder).unwrap();

    let there = u64::try_from(journal.last_entry().unwrap()).unwrap() / 2;
    if there < runs {
        let begun = Instant::now();
        (there..runs).for_each(|n| append(&journal, n));
        line(&format!("append {} runs, each", runs - there), begun.elapsed() / u32::try_from(runs - there).unwrap());
    }
    line("append one run to it", median(|n| append(&journal, runs.max(there) + u64::from(n))));
    on_a_disk();
    println!("size: {} MB", size(&folder) / 1_000_000);
    println!();
    reads(&journal, runs);
    println!();
    let begun = Instant::now();
    let chain = journal.verify(&Checking::default()).unwrap();
    line("verify", begun.elapsed());
    println!("{chain:?}");
    for (name, format) in [("export CSV", Format::Csv), ("export JSON Lines", Format::JsonLines)] {
        let begun = Instant::now();
        journal.export(&Filter::default(), format, &mut io::sink()).unwrap();
        line(name, begun.elapsed());
    }
}

fn reads(journal: &SqliteJournal, runs: u64) {
    println!("| search | runs on its page | first page, ms | next page, ms |\n|---|--:|--:|--:|");
    let mut slowest = Duration::ZERO;
    for (name, filter) in searches(runs) {
        let page = journal.page(&filter, None, PAGE).unwrap();
        let first = median(|_| drop(journal.page(&filter, None, PAGE).unwrap()));
        let next = page.next.map(|next| median(|_| drop(journal.page(&filter, Some(next), PAGE).unwrap())));
        slowest = slowest.max(first).max(next.unwrap_or_default());
        println!("| {name} | {} | {} | {} |", page.runs.len(), ms(first), next.map_or("–".to_owned(), ms));
    }
    println!();
    line("the slowest of these", slowest);
    let middle = journal.last_entry().unwrap() / 2;
    line("a page from the middle", median(|_| drop(journal.page(&Filter::default(), Some(middle), PAGE).unwrap())));
    line("sites, jobs and codes", median(|_| drop(journal.choices().unwrap())));
}

/// What people look for, and what makes the journal go through all of it: words that are in no run, and what is in many
/// runs each but never together.
fn searches(runs: u64) -> Vec<(&'static str, Filter)> {
    let text = |text: &str| Filter { text: text.to_owned(), ..Filter::default() };
    let some = |text: &str| Some(text.to_owned());
    let none = Filter::default;
    let early = runs / 100;
    let (serial_number, certificate) = (serial_number(early), certificate(early));
    let (site, operator) = (some("Site 2 plant"), some("operator3@example.com"));
    let failed = Some(Outcome::Failed);
    let (since, until) = (Some(BEGIN), Some(BEGIN + time::Duration::DAY));
    vec![
        ("none", none()),
        ("serial number", Filter { serial_number: some(&serial_number), ..none() }),
        ("serial number that is not there", Filter { serial_number: some("SN-1"), ..none() }),
        ("thing name", Filter { thing_name: some(&format!("Fleet_Index_{serial_number}")), ..none() }),
        ("certificate ID, 8 digits of it", Filter { certificate_id: some(&certificate[..8]), ..none() }),
        ("certificate ID, 3 digits of it", Filter { certificate_id: some(&certificate[..3]), ..none() }),
        ("operator, every 10th run", Filter { operator: operator.clone(), ..none() }),
        ("operator who left", Filter { operator: some("leaver@example.com"), ..none() }),
        ("site, every 5th run", Filter { site: site.clone(), ..none() }),
        ("site that is not there", Filter { site: some("Site 99"), ..none() }),
        ("site and operator, never together", Filter { site: site.clone(), operator: operator.clone(), ..none() }),
        ("outcome: finished", Filter { outcome: Some(Outcome::Finished), ..none() }),
        ("outcome: failed", Filter { outcome: failed, ..none() }),
        ("outcome: interrupted", Filter { outcome: Some(Outcome::Interrupted), ..none() }),
        ("outcome: running", Filter { outcome: Some(Outcome::Running), ..none() }),
        ("outcome and site, never together", Filter { outcome: failed, site: some("Site 3 plant"), ..none() }),
        ("job", Filter { job: some("reissue"), ..none() }),
        ("job and outcome, never together", Filter { job: some("reissue"), outcome: failed, ..none() }),
        ("job and operator, never together", Filter { job: some("reissue"), operator: operator.clone(), ..none() }),
        ("code", Filter { code: some("offline"), ..none() }),
        ("code and site", Filter { code: some("offline"), site: site.clone(), ..none() }),
        ("code and site, never together", Filter { code: some("offline"), site: some("Site 3 plant"), ..none() }),
        ("a day, two years ago", Filter { since, until, ..none() }),
        ("before a day, and failed", Filter { until, outcome: failed, ..none() }),
        (
            "since a day, outcome and site, never together",
            Filter { since, outcome: failed, site: some("Site 3 plant"), ..none() },
        ),
        (
            "certificate ID and outcome",
            Filter { certificate_id: some("a"), outcome: failed, job: some("reissue"), ..none() },
        ),
        ("text: a serial number", text(&serial_number)),
        ("text: the middle of one", text(&serial_number[4..])),
        ("text: three digits", text(&serial_number[4..7])),
        ("text: the thing's whole name", text(&format!("Fleet_Index_{serial_number}"))),
        ("text: certificate ID, whole", text(&certificate)),
        ("text: certificate ID, 6 digits of it", text(&certificate[..6])),
        ("text: an operator", text("operator3")),
        ("text: an operator who left", text("leaver@example.com")),
        ("text: in every run", text("example.com")),
        ("text: site and serial number", text(&format!("plant {serial_number}"))),
        ("text: in no run", text("nowhere-to-be-found")),
        ("text: in no run, all of it common", text("Index_SN-99999999")),
        ("text: in no run, most of it common", text("Fleet_Index_SN-0000000000")),
        ("text: two words, never together", text("operator3 operator7")),
        ("text: five words, never together", text("operator3 plant Fleet 0781 r7@")),
        ("text: a letter, common", text("s")),
        ("text: a letter, in no run", text("q")),
        ("text: two letters, common", text("SN")),
        ("text: two letters, in no run", text("zq")),
        ("text: two letters, in the first runs only", text("av")),
        ("text and outcome, never together", Filter { outcome: failed, ..text("operator3") }),
        ("text and job, never together", Filter { job: some("reissue"), ..text("operator3") }),
        ("text and site, never together", Filter { site: site.clone(), ..text("operator3") }),
        ("text and operator, never together", Filter { operator, ..text("operator7") }),
        ("two letters and code, never together", Filter { code: some("offline"), ..text("r3") }),
        ("text, outcome, site and since a day, never together", Filter { since, outcome: failed, site, ..text("r1@") }),
    ]
}

/// As it is for an installer: with a disk that is waited for.
fn on_a_disk() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let journal = SqliteJournal::open(folder.path()).unwrap();
    line("append one run on a disk", median(|n| append(&journal, n.into())));
}

fn append(journal: &SqliteJournal, n: u64) {
    let run = format!("{n:016x}");
    let at = BEGIN + time::Duration::seconds(i64::try_from(n).unwrap() * 60);
    let serial_number = serial_number(n);
    journal
        .append(&Entry::Started(RunStart {
            run: run.clone(),
            job: if n.is_multiple_of(20) { Job::Reissue } else { Job::Provision },
            at,
            site: format!("Site {} plant", n % 5),
            thing_name: format!("Fleet_Index_{serial_number}"),
            serial_number,
            target: "drive:/media/operator/SENSOR".to_owned(),
            device: Some(format!("0781:5581:{:08X}", mixed(n) >> 32)),
        }))
        .unwrap();
    let failed = match n % 50 {
        7 => Some((Code::Offline, Some(Step::Claim))),
        9 => Some((Code::Interrupted, Some(Step::Write))),
        11 => Some((Code::TargetGone, Some(Step::Write))),
        _ => None,
    };
    let operator = if n < 100 { "leaver@example.com".to_owned() } else { format!("operator{}@example.com", n % 10) };
    journal
        .append(&Entry::Ended(RunEnd {
            run,
            at: at + time::Duration::seconds(9),
            operator,
            certificate_id: Some(certificate(n)),
            failed,
            registered: Some(failed.is_none()),
            steps: [
                Step::Target,
                Step::SignIn,
                Step::Credentials,
                Step::Claim,
                Step::Write,
                Step::Verify,
                Step::Release,
            ]
            .map(|step| (step, mixed(n) % 900))
            .to_vec(),
        }))
        .unwrap();
}

fn serial_number(n: u64) -> String {
    format!("SN-{:08}", mixed(n) % 100_000_000)
}

fn certificate(n: u64) -> String {
    (0..4).map(|part| format!("{:016x}", mixed(n * 4 + part))).collect()
}

/// As good as random, and always the same.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn median(mut work: impl FnMut(u32)) -> Duration {
    let mut times: Vec<_> = (0..11)
        .map(|n| {
            let begun = Instant::now();
            work(n);
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn line(name: &str, took: Duration) {
    println!("{name:<40} {:>10.3} ms", took.as_secs_f64() * 1000.0);
}

fn ms(took: Duration) -> String {
    format!("{:.1}", took.as_secs_f64() * 1000.0)
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}
