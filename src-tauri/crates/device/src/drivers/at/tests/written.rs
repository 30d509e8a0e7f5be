//! What is written is there, by the modem's own account; what is taken away is not.

use std::time::Duration;

use fieldkey_core::ports::{Caution, Kind};
use fieldkey_core::{Bundle, Target};

use super::*;
use crate::drivers::Store;
use crate::layout::real::{real_claim, real_identity};
use crate::layout::{self, Part};
use crate::serial::fault_runs::{holds, put, target};

async fn takes_both<M: Model + 'static>(name: &'static str, model: impl Fn() -> M) {
    let manners = (0..4).map(Manner::noisy).chain([Manner::quiet()]);
    for manner in manners {
        let bench = bench(model(), manner);
        for (bundle, kind, replace) in [
            (real_claim(), Kind::Claim, false),
            (Bundle::Identity(real_identity(1)), Kind::Identity, true),
            (Bundle::Identity(real_identity(2)), Kind::Identity, true),
            (real_claim(), Kind::Claim, true),
        ] {
            let outcome = put(&target(&bench, driver(name)), &bundle, kind, replace).await;
            outcome.unwrap_or_else(|failure| panic!("{name}, {manner:?}: {failure}"));
            let bench = bench.lock().expect("bench");
            assert!(holds(&bench.device.model.stored(), &bundle), "{name}, {manner:?}: by its own account");
            assert!(bench.device.is_as_found(), "{name}, {manner:?}: echo and error numbers are as they were");
        }
        let target = target(&bench, driver(name));
        let holds = target.holds().await.expect("holds");
        assert_eq!(holds.stored.len(), 3, "{name}: {:?}", holds.stored);
        assert_eq!(target.remove().await.expect("removed").len(), 3, "{name}");
        assert!(bench.lock().expect("bench").device.model.stored().is_empty(), "{name}: nothing is left");
        assert!(target.holds().await.expect("holds").stored.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn ublox_modules_of_both_dialects_hold_what_was_written() {
    takes_both("ublox", sara).await;
    takes_both("ublox", nina).await;
}

#[tokio::test]
async fn a_quectel_module_holds_what_was_written() {
    takes_both("quectel", Quectel::new).await;
}

#[tokio::test]
async fn a_simcom_module_holds_what_was_written() {
    takes_both("simcom", SimCom::new).await;
}

#[tokio::test]
async fn a_simcom_module_with_files_holds_what_was_written_and_takes_it_into_use() {
    takes_both("simcom-fs", SimComFs::new).await;
    takes_both("simcom-fs", || SimComFs::new().left_open()).await;
    let bench = bench(SimComFs::new(), Manner::quiet());
    put(&target(&bench, driver("simcom-fs")), &real_claim(), Kind::Claim, false).await.expect("written");
    let converted = bench.lock().expect("bench").device.model.converted.clone();
    for name in ["ca.crt", "client.crt", "client.key"] {
        assert!(converted.iter().any(|converted| converted == name), "{name} was converted: {converted:?}");
    }
}

#[tokio::test]
async fn an_esp_at_module_holds_what_was_written() {
    takes_both("esp-at", EspAt::new).await;
}

#[test]
fn what_a_modem_cannot_prove_or_gives_away_is_said() {
    let cautions = |name| modem(name).cautions();
    assert_eq!(cautions("ublox"), []);
    assert_eq!(cautions("simcom"), [Caution::WeakProof]);
    for name in ["quectel", "simcom-fs", "esp-at"] {
        assert_eq!(cautions(name), [Caution::ReadableKey], "{name}");
    }
}

#[test]
fn what_was_there_before_goes_back_as_it_was() {
    let bench = bench(Quectel::new(), Manner::noisy(3));
    let mut line = line(&bench);
    let mut modem = modem("quectel");
    modem.greet(&mut line).expect("greeted");
    let Store::Slots(store) = modem.store() else { panic!("a modem has places") };
    let odd = b"someone's own\r\nthing, which is no PEM\n\n".to_vec();
    let content = |bytes: Vec<u8>| layout::Content { part: Part::Ca, name: "".into(), bytes: bytes.into() };
    store.write(&mut line, &content(odd.clone())).expect("written");
    // A text's line ends are made those of the modem, but not where it was the modem's own.
    let before = store.read(&mut line, Part::Ca).expect("read").expect("there");
    store.remove(&mut line, Part::Ca).expect("removed");
    assert_eq!(store.read(&mut line, Part::Ca), Ok(None));
    store.write(&mut line, &content(before.to_vec())).expect("written");
    store.verify(&mut line, &content(before.to_vec())).expect("the same");
    let there = bench.lock().expect("bench").device.model.stored();
    assert_eq!(there["ca.pem"], before.to_vec());
}

/// What is read back to prove it crosses the line as well: it counts as payload.
fn overhead<M: Model + 'static>(name: &'static str, model: M) {
    let bench = bench(model, Manner::quiet());
    let mut line = line(&bench);
    let mut modem = modem(name);
    modem.greet(&mut line).expect("greeted");
    let contents = layout::Layout::Drive.contents(&real_claim()).expect("contents");
    let reads_back = modem.recipe.proof == super::super::recipe::Proof::ReadBack;
    let (begun, before) = (line.now(), bench.lock().expect("bench").traffic());
    let mut payload = 0;
    for content in contents.iter().filter(|content| content.part != Part::Settings) {
        let Store::Slots(store) = modem.store() else { panic!("a modem has places") };
        store.write(&mut line, content).expect("written");
        store.verify(&mut line, content).expect("verified");
        payload += content.bytes.len() * if reads_back { 2 } else { 1 };
    }
    let after = bench.lock().expect("bench").traffic();
    let bytes = (after[0] - before[0]) + (after[1] - before[1]);
    let wire = Duration::from_secs_f64(bytes as f64 * 10.0 / 115_200.0);
    let took = line.now() - begun;
    eprintln!("{name}: {payload} bytes of payload, {bytes} on the wire, {took:?} of {wire:?}");
    assert!(bytes as f64 <= payload as f64 * 1.15, "{name}: {bytes} bytes on the wire for {payload}");
    assert!(took <= wire.mul_f64(1.2), "{name}: {took:?} for what the wire takes {wire:?} for");
}

#[test]
fn little_but_the_payload_crosses_the_wire_and_the_wire_is_never_idle_for_long() {
    overhead("ublox", sara());
    overhead("quectel", Quectel::new());
    overhead("simcom", SimCom::new());
    overhead("simcom-fs", SimComFs::new());
    overhead("esp-at", EspAt::new());
}
