use time::OffsetDateTime;
use tokio::time::Instant;

use super::super::{Bench, Mode, Settings};
use super::world::{bench, drives, state};
use crate::site::tests::site;
use crate::{Code, Step};

fn under_way() -> Bench {
    let mut bench = bench(Mode::ByDeviceSerial, 3);
    bench.arm();
    let now = Instant::now();
    bench.attached(drives(2), now);
    let later = now + std::time::Duration::from_secs(2);
    bench.settle(later);
    bench.set_up(Settings::default(), now);
    let ready = bench.ready(later);
    bench.launch(&ready, OffsetDateTime::UNIX_EPOCH, || "r1".into());
    bench
}

fn states(bench: &Bench) -> Vec<String> {
    bench.rows().iter().map(state).collect()
}

#[test]
fn after_a_crash_what_ran_is_interrupted_and_the_rest_waits() {
    let text = under_way().save("Tokyo plant");
    let mut bench = Bench::load(&text, "Tokyo plant").expect("our own");
    assert_eq!(states(&bench), ["interrupted target", "interrupted target", "waiting"]);
    let head = bench.whole().head;
    assert!(head.recovered && !head.armed, "nothing begins by itself");
    assert_eq!(head.settings.mode, Mode::ByDeviceSerial);
    bench.scan("SN-04", &site(), Instant::now()).expect("accepted");
    assert_eq!(bench.rows()[3].id, 4, "numbers go on");
    assert!(!bench.import("SN-01", &site()).refused.is_empty(), "what it held is known");
}

#[test]
fn a_file_of_another_site_or_of_another_time_is_refused() {
    let text = bench(Mode::InOrder, 1).save("Tokyo plant");
    for (text, site) in [(text.as_str(), "Osaka"), ("{ half", "Tokyo plant"), ("{}", "Tokyo plant")] {
        let failure = Bench::load(text, site).expect_err("not ours");
        assert_eq!(failure.code, Code::Usage);
    }
    let later = text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(Bench::load(&later, "Tokyo plant").is_err());
}

#[test]
fn a_batch_that_was_kept_before_drivers_had_settings_is_used() {
    let text = bench(Mode::InOrder, 1).save("Tokyo plant");
    let older = text.replacen("\"driverSettings\":{},", "", 1);
    assert_ne!(older, text, "there are some now");
    assert_eq!(Bench::load(&older, "Tokyo plant").expect("whole").rows().len(), 1);
}

#[test]
fn an_armed_bench_keeps_its_set_up() {
    let mut bench = under_way();
    let other = Settings { at_once: 99, ..Settings::default() };
    assert!(!bench.set_up(other.clone(), Instant::now()));
    bench.disarm();
    assert!(bench.set_up(other, Instant::now()));
    assert_eq!(bench.whole().head.settings.at_once, 32, "within what can be watched");
}

#[test]
fn a_new_batch_waits_for_the_runs_under_way() {
    let mut bench = under_way();
    assert!(!bench.clear());
    for row in [1, 2] {
        bench.over(row, "r1", OffsetDateTime::UNIX_EPOCH);
    }
    assert!(bench.clear());
    assert!(bench.rows().is_empty());
}

#[test]
fn events_of_a_run_that_is_not_the_row_s_any_more_change_nothing() {
    let mut bench = under_way();
    let event = crate::Event::Step {
        step: Step::Write,
        status: crate::Status::Running,
        detail: serde_json::Map::new(),
        ms: None,
    };
    bench.event(1, "earlier", &event, OffsetDateTime::UNIX_EPOCH);
    assert_eq!(states(&bench)[0], "running target");
    bench.event(1, "r1", &event, OffsetDateTime::UNIX_EPOCH);
    assert_eq!(states(&bench)[0], "running write");
}

#[test]
fn what_is_under_way_already_is_not_told_and_saved_again() {
    let mut bench = under_way();
    bench.take_change();
    let targets: Vec<String> = drives(2).into_iter().map(|drive| drive.target).collect();
    assert!(bench.launch(&targets, OffsetDateTime::UNIX_EPOCH, || "r2".into()).is_empty());
    assert!(!bench.changed.weighty, "each write is a whole batch and waits for the disk");
    assert_eq!(bench.take_change(), None);
}

#[test]
fn a_row_under_way_is_not_skipped_and_a_skipped_one_comes_back() {
    let mut bench = under_way();
    assert!(!bench.skip(1));
    assert!(bench.skip(3));
    assert_eq!(states(&bench)[2], "skipped");
    bench.retry(&[3], false, Instant::now());
    assert_eq!(states(&bench)[2], "waiting");
}
