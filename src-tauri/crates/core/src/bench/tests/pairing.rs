use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::super::row::RowState;
use super::super::{AfterScan, Bench, Idle, Mode, Plugged, Settings, TargetKind};
use super::world::{bench, drive, drives, state};
use crate::site::tests::site;
use crate::{Code, Event, Failure, Outcome, Provisioned};

const SETTLED: Duration = Duration::from_secs(2);
const SHOWN: Duration = Duration::from_secs(5);

/// A bench with a clock of its own.
struct Scene {
    bench: Bench,
    now: Instant,
    runs: usize,
}

impl Scene {
    fn armed(mode: Mode, rows: usize) -> Self {
        let mut bench = bench(mode, rows);
        bench.arm();
        Self { bench, now: Instant::now(), runs: 0 }
    }

    fn plug(&mut self, plugged: &[Plugged]) {
        self.bench.attached(plugged.to_vec(), self.now);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.bench.settle(self.now);
    }

    /// Plugs, and lets it settle.
    fn settled(&mut self, plugged: &[Plugged]) {
        self.plug(plugged);
        self.pass(SETTLED);
    }

    fn scan(&mut self, text: &str) -> AfterScan {
        self.bench.scan(text, &site(), self.now).expect("accepted").now
    }

    /// `SN-01 -> drive:/media/01` for each run that begins now.
    fn launch(&mut self) -> Vec<String> {
        let runs = &mut self.runs;
        let ready = self.bench.ready(self.now);
        let launches = self.bench.launch(&ready, OffsetDateTime::UNIX_EPOCH, || {
            *runs += 1;
            format!("r{runs}")
        });
        launches.iter().map(|launch| format!("{} -> {}", launch.serial_number, launch.target)).collect()
    }

    /// The row's run ends.
    fn end(&mut self, row: u32, failed: Option<Code>) {
        let run = self.bench.row(row).and_then(|row| row.run.clone()).expect("it began");
        let event = match failed {
            Some(code) => Event::Failed { run: run.clone(), failure: Failure::new(code) },
            None => Event::Finished { run: run.clone(), result: provisioned() },
        };
        self.bench.event(row, &run, &event, OffsetDateTime::UNIX_EPOCH);
        self.bench.over(row, &run, OffsetDateTime::UNIX_EPOCH);
        self.bench.settle(self.now);
    }

    fn idle(&self) -> Vec<Option<Idle>> {
        self.bench.whole().head.devices.iter().map(|device| device.idle).collect()
    }

    fn states(&self) -> Vec<String> {
        self.bench.rows().iter().map(state).collect()
    }
}

fn provisioned() -> Outcome {
    let text = String::new();
    Outcome::Provisioned(Provisioned {
        serial_number: text.clone(),
        thing_name: text.clone(),
        certificate_id: text.clone(),
        expires: OffsetDateTime::UNIX_EPOCH,
        target: text,
        files: vec![],
        registered: Some(true),
        practice: false,
    })
}

#[test]
fn a_scanned_serial_number_waits_for_the_next_new_device() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 2);
    assert_eq!(scene.scan("SN-02\r\n"), AfterScan::Expecting);
    scene.plug(&[drive(7)]);
    assert!(scene.launch().is_empty(), "a second one may follow it");
    scene.pass(SETTLED);
    assert_eq!(scene.launch(), ["SN-02 -> drive:/media/07"]);
    assert_eq!(scene.bench.whole().head.expecting, None);
}

#[test]
fn a_second_device_meanwhile_is_nobody_s() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 2);
    scene.scan("SN-01");
    scene.settled(&[drive(1)]);
    scene.settled(&[drive(1), drive(2)]);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
    assert_eq!(scene.idle(), [None, Some(Idle::NotScanned)]);
    scene.scan("SN-02");
    scene.pass(SETTLED);
    assert!(scene.launch().is_empty(), "the scan waits for a new device, and this one was there before it");
    scene.settled(&[drive(1)]);
    scene.settled(&[drive(1), drive(2)]);
    assert_eq!(scene.launch(), ["SN-02 -> drive:/media/02"], "plugged in anew it is");
}

#[test]
fn a_device_that_settles_keeps_the_serial_number_that_was_scanned_before_it() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 2);
    scene.scan("SN-01");
    scene.plug(&[drive(1)]);
    scene.pass(Duration::from_millis(500));
    assert_eq!(scene.scan("SN-01"), AfterScan::Starting, "the label was read twice");
    assert_eq!(scene.scan("SN-02"), AfterScan::Expecting, "the first has its device, and nothing is taken from it");
    scene.plug(&[drive(1), drive(2)]);
    scene.pass(SETTLED);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01", "SN-02 -> drive:/media/02"]);
}

