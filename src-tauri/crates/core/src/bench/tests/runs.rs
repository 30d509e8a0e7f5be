use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::{Bench, By, Mode, Pause, RowState, Runner, Settings};
use super::world::{Fake, World, at_work, bench, drive, drives, state, states, until};
use crate::site::tests::site;
use crate::{Code, Policy, Rules};

/// Thirty-two devices on a hub, armed and plugged in.
fn thirty_two(world: &Arc<World>) -> Runner {
    let runner = at_work(bench(Mode::ByDeviceSerial, 32), world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(32), now));
    runner
}

fn all_done(states: &[String]) -> bool {
    states.iter().all(|state| state == "done")
}

/// The most that happened within any second.
fn most_in_a_second(at: &[Instant]) -> usize {
    let within = |from: &Instant| at.iter().filter(|at| **at >= *from && **at < *from + Duration::from_secs(1)).count();
    at.iter().map(within).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn thirty_two_devices_each_get_a_claim_of_their_own() {
    let world = Arc::new(World::default());
    let runner = thirty_two(&world);
    until(&runner, all_done).await;

    let written = world.written.lock().expect("written");
    let claims: BTreeSet<_> = written.values().flatten().map(|(claim, _)| claim.clone()).collect();
    assert_eq!((written.len(), claims.len()), (32, 32), "one claim each, and none of them twice");
    for row in runner.whole().rows {
        let (claim, thing) = &written[row.target.as_ref().expect("a target")][0];
        assert_eq!((Some(claim), thing), (row.certificate_id.as_ref(), &row.thing_name), "its own, under its own name");
        let number = row.serial_number.strip_prefix("SN-").expect("a serial number");
        assert_eq!(row.target.as_deref(), Some(format!("drive:/media/{number}").as_str()));
        assert_eq!(row.device_certificate_id, Some(format!("own-{claim}")), "seen in the registry");
        assert_eq!((row.state, row.attempts), (RowState::Done { registered: Some(true) }, 1));
    }
    assert_eq!(world.most_writing.load(Ordering::SeqCst), 8, "as many side by side as was set up");
}

#[tokio::test(start_paused = true)]
async fn the_whole_bench_asks_aws_no_faster_than_one_bucket_allows() {
    let world = Arc::new(World::default());
    let runner = thirty_two(&world);
    until(&runner, all_done).await;
    // A full bucket, and what flows into it meanwhile.
    for (what, at) in [("claims", &world.claims), ("looks", &world.looks)] {
        let most = most_in_a_second(&at.lock().expect("noted"));
        assert!(most <= 8, "{what}: {most} within a second");
    }
    let looks = world.looks.lock().expect("looks").clone();
    let took = looks.last().expect("looks").duration_since(looks[0]).as_secs_f64();
    let rate = looks.len() as f64 / took;
    assert!(rate <= 4.3, "{rate} looks a second, for thirty-two runs together");
}

#[tokio::test(start_paused = true)]
async fn throttled_calls_are_ridden_out() {
    let world = Arc::new(World::default());
    world.throttle.store(6, Ordering::SeqCst);
    let runner = thirty_two(&world);
    until(&runner, all_done).await;
    assert_eq!(world.claims.lock().expect("claims").len(), 32 + 6);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_in_the_middle_pauses_the_batch_and_fails_no_row() {
    let world = Arc::new(World::default());
    let runner = thirty_two(&world);
    until(&runner, |states| states.iter().any(|state| state == "running register")).await;
    *world.signed_out.lock().expect("session") = true;
    sleep(Duration::from_secs(60)).await;
    let (before, whole) = (states(&runner), runner.whole());
    assert!(matches!(whole.head.paused, Some(Pause::SignIn { .. })), "the page shows why nothing goes on");
    assert!(before.iter().all(|state| !state.starts_with("failed")), "{before:?}");
    let asked = world.claims.lock().expect("claims").len();
    sleep(Duration::from_secs(30)).await;
    assert_eq!(world.claims.lock().expect("claims").len(), asked, "and AWS is left alone");

    *world.signed_out.lock().expect("session") = false;
    runner.resume();
    until(&runner, all_done).await;
    assert_eq!(runner.whole().head.paused, None);
    let written = world.written.lock().expect("written");
    assert!(written.values().all(|times| times.len() == 1), "nothing was written twice");
}

#[tokio::test(start_paused = true)]
async fn a_device_pulled_out_and_a_driver_with_a_bug_disturb_no_other() {
    let world = Arc::new(World::default());
    world.pulled.lock().expect("pulled").insert("drive:/media/03".into());
    world.panics.lock().expect("panics").insert("drive:/media/05".into());
    let runner = thirty_two(&world);
    let ended = |state: &String| ["done", "failed target-gone", "failed internal-error"].contains(&state.as_str());
    until(&runner, |states| states.iter().all(ended)).await;
    let states = states(&runner);
    assert_eq!((states[2].as_str(), states[4].as_str()), ("failed target-gone", "failed internal-error"));
    assert_eq!(states.iter().filter(|state| *state == "done").count(), 30);

    world.pulled.lock().expect("pulled").clear();
    world.panics.lock().expect("panics").clear();
    runner.with(|bench, now| bench.retry_failed(now));
    until(&runner, all_done).await;
}

#[tokio::test(start_paused = true)]
async fn a_driver_that_panics_before_its_job_begins_is_not_said_to_have_been_stopped() {
    let world = Arc::new(World::default());
    world.opening_panics.store(true, Ordering::SeqCst);
    let runner = at_work(bench(Mode::ByDeviceSerial, 1), &world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(1), now));
    until(&runner, |states| states == ["failed internal-error"]).await;
}

#[tokio::test(start_paused = true)]
async fn the_driver_s_settings_go_with_the_driver_that_they_are_for() {
    let world = Arc::new(World::default());
    let mut batch = Bench::default();
    let user = BTreeMap::from([("user".to_owned(), "root".to_owned())]);
    let driver_settings: BTreeMap<_, _> = user.clone().into_iter().chain([("dir".into(), "/etc/x".into())]).collect();
    let settings = Settings { mode: Mode::ByDeviceSerial, driver: Some("console".into()), ..Settings::default() };
    batch.set_up(Settings { driver_settings: driver_settings.clone(), ..settings }, Instant::now());
    let list = "SerialNumber,driver\nSN-01,\nSN-02,zephyr\nSN-03,console\n";
    assert_eq!(batch.import(list, &site()).added, 3);
    let saved = Bench::load(&batch.save("Tokyo plant"), "Tokyo plant").expect("whole");
    assert_eq!(saved.whole().head.settings.driver_settings, driver_settings, "a crash does not lose them");

    let runner = at_work(batch, &world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(3), now));
    until(&runner, all_done).await;
    let opened = world.opened.lock().expect("opened");
    let settings_of = |serial: &str| {
        let launch = opened.iter().find(|launch| launch.serial_number == serial).expect("a run");
        (launch.driver.clone().expect("a driver"), launch.driver_settings.clone())
    };
    assert_eq!(settings_of("SN-01"), ("console".into(), driver_settings.clone()));
    assert_eq!(settings_of("SN-02"), ("zephyr".into(), user), "it would refuse the others; the login is the batch's");
    assert_eq!(settings_of("SN-03"), ("console".into(), driver_settings), "the same driver, named by its row");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_missing_stops_the_batch_once_and_its_rows_are_done_again() {
    let world = Arc::new(World::default());
    *world.refuse.lock().expect("refusal") = Some(Code::DeviceLogin);
    let runner = at_work(bench(Mode::ByDeviceSerial, 12), &world);
    runner.with(|bench, now| bench.set_up(Settings { at_once: 2, ..bench.whole().head.settings }, now));
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(12), now));
    until(&runner, |states| states.iter().any(|state| state == "failed device-login")).await;
    sleep(Duration::from_secs(30)).await;
    assert!(
        matches!(runner.whole().head.paused, Some(Pause::Trouble { failure }) if failure.code == Code::DeviceLogin)
    );
    let failed = states(&runner).iter().filter(|state| *state == "failed device-login").count();
    assert!(failed <= 2, "{failed} ran into it, and no more than were under way");

    *world.refuse.lock().expect("refusal") = None;
    runner.resume();
    runner.with(|bench, now| bench.retry_failed(now));
    until(&runner, all_done).await;
}

