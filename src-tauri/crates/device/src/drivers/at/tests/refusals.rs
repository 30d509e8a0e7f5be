//! Every no of a modem has its own name.

use std::time::Duration;

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Code, Failure};

use super::*;
use crate::drivers::Store;
use crate::drivers::{detected, kinds};
use crate::layout::real::{real_claim, real_identity};
use crate::layout::{Content, Part};
use crate::serial::fault_runs::{holds, put, target};

async fn refused<M: Model + 'static>(name: &'static str, model: M, bundle: &Bundle) -> (Failure, Bench<M>) {
    let bench = bench(model, Manner::noisy(7));
    let outcome = put(&target(&bench, driver(name)), bundle, Kind::Claim, false).await;
    (outcome.err().unwrap_or_else(|| panic!("{name} took it")), bench)
}

#[tokio::test]
async fn a_full_modem_is_found_out_and_left_as_it_was() {
    let (failure, bench) = refused("quectel", with(Quectel::new(), |model| model.flash = 3000), &real_claim()).await;
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    assert!(bench.lock().expect("bench").device.model.stored().is_empty(), "known before anything was written");
    let (failure, bench) = refused("simcom-fs", with(SimComFs::new(), |model| model.flash = 3000), &real_claim()).await;
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    assert!(bench.lock().expect("bench").device.model.stored().is_empty());
    let (failure, bench) = refused("ublox", with(sara(), |model| model.room = 2), &real_claim()).await;
    assert_eq!(failure.code, Code::TargetFull, "it says so when the third one comes: {failure}");
    assert!(bench.lock().expect("bench").device.model.stored().is_empty(), "and the first two are taken back");
    let (failure, _) = refused("simcom", with(SimCom::new(), |model| model.room = 1), &real_claim()).await;
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    let (failure, _) = refused("esp-at", with(EspAt::new(), |model| model.flash = 1500), &real_claim()).await;
    assert_eq!(failure.code, Code::DeviceRejected, "ESP-AT has one word for everything: {failure}");
}

#[tokio::test]
async fn what_a_modem_holds_outlasts_a_new_one_that_does_not_fit() {
    let bench = bench(with(Quectel::new(), |model| model.flash = 5000), Manner::quiet());
    let old = Bundle::Identity(real_identity(1));
    put(&target(&bench, driver("quectel")), &old, Kind::Identity, false).await.expect("written");
    bench.lock().expect("bench").device.model.flash = 3500;
    let failure = put(&target(&bench, driver("quectel")), &real_claim(), Kind::Claim, true).await.expect_err("full");
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    assert!(holds(&bench.lock().expect("bench").device.model.stored(), &old));
}

#[test]
fn another_modem_is_told_apart_and_left_as_it_was() {
    fn wrong<M: Model + 'static>(name: &str, model: M) {
        let heard_nothing = model.line_end() == b'\n';
        let bench = bench(model, Manner::quiet());
        let (mut modem, mut line) = (modem(name), line(&bench));
        let failure = modem.greet(&mut line).expect_err(name);
        assert_eq!(failure.code, Code::DeviceRejected, "{failure}");
        // ESP-AT hears no command that ends in CR alone.
        let why = if heard_nothing { "does not answer AT" } else { "it says it is" };
        assert!(failure.reason.contains(why), "{failure}");
        modem.leave(&mut line);
        assert!(bench.lock().expect("bench").device.is_as_found());
    }
    wrong("ublox", Quectel::new());
    wrong("quectel", sara());
    wrong("simcom", SimComFs::new());
    wrong("simcom-fs", SimCom::new());
    wrong("esp-at", Quectel::new());
    wrong("quectel", EspAt::new());
}

#[test]
fn a_modem_is_recognised_among_all_recipes() {
    fn known<M: Model + 'static>(name: &str, model: impl Fn() -> M) {
        let (all, _) = kinds(None);
        for manner in (0..6).map(Manner::noisy) {
            let bench = bench(model(), manner);
            let found = detected(&mut line(&bench), &all).expect("the line is in order");
            assert_eq!(found.name, name, "{manner:?}");
        }
    }
    known("ublox", sara);
    known("ublox", nina);
    known("quectel", Quectel::new);
    known("simcom", SimCom::new);
    known("simcom-fs", SimComFs::new);
    known("esp-at", EspAt::new);
}

/// Says nothing, or nothing that a modem would say.
struct Other(&'static str);

impl fieldkey_simulators::Device for Other {
    fn receive(&mut self, byte: u8, out: &mut fieldkey_simulators::Out) {
        if byte == b'\r' {
            out.say(self.0);
        }
    }
    fn reboot(&mut self, _: &mut fieldkey_simulators::Out) {}
    fn stored(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        Default::default()
    }
}

#[test]
fn silence_and_babble_end_soon_and_are_told_apart() {
    for (says, code) in [("", Code::DeviceSilent), ("-sh: AT: not found\r\n# ", Code::DeviceRejected)] {
        for name in ["ublox", "quectel", "simcom", "simcom-fs", "esp-at"] {
            let wire = Arc::new(Mutex::new(Simulated::new(Other(says), Faults::none())));
            let wire = Box::new(SimulatedWire(wire));
            let mut line = Line::new(wire, "serial:simulated", Arc::new(AtomicBool::new(false)));
            let begun = line.now();
            assert_eq!(modem(name).greet(&mut line).map_err(|failure| failure.code), Err(code), "{name} {says:?}");
            assert!(line.now() - begun < Duration::from_secs(16), "{name} {says:?}: {:?}", line.now() - begun);
        }
    }
}

#[test]
fn content_that_a_modem_cannot_read_or_hold_is_refused() {
    let bench = bench(sara(), Manner::quiet());
    let (mut modem, mut line) = (modem("ublox"), line(&bench));
    modem.greet(&mut line).expect("greeted");
    let Store::Slots(store) = modem.store() else { panic!("a modem has places") };
    let content = |text: &str| Content::pem(Part::Ca, "", text);
    let failure = store.write(&mut line, &content("no certificate")).expect_err("u-blox reads what it takes");
    assert_eq!(failure.code, Code::DeviceRejected, "{failure}");
    assert!(failure.reason.contains("+CME ERROR: 50"), "the modem's own words help: {failure}");
    let failure = store.write(&mut line, &content(&"x".repeat(9000))).expect_err("too large");
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    let failure = store.room(&mut line, &[(Part::Ca, 9000)]).expect_err("too large");
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    assert_eq!(store.held(&mut line), Ok(vec![]));
    store.remove(&mut line, Part::Ca).expect("nothing there is fine, too");
}

#[test]
fn names_that_a_modem_cannot_have_are_refused() {
    let of = |key, value| Modem::new(recipe("ublox"), &mut Settings::new([(key, value)]).expect("settings")).err();
    assert!(of("ca", "AmazonRootCA1.pem").is_none());
    for name in ["", "a\"b", "a,b", "a b", "ä", &"x".repeat(33), "a\rAT+CFUN=0"] {
        let failure = of("private-key", name).expect(name);
        assert_eq!((failure.code, failure.about.as_str()), (Code::Usage, "?private-key="), "{name:?}");
    }
}