#[test]
fn a_scan_that_takes_the_place_of_another_says_so() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 2);
    assert_eq!(scene.scan("SN-01"), AfterScan::Expecting);
    assert_eq!(scene.scan("SN-01"), AfterScan::Expecting, "the same again takes nobody's place");
    assert_eq!(scene.scan("SN-02"), AfterScan::ExpectingInstead);
    scene.settled(&[drive(1)]);
    assert_eq!(scene.launch(), ["SN-02 -> drive:/media/01"]);
}

#[test]
fn a_plug_that_bounces_does_not_get_the_serial_number_scanned_meanwhile() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 2);
    scene.scan("SN-01");
    scene.plug(&[drive(1)]);
    scene.scan("SN-02");
    scene.plug(&[]);
    scene.settled(&[drive(1)]);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
    let nameless = |number| Plugged { identity: None, serial_number: None, ..drive(number) };
    let mut scene = Scene::armed(Mode::ScanThenPlug, 2);
    scene.scan("SN-01");
    scene.plug(&[nameless(1)]);
    scene.scan("SN-02");
    scene.plug(&[]);
    scene.settled(&[nameless(1)]);
    assert!(scene.launch().is_empty(), "it could be either's");
    assert_eq!(scene.idle(), [Some(Idle::NotScanned)]);
}

#[test]
fn a_row_skipped_while_its_device_settles_does_not_get_it() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 1);
    scene.scan("SN-01");
    scene.plug(&[drive(1)]);
    assert!(scene.bench.skip(1));
    scene.pass(SETTLED);
    assert!(scene.launch().is_empty());
    assert_eq!(scene.states(), ["skipped"]);
}

#[test]
fn two_devices_at_once_for_one_scan_are_both_left_to_the_operator() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 1);
    scene.scan("SN-01");
    scene.plug(&[drive(1)]);
    scene.pass(Duration::from_secs(1));
    scene.plug(&[drive(1), drive(2)]);
    scene.pass(SETTLED);
    assert!(scene.launch().is_empty());
    assert_eq!(scene.idle(), [Some(Idle::Ambiguous), Some(Idle::Ambiguous)]);
    assert!(scene.bench.pick(1, "drive:/media/02", scene.now));
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/02"]);
}

#[test]
fn a_device_that_was_there_before_arming_waits_to_be_picked() {
    let mut scene = Scene { bench: bench(Mode::ByDeviceSerial, 2), now: Instant::now(), runs: 0 };
    scene.settled(&[drive(1)]);
    assert_eq!(scene.idle(), [Some(Idle::NotArmed)]);
    scene.bench.arm();
    scene.settled(&[drive(1), drive(2)]);
    assert_eq!(scene.launch(), ["SN-02 -> drive:/media/02"]);
    assert_eq!(scene.idle(), [Some(Idle::BeforeArming), None]);
    assert!(scene.bench.pick(1, "drive:/media/01", scene.now));
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
}

#[test]
fn by_its_usb_serial_number_a_device_finds_its_row_and_no_other() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 3);
    let nameless = Plugged { serial_number: None, identity: None, ..drive(2) };
    scene.settled(&[drive(3), nameless, drive(9)]);
    assert_eq!(scene.launch(), ["SN-03 -> drive:/media/03"]);
    assert_eq!(scene.idle(), [Some(Idle::NoSerialNumber), None, Some(Idle::NotInBatch)]);
    scene.scan("SN-09");
    scene.pass(SETTLED);
    assert_eq!(scene.launch(), ["SN-09 -> drive:/media/09"], "now there is a row for it");
}

#[test]
fn in_order_each_is_shown_before_it_starts() {
    let mut scene = Scene::armed(Mode::InOrder, 2);
    scene.settled(&[drive(8)]);
    assert_eq!(scene.states(), ["assigned", "waiting"]);
    let shown = |scene: &Scene| match scene.bench.row(1).map(|row| row.state.clone()) {
        Some(RowState::Assigned { starts_in_ms, .. }) => starts_in_ms,
        _ => 0,
    };
    assert!(shown(&scene) >= 3_000, "long enough to be read");
    assert!(scene.launch().is_empty());
    scene.pass(SHOWN);
    scene.settled(&[drive(8), drive(5)]);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/08"]);
    scene.pass(SHOWN);
    assert_eq!(scene.launch(), ["SN-02 -> drive:/media/05"]);
    scene.settled(&[drive(8), drive(5), drive(6)]);
    assert_eq!(scene.idle().into_iter().flatten().collect::<Vec<_>>(), [Idle::NoRowLeft]);
}

