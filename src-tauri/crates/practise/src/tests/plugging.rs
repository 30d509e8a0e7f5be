use std::sync::mpsc;

use super::*;
use crate::Pace;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn the_bench_has_one_device_of_each_fault_and_some_in_order() {
    let practise = Practise::new().expect("a site");
    let devices = practise.devices();
    let faults: std::collections::HashSet<_> = devices.iter().filter_map(|device| device.fault).collect();
    assert_eq!(faults.len(), 6);
    assert_eq!(devices.iter().filter(|device| device.fault.is_none()).count(), 4);
    assert_eq!(practise.attached().len(), devices.len(), "all are plugged in");
    let json = serde_json::to_value(&devices[0]).expect("json");
    assert_eq!((&json["target"], &json["plugged"]), (&"drive:/practise/01".into(), &true.into()), "one flat object");
}

#[test]
fn pulling_and_plugging_is_seen_at_once() {
    let practise = Practise::new().expect("a site");
    let (sender, receiver) = mpsc::channel();
    let watch = practise.watch(move |attached| drop(sender.send(attached)));
    let first = receiver.recv_timeout(SOON).expect("the first list waits for nothing");
    assert_eq!(first, practise.attached());
    let target = first[0].target.clone();
    assert!(practise.pull(&target));
    assert!(receiver.recv_timeout(SOON).expect("told").iter().all(|attached| attached.target != target));
    assert!(!practise.pull(&target), "it is out already");
    assert!(practise.plug_back(&target));
    assert_eq!(receiver.recv_timeout(SOON).expect("told"), first);
    drop(watch);
    // The sender lives in the thread: it is gone when the thread is.
    assert_eq!(receiver.recv_timeout(SOON), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_target_that_never_was_there_is_gone() {
    let practise = Practise::new().expect("a site");
    let failure = practise.open("drive:/media/real").err().expect("no pretended device");
    assert_eq!(failure.code, Code::TargetGone, "a real drive is never touched");
}

#[tokio::test(start_paused = true)]
async fn what_a_device_holds_can_be_seen_and_removed() {
    let practise = signed_in().await;
    let target = practise.open(&faulty(&practise, Fault::HasIdentity)).expect("there");
    let stored = target.holds().await.expect("an answer").stored;
    assert_eq!(stored.len(), 4);
    assert!(stored.iter().all(|file| file.digest.as_ref().is_some_and(|digest| digest.len() == 7 + 64)));
    assert_eq!(target.remove().await.expect("removed"), stored);
    assert_eq!(target.holds().await.expect("an answer").stored, []);
    assert!(target.identity().await.expect("an answer").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_as_it_is_set() {
    let practise = signed_in().await;
    let written = async |pace| {
        practise.set_pace(pace);
        let (target, begun) = (sound(&practise, Kind::Drive), tokio::time::Instant::now());
        let request = Provision { wait: None, ..provision_of("SN-9000") };
        carry_out(&practise, &target, &request).await.0.expect("written");
        begun.elapsed()
    };
    let lifelike = written(Pace::LIFELIKE).await;
    assert!((3..6).contains(&lifelike.as_secs()), "each step can be seen, and nobody has to wait: {lifelike:?}");
    assert_eq!(written(Pace::percent(50)).await * 2, lifelike);
    assert_eq!(written(Pace::INSTANT).await, Duration::ZERO);
}

#[test]
fn the_page_for_people_names_what_is_there() {
    let practise = Practise::new().expect("a site");
    let page = include_str!("../../../../../docs/practise.md");
    let (things, devices) = (practise.things(), practise.devices());
    let quoted: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
    let named: Vec<&&str> = quoted.iter().filter(|word| word.starts_with("Practise_")).collect();
    assert!(named.len() > 10);
    assert!(named.iter().all(|name| things.iter().any(|thing| thing == **name)), "{named:?}");
    for label in
        devices.iter().filter(|device| device.fault.is_some()).filter_map(|device| device.attached.label.as_ref())
    {
        assert!(quoted.contains(&label.as_str()), "{label}");
    }
}