#[tokio::test(start_paused = true)]
async fn a_program_killed_in_the_middle_goes_on_with_what_is_left() {
    let world = Arc::new(World::default());
    let runner = thirty_two(&world);
    until(&runner, |states| states.iter().filter(|state| *state == "done").count() >= 5).await;
    let text = world.last_saved();
    let touched: BTreeSet<String> = world.written.lock().expect("written").keys().cloned().collect();
    drop(runner);
    sleep(Duration::from_secs(1)).await;

    assert!(!text.contains("SECRET"), "no key is in the file");
    let bench = Bench::load(&text, "Tokyo plant").expect("whole");
    assert!(bench.whole().head.recovered);
    for row in bench.rows() {
        let target = row.target.clone().unwrap_or_default();
        let known = !matches!(row.state, RowState::Waiting);
        assert!(known || !touched.contains(&target), "{} was written and nobody knows", row.serial_number);
        let running = matches!(row.state, RowState::Running { .. } | RowState::Assigned { .. });
        assert!(!running, "nothing runs in a program that has just begun");
    }
    let runner = at_work(bench, &world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(32), now));
    sleep(Duration::from_secs(60)).await;
    let interrupted = |row: &super::super::Row| matches!(row.state, RowState::Interrupted { by: By::Crash, .. });
    assert!(runner.whole().rows.iter().any(interrupted), "they wait until somebody has looked at them");
    runner.with(|bench, now| bench.retry_failed(now));
    until(&runner, all_done).await;
}