#[test]
fn in_order_a_device_that_cannot_be_told_from_its_twin_is_not_taken() {
    let mut scene = Scene::armed(Mode::InOrder, 2);
    scene.settled(&[Plugged { identity: None, ..drive(1) }]);
    scene.pass(SHOWN);
    assert!(scene.launch().is_empty(), "it may be one that is done");
    assert_eq!(scene.idle(), [Some(Idle::NoIdentity)]);
}

#[test]
fn what_is_done_is_not_done_again_unless_asked() {
    let mut scene = Scene::armed(Mode::InOrder, 3);
    scene.settled(&[drive(1)]);
    scene.pass(SHOWN);
    scene.launch();
    scene.end(1, None);
    scene.plug(&[]);
    scene.settled(&[Plugged { target: "drive:/media/other".into(), ..drive(1) }]);
    scene.pass(SHOWN);
    assert!(scene.launch().is_empty(), "the same device in another socket");
    assert_eq!(scene.idle(), [Some(Idle::DoneAlready)]);
    scene.bench.retry(&[1], false, scene.now);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/other"], "and never under another serial number");
}

#[test]
fn two_devices_of_one_identity_are_refused_and_stay_so() {
    let mut scene = Scene::armed(Mode::InOrder, 3);
    let twin = Plugged { target: "drive:/media/twin".into(), ..drive(1) };
    scene.settled(&[drive(1), twin.clone()]);
    scene.pass(SHOWN);
    assert!(scene.launch().is_empty());
    assert_eq!(scene.idle(), [Some(Idle::SameIdentity), Some(Idle::SameIdentity)]);
    scene.settled(&[twin]);
    scene.pass(SHOWN);
    assert!(scene.launch().is_empty(), "nobody knows which of them was pulled");
}

#[test]
fn a_twin_does_not_disturb_the_run_of_the_other() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 1);
    scene.settled(&[drive(1)]);
    assert_eq!(scene.launch().len(), 1);
    scene.settled(&[drive(1), Plugged { target: "drive:/media/twin".into(), ..drive(1) }]);
    assert_eq!(scene.states(), ["running target"]);
    assert!(scene.launch().is_empty());
    scene.end(1, None);
    assert_eq!(scene.states(), ["done"]);
}

#[test]
fn a_failed_row_waits_to_be_asked_and_then_takes_the_device_that_is_still_here() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 1);
    scene.settled(&[drive(1)]);
    scene.launch();
    scene.end(1, Some(Code::VerifyMismatch));
    scene.pass(SETTLED);
    assert!(scene.launch().is_empty());
    assert_eq!(scene.idle(), [Some(Idle::NeedsAsking)]);
    scene.bench.retry_failed(scene.now);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
    assert_eq!(scene.bench.row(1).map(|row| row.attempts), Some(2));
}

#[test]
fn what_only_fails_again_is_not_among_those_tried_again_together() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 1);
    scene.settled(&[drive(1)]);
    scene.launch();
    scene.end(1, Some(Code::IdentityPresent));
    scene.bench.retry_failed(scene.now);
    assert!(scene.launch().is_empty(), "nobody said that what is there may go");
    scene.bench.retry(&[1], true, scene.now);
    let ready = scene.bench.ready(scene.now);
    let launches = scene.bench.launch(&ready, OffsetDateTime::UNIX_EPOCH, || "r9".into());
    assert!(launches[0].replace, "now somebody did");
}

