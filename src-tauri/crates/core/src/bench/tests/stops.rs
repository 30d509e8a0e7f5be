use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::{Bench, By, Idle, Mode, RowState, Runner};
use super::world::{World, at_work, bench, drive, drives, states, until};
use crate::Step;

/// So many devices, armed and plugged in.
fn armed(world: &Arc<World>, devices: usize) -> Runner {
    let runner = at_work(bench(Mode::ByDeviceSerial, devices), world);
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.attached(drives(devices), now));
    runner
}

fn first(runner: &Runner) -> RowState {
    runner.whole().rows[0].state.clone()
}

fn idle(runner: &Runner) -> Option<Idle> {
    runner.whole().head.devices[0].idle
}

const BY_THE_OPERATOR: RowState = RowState::Interrupted { step: Some(Step::Target), by: By::Operator };

#[tokio::test(start_paused = true)]
async fn who_is_stopped_between_the_decision_and_the_start_never_begins() {
    let world = Arc::new(World::default());
    *world.disk_takes.lock().expect("disk") = Duration::from_secs(5);
    let runner = armed(&world, 1);
    until(&runner, |states| states[0] == "running target").await;
    runner.stop(1);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(first(&runner), BY_THE_OPERATOR);
    assert!(world.claims.lock().expect("claims").is_empty(), "nothing was spent");
    assert!(!runner.busy_with("drive:/media/01"));

    runner.with(|bench, now| bench.retry(&[1], false, now));
    until(&runner, |states| states[0] == "done").await;
}

#[tokio::test(start_paused = true)]
async fn who_is_stopped_before_the_first_step_was_stopped_by_the_operator() {
    let mut bench = bench(Mode::ByDeviceSerial, 2);
    let now = Instant::now();
    bench.attached(drives(2), now);
    for row in [1, 2] {
        assert!(bench.pick(row, &drive(row as usize).target, now));
    }
    let mut runs = ["r1", "r2"].into_iter();
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let ready = bench.ready(now);
    bench.launch(&ready, at, || runs.next().expect("two").to_owned());
    bench.stop(1);
    bench.over(1, "r1", at);
    bench.over(2, "r2", at);
    assert_eq!(bench.rows()[0].state, BY_THE_OPERATOR);
    let crashed = RowState::Interrupted { step: Some(Step::Target), by: By::Crash };
    assert_eq!(bench.rows()[1].state, crashed, "nobody stopped this one");
}

#[tokio::test(start_paused = true)]
async fn a_bench_that_is_closed_has_stopped_and_saved_everything_and_begins_nothing() {
    let world = Arc::new(World::default());
    let runner = armed(&world, 12);
    until(&runner, |states| states[0] == "running write").await;
    let before = Instant::now();
    runner.close().await;
    assert!(before.elapsed() < Duration::from_secs(10));
    let by_operator = |row: &super::super::Row| matches!(row.state, RowState::Interrupted { by: By::Operator, .. });
    let rows = runner.whole().rows;
    assert_eq!(rows.iter().filter(|row| by_operator(row)).count(), 8, "{:?}", states(&runner));
    assert!(rows.iter().all(|row| by_operator(row) || row.state == RowState::Waiting), "{:?}", states(&runner));
    let saved = Bench::load(&world.last_saved(), "Tokyo plant").expect("whole");
    assert_eq!(saved.rows(), rows, "what is on the disk is how it ended");

    let saves = world.saved.lock().expect("saved").len();
    runner.with(|bench, _| bench.arm());
    runner.with(|bench, now| bench.retry_failed(now));
    sleep(Duration::from_secs(60)).await;
    assert!(states(&runner).iter().all(|state| !state.starts_with("running")), "{:?}", states(&runner));
    assert!(world.written.lock().expect("written").is_empty());
    assert_eq!(world.saved.lock().expect("saved").len(), saves, "the file is the next bench's");
}

#[tokio::test(start_paused = true)]
async fn a_bench_closed_while_it_saves_what_is_to_begin_begins_none_of_it() {
    let world = Arc::new(World::default());
    *world.disk_takes.lock().expect("disk") = Duration::from_secs(5);
    let runner = armed(&world, 1);
    until(&runner, |states| states[0] == "running target").await;
    runner.close().await;
    assert_eq!(first(&runner), BY_THE_OPERATOR);
    assert_eq!(Bench::load(&world.last_saved(), "Tokyo plant").expect("whole").rows()[0].state, BY_THE_OPERATOR);
    assert!(world.claims.lock().expect("claims").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_bench_is_busy_with_a_target_from_its_turn_to_its_end() {
    let world = Arc::new(World::default());
    let target = drive(9).target;
    let runner = armed(&world, 9);
    until(&runner, |states| states[8] == "assigned").await;
    assert!(runner.busy_with(&target), "it is next");
    until(&runner, |states| states[8] == "running register").await;
    assert!(runner.busy_with(&target));
    until(&runner, |states| states[8] == "done").await;
    sleep(Duration::from_secs(1)).await;
    assert!(!runner.busy_with(&target), "its task is over");
    assert!(!runner.busy_with("drive:/media/other"));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_another_job_has_is_left_alone() {
    let world = Arc::new(World::default());
    let target = drive(1).target;
    world.in_use.lock().expect("in use").insert(target.clone());
    let runner = armed(&world, 3);
    until(&runner, |states| states == ["waiting", "done", "done"]).await;
    assert_eq!(idle(&runner), Some(Idle::InUse));
    assert!(!world.written.lock().expect("written").contains_key(&target));
    assert!(!runner.busy_with(&target), "the other job has it to itself");

    runner.with(|bench, now| assert!(bench.pick(1, &target, now)));
    sleep(Duration::from_secs(10)).await;
    assert_eq!((states(&runner)[0].as_str(), idle(&runner)), ("waiting", Some(Idle::InUse)), "not even by hand");

    world.in_use.lock().expect("in use").clear();
    sleep(Duration::from_secs(10)).await;
    assert_eq!(states(&runner)[0], "waiting", "somebody knows what the other job did to it, the bench does not");
    runner.with(|bench, now| assert!(bench.pick(1, &target, now)));
    until(&runner, |states| states[0] == "done").await;
}

#[tokio::test(start_paused = true)]
async fn targets_in_use_take_no_place_from_others() {
    let world = Arc::new(World::default());
    world.in_use.lock().expect("in use").extend(drives(8).into_iter().map(|drive| drive.target));
    let runner = armed(&world, 9);
    until(&runner, |states| states[8] == "done").await;
}