#[tokio::test(start_paused = true)]
async fn one_is_stopped_and_the_others_go_on_until_all_are() {
    let world = Arc::new(World::default());
    let runner = thirty_two(&world);
    until(&runner, |states| states[0] == "running write").await;
    runner.stop(1);
    until(&runner, |states| states[0] == "interrupted write").await;
    assert!(world.written.lock().expect("written").get("drive:/media/01").is_none(), "nothing came into force");
    assert!(states(&runner)[1].starts_with("running"), "its neighbour goes on");
    runner.stop_all();
    until(&runner, |states| states.iter().all(|state| !state.starts_with("running"))).await;
    sleep(Duration::from_secs(30)).await;
    assert!(states(&runner).iter().all(|state| !state.starts_with("running")), "and nothing begins anew");
    assert!(!runner.whole().head.armed);
}

#[tokio::test(start_paused = true)]
async fn who_only_waits_for_a_device_holds_up_nobody() {
    let world = Arc::new(World::default());
    *world.mute.lock().expect("mute") = (1..=8).map(|number| format!("Fleet_Index_SN-{number:02}")).collect();
    let mut bench = bench(Mode::ByDeviceSerial, 10);
    bench.set_up(Settings { mode: Mode::ByDeviceSerial, at_once: 2, ..Settings::default() }, Instant::now());
    let runner = at_work(bench, &world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(10), now));
    let began = Instant::now();
    until(&runner, |states| states[8] == "done" && states[9] == "done").await;
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
    until(&runner, |states| states[..8].iter().all(|state| state == "failed not-registered")).await;
    assert!(began.elapsed() < Duration::from_secs(330), "a claim lives five minutes: {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_hits_everybody_pauses_after_those_under_way() {
    let world = Arc::new(World::default());
    *world.refuse.lock().expect("refusal") = Some(Code::Offline);
    let runner = thirty_two(&world);
    until(&runner, |states| states.iter().filter(|state| *state == "failed offline").count() == 8).await;
    sleep(Duration::from_secs(30)).await;
    assert!(matches!(runner.whole().head.paused, Some(Pause::Trouble { .. })));
    assert_eq!(states(&runner).iter().filter(|state| *state == "assigned").count(), 24, "they wait, unharmed");
    *world.refuse.lock().expect("refusal") = None;
    runner.resume();
    runner.with(|bench, now| bench.retry_failed(now));
    until(&runner, all_done).await;
}

#[tokio::test(start_paused = true)]
async fn the_page_learns_all_from_a_few_changes() {
    let world = Arc::new(World::default());
    let runner = thirty_two(&world);
    until(&runner, all_done).await;
    sleep(Duration::from_secs(1)).await;
    let page = world.page.lock().expect("page");
    let shown: Vec<String> = page.rows.values().map(state).collect();
    assert_eq!(shown, states(&runner));
    assert_eq!(page.last.as_ref().map(|head| head.devices.len()), Some(32));
    assert!(page.changes < 32 * 16, "{} changes for {} events", page.changes, 32 * 18);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_is_said_and_stops_nothing() {
    let world = Arc::new(World::default());
    *world.disk_full.lock().expect("disk") = true;
    let runner = at_work(bench(Mode::ByDeviceSerial, 1), &world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(vec![drive(1)], now));
    until(&runner, all_done).await;
    assert_eq!(runner.whole().head.unsaved.map(|why| why.en).as_deref(), Some("there is no room left"));
    *world.disk_full.lock().expect("disk") = false;
    runner.with(|bench, _| bench.disarm());
    runner.with(|bench, now| bench.retry(&[1], false, now));
    until(&runner, all_done).await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(runner.whole().head.unsaved, None);
}

#[tokio::test]
async fn a_bench_that_the_policy_forbids_is_not_set_to_work() {
    let world = Arc::new(World::default());
    let policy = Policy { bench: false, ..Policy::default() };
    let rules = Rules::Of { policy, file: "policy.json".into() };
    let refused = Runner::new(bench(Mode::ByDeviceSerial, 1), &rules, Box::new(Fake(world, site())));
    assert_eq!(refused.err().map(|failure| failure.code), Some(Code::NotAllowedByPolicy));
}