#[test]
fn the_consent_to_overwrite_holds_for_the_device_it_was_given_for_and_no_other() {
    let full = || {
        let mut scene = Scene::armed(Mode::ScanThenPlug, 1);
        scene.scan("SN-01");
        scene.settled(&[drive(1), drive(2)]);
        scene.bench.pick(1, "drive:/media/01", scene.now);
        scene.launch();
        scene.end(1, Some(Code::IdentityPresent));
        scene
    };
    let replaces = |scene: &mut Scene| {
        scene.pass(SETTLED);
        let ready = scene.bench.ready(scene.now);
        let launches = scene.bench.launch(&ready, OffsetDateTime::UNIX_EPOCH, || "r9".into());
        launches.iter().map(|launch| (launch.target.clone(), launch.replace)).collect::<Vec<_>>()
    };
    let (first, other) = ("drive:/media/01".to_owned(), "drive:/media/02".to_owned());

    let mut scene = full();
    scene.plug(&[drive(2)]);
    scene.bench.retry(&[1], true, scene.now);
    assert!(scene.bench.pick(1, &other, scene.now));
    assert_eq!(replaces(&mut scene), [(other.clone(), false)], "nobody looked at what this one holds");

    let mut scene = full();
    scene.plug(&[drive(2)]);
    scene.bench.retry(&[1], true, scene.now);
    scene.plug(&[drive(1), drive(2)]);
    assert_eq!(replaces(&mut scene), [(first.clone(), true)], "it is the one, plugged in anew");

    let again = |act: &dyn Fn(&mut Scene)| {
        let mut scene = full();
        scene.bench.retry(&[1], true, scene.now);
        act(&mut scene);
        scene.bench.pick(1, &first, scene.now);
        replaces(&mut scene)
    };
    let asked_anew = [(first.clone(), false)];
    assert_eq!(again(&|scene| drop(scene.bench.stop(1))), asked_anew, "stopped");
    assert_eq!(again(&|scene| assert!(scene.bench.skip(1))), asked_anew, "skipped");
    let pulled = |scene: &mut Scene| {
        scene.plug(&[]);
        scene.settled(&[drive(1)]);
    };
    assert_eq!(again(&pulled), asked_anew, "pulled out");

    let mut scene = full();
    scene.plug(&[]);
    scene.bench.retry(&[1], true, scene.now);
    scene.bench.retry(&[1], false, scene.now);
    scene.plug(&[drive(1)]);
    assert_eq!(replaces(&mut scene), asked_anew, "tried again without it");
}

#[test]
fn a_device_pulled_before_its_run_begins_leaves_its_row_waiting() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 1);
    scene.scan("SN-01");
    scene.settled(&[drive(1)]);
    assert_eq!(scene.states(), ["assigned"]);
    scene.plug(&[]);
    assert_eq!(scene.states(), ["waiting"]);
    scene.settled(&[drive(1)]);
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
}

#[test]
fn disarmed_nothing_begins_but_what_was_picked() {
    let mut scene = Scene::armed(Mode::InOrder, 2);
    scene.settled(&[drive(1), drive(2)]);
    scene.bench.disarm();
    scene.pass(SHOWN);
    assert!(scene.launch().is_empty());
    assert_eq!(scene.states(), ["waiting", "waiting"]);
    assert!(scene.bench.pick(2, "drive:/media/01", scene.now));
    assert_eq!(scene.launch(), ["SN-02 -> drive:/media/01"]);
}

#[test]
fn a_drive_that_is_mounted_late_is_the_same_one() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 1);
    scene.scan("SN-01");
    scene.plug(&[Plugged { target: "drive:/dev/sdb1".into(), ..drive(1) }]);
    scene.pass(Duration::from_secs(1));
    scene.plug(&[drive(1)]);
    scene.pass(Duration::from_millis(600));
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
}

#[test]
fn what_cannot_be_written_or_is_of_the_other_kind_is_left_alone() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 2);
    let locked = Plugged { refused: Some(Code::TargetReadOnly), ..drive(1) };
    scene.settled(&[locked, Plugged { kind: TargetKind::Serial, ..drive(2) }]);
    assert!(scene.launch().is_empty());
    assert_eq!(scene.idle(), [Some(Idle::Unusable)]);
    assert!(!scene.bench.pick(1, "drive:/media/01", scene.now), "not even by hand");
}

#[test]
fn no_more_are_written_at_once_than_was_set_up() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 12);
    scene.settled(&drives(12));
    assert_eq!(scene.launch().len(), 8);
    assert!(scene.launch().is_empty(), "the others queue");
    scene.end(3, None);
    assert_eq!(scene.launch().len(), 1);
}

#[test]
fn a_scan_of_what_is_done_or_under_way_changes_nothing() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 1);
    scene.scan("SN-01");
    scene.settled(&[drive(1)]);
    scene.launch();
    assert_eq!(scene.scan("SN-01"), AfterScan::UnderWay);
    scene.end(1, None);
    assert_eq!(scene.scan("SN-01"), AfterScan::Done);
    assert_eq!(scene.states(), ["done"]);
    assert!(scene.bench.scan("SN 01", &site(), scene.now).is_err(), "the site's rule holds for scans, too");
}

