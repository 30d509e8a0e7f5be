//! The simulated modems compute what real ones were seen to answer for public root certificates.

use std::fs;

use super::*;
use crate::drivers::{Slots, Store};
use crate::layout::{Content, Part};

fn root(name: &str) -> Option<Vec<u8>> {
    let path = format!("/etc/ssl/certs/{name}.pem");
    let text = fs::read(&path);
    if text.is_err() {
        eprintln!("SKIPPED: {path} is not on this machine (Debian's ca-certificates has it)");
    }
    text.ok()
}

fn written<M: Model + 'static>(name: &str, model: M, text: &[u8]) -> (Modem, Line, Bench<M>) {
    let bench = bench(model, Manner::quiet());
    let (mut modem, mut line) = (modem(name), line(&bench));
    modem.greet(&mut line).expect("greeted");
    let Store::Slots(store) = modem.store() else { panic!("a modem has places") };
    let content = Content { part: Part::Ca, name: "".into(), bytes: text.to_vec().into() };
    store.write(&mut line, &content).expect("written");
    (modem, line, bench)
}

#[test]
fn a_ublox_module_of_each_dialect_computes_the_digest_that_was_seen() {
    let Some(text) = root("Baltimore_CyberTrust_Root") else { return };
    for model in [sara(), nina()] {
        let (mut modem, mut line, _) = written("ublox", model, &text);
        let held = modem.held(&mut line).expect("held");
        assert_eq!(held[0].digest.as_deref(), Some("md5:acb694a59c17e0d791529bb19706a6e4"), "NINA-W15's answer");
    }
}

#[test]
fn a_quectel_module_computes_the_checksum_that_was_seen() {
    let Some(text) = root("ISRG_Root_X1") else { return };
    let (_, mut line, _) = written("quectel", Quectel::new(), &text);
    line.discard();
    line.send(b"AT+QFDWL=\"UFS:ca.pem\"\r", super::super::dialogue::TAKES).expect("sent");
    let mark = b"\r\n+QFDWL: 1939,4f64\r\n";
    let found = line.until(&mark[..], super::super::dialogue::TAKES).expect("the line is in order");
    assert!(found.is_some_and(|found| found.ends_with(&text)), "an EG800K's answer, and the file before it");
}
