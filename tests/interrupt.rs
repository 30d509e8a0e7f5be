//! Ctrl-C: exit status 130, one last event, nothing half-written.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::broker::Broker;
use crate::support::cloud::cloud;
use crate::support::command::Desk;
use crate::support::proxy::{Proxy, Spoil};

/// Starts provisioning, presses Ctrl-C when this step begins, and returns the status and the last event.
fn interrupted_at(step: &str, desk: &Desk, more: &[&str]) -> (Option<i32>, Value) {
    interrupted(step, &mut desk.provision(&cloud().operator(), "STOP-1", more))
}

fn interrupted(step: &str, command: &mut Command) -> (Option<i32>, Value) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut last = Value::Null;
    for line in lines {
        last = serde_json::from_str(&line.expect("text")).expect("JSON");
        if last["step"] == step && last["status"] == "running" {
            press_ctrl_c(&child);
        }
    }
    (child.wait().expect("it ends").code(), last)
}

fn press_ctrl_c(child: &Child) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(id, Signal::INT).expect("it runs");
}

fn is_interrupted((status, last): &(Option<i32>, Value), step: &str) {
    assert_eq!(*status, Some(130));
    assert_eq!((&last["event"], &last["code"]), (&json!("failed"), &json!("interrupted")), "{last}");
    assert_eq!(last["step"], step, "{last}");
}

#[test]
fn ctrl_c_before_the_write_leaves_the_drive_as_it_was() {
    let proxy = Proxy::before(cloud().port());
    proxy.spoil("provisioning-claim", Spoil::Slow(Duration::from_secs(20)), 1);
    let mut site = cloud().site();
    site["endpoints"]["iot"] = json!(proxy.url);
    let desk = Desk::with_site(&site);
    std::fs::write(desk.path("drive/photo.jpg"), "theirs").expect("writable");
    is_interrupted(&interrupted_at("claim", &desk, &[]), "claim");
    assert_eq!(desk.files(), ["photo.jpg"]);
}

#[test]
fn ctrl_c_while_waiting_keeps_what_is_whole() {
    let desk = Desk::new();
    is_interrupted(&interrupted_at("register", &desk, &["--wait", "60"]), "register");
    assert_eq!(desk.files().len(), 4, "the device may still register itself");
}

#[test]
fn ctrl_c_in_the_write_leaves_all_or_nothing() {
    let desk = Desk::new();
    let (status, last) = interrupted_at("write", &desk, &[]);
    let files = desk.files();
    assert!(files.is_empty() || files.len() == 4, "half a bundle is worse than none: {files:?}");
    if last["event"] == "failed" {
        assert_eq!(status, Some(130), "{last}");
    }
}

#[test]
fn ctrl_c_while_a_certificate_is_made_leaves_none_whose_key_nobody_has() {
    let proxy = Proxy::before(cloud().port());
    proxy.spoil("/certificates", Spoil::Slow(Duration::from_secs(2)), 1);
    let desk = Desk::with_site(&cloud().site_at(&proxy.url));
    let mut command = desk.enroll(&cloud().operator(), "STOP-2", &["--via", "api"]);
    is_interrupted(&interrupted("certificate", &mut command), "certificate");
    assert!(proxy.take().iter().any(|call| call.name.starts_with("DELETE")), "it was taken back");
    assert_eq!(cloud().registry("Fleet_Index_STOP-2")["certificates"], json!([]));
    assert!(desk.files().is_empty(), "{:?}", desk.files());
}

#[test]
fn ctrl_c_anywhere_in_a_claim_s_way_leaves_no_active_certificate_without_its_key() {
    for (n, step) in ["connect", "certificate", "write", "register", "prove"].into_iter().enumerate() {
        let (broker, serial) = (Broker::start(), format!("STOP-3{n}"));
        let desk = broker.desk();
        let mut command = desk.enroll(&cloud().operator(), &serial, &["--via", "claim"]);
        let (status, last) = interrupted(step, &mut command);
        assert!(status == Some(130) || last["event"] == "finished", "{step}: {last}");
        let registry = cloud().registry(&format!("Fleet_Index_{serial}"));
        for certificate in registry["certificates"].as_array().expect("a list") {
            let id = certificate["id"].as_str().expect("an ID");
            let key = format!("{}-private.pem.key", &id[..10]);
            assert!(desk.files().contains(&key), "{step}: {certificate} {:?}", desk.files());
        }
    }
}