#[test]
fn what_would_hit_every_row_pauses_the_bench_after_the_first() {
    let mut scene = Scene::armed(Mode::ByDeviceSerial, 9);
    scene.settled(&drives(9));
    assert_eq!(scene.launch().len(), 8);
    scene.end(1, Some(Code::TemplateNotFound));
    assert!(scene.launch().is_empty(), "the ninth need not fail, too");
    scene.bench.resume();
    assert_eq!(scene.launch().len(), 1);
}

#[test]
fn a_device_that_was_given_to_another_row_is_that_one_s_from_then_on() {
    let mut scene = Scene::armed(Mode::ScanThenPlug, 3);
    scene.scan("SN-03");
    scene.settled(&[drive(1)]);
    scene.launch();
    scene.end(3, Some(Code::TargetFull));
    assert!(scene.bench.pick(1, "drive:/media/01", scene.now));
    assert_eq!(scene.launch(), ["SN-01 -> drive:/media/01"]);
    scene.end(1, None);
    scene.bench.retry(&[3], false, scene.now);
    assert!(scene.launch().is_empty(), "it is done as another one");
    scene.plug(&[]);
    scene.settled(&[drive(1)]);
    assert!(scene.launch().is_empty(), "and stays so when it is plugged in anew");
    assert_eq!(scene.idle(), [Some(Idle::DoneAlready)]);
}

#[test]
fn another_kind_of_device_is_seen_when_it_is_chosen() {
    let mut scene = Scene { bench: bench(Mode::ByDeviceSerial, 1), now: Instant::now(), runs: 0 };
    scene.settled(&[Plugged { kind: TargetKind::Serial, target: "serial:/dev/ttyUSB0".into(), ..drive(1) }]);
    assert!(scene.idle().is_empty());
    let settings = Settings { kind: TargetKind::Serial, ..scene.bench.whole().head.settings };
    assert!(scene.bench.set_up(settings, scene.now));
    assert_eq!(scene.idle(), [Some(Idle::NotArmed)]);
}

/// Whatever is scanned, plugged, pulled, stopped and tried again: no device is ever two rows', and none that is done
/// is written again without being asked for.
#[test]
fn acts_at_random_never_give_one_device_to_two_rows() {
    let mut finished = 0;
    for seed in 1..=6_u64 {
        let mode = [Mode::ScanThenPlug, Mode::ByDeviceSerial, Mode::InOrder][(seed % 3) as usize];
        let mut scene = Scene::armed(mode, 12);
        let mut random = seed;
        let mut draw = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let site = site();
        let mut here = std::collections::BTreeSet::new();
        let mut done = std::collections::BTreeMap::new();
        for _ in 0..500 {
            let number = draw(12) as usize + 1;
            let row = draw(12) as u32 + 1;
            match draw(9) {
                0 | 1 => drop(here.insert(number)),
                2 => drop(here.remove(&number)),
                3 => drop(scene.bench.scan(&format!("SN-{row:02}"), &site, scene.now)),
                4 => scene.pass(Duration::from_secs(draw(6))),
                5 if scene.bench.row(row).is_some_and(|row| row.is_running()) => {
                    let fails = draw(3) == 0;
                    scene.end(row, fails.then_some(Code::TargetGone));
                    let device = scene.bench.row(row).and_then(|row| row.device.clone());
                    done.extend(device.filter(|_| !fails).map(|device| (device, row)));
                }
                6 if !matches!(scene.bench.row(row).map(|row| &row.state), Some(RowState::Done { .. })) => {
                    scene.bench.retry(&[row], false, scene.now);
                }
                7 => drop(scene.bench.stop(row)),
                8 if draw(20) == 0 => {
                    scene.bench.disarm();
                    scene.bench.arm();
                }
                _ => {}
            }
            scene.plug(&here.iter().map(|number| drive(*number)).collect::<Vec<_>>());
            let launched = scene.launch();
            for launch in &launched {
                let (serial, target) = launch.split_once(" -> drive:/media/").expect("the form");
                let identity = format!("1209:0001:SN-{target}");
                assert!(!done.contains_key(&identity), "seed {seed}: {launch} again, done as {done:?}");
                let by_itself = mode != Mode::ByDeviceSerial || serial == format!("SN-{target}");
                assert!(by_itself, "seed {seed}: {launch}");
            }
            let busy: Vec<_> = scene.bench.rows().iter().filter(|row| row.is_running()).collect();
            let devices: std::collections::BTreeSet<_> = busy.iter().map(|row| &row.device).collect();
            assert_eq!(devices.len(), busy.len(), "seed {seed}: one device, one run");
        }
        finished += done.len();
    }
    assert!(finished > 10, "only {finished} devices were done: the acts say nothing");
}
