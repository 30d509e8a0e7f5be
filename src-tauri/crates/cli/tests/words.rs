//! The call's words, without any cloud: what scripts see of mistakes. That this file exists also makes
//! `cargo test` build the command, which the flows run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic)]

// Windows does not let the environment say where a person's data is.
#[cfg(unix)]
#[path = "words/history.rs"]
mod history;
#[path = "words/jobs.rs"]
mod jobs;
#[path = "words/language.rs"]
mod language;
// Only a build with debug assertions takes another folder for the machine's.
#[cfg(debug_assertions)]
#[path = "words/policy.rs"]
mod policy;
#[path = "words/register.rs"]
mod register;
#[path = "words/site.rs"]
mod site;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SITE: &str = include_str!("files/site.json");

/// The command with a home and a computer of its own, in English, without a keychain and with nothing of the caller's environment.
fn command(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fieldkey"));
    for (name, _) in std::env::vars() {
        if name.starts_with("FIELDKEY_") || name.starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.env("FIELDKEY_KEYCHAIN", "off").env("LC_ALL", "C.UTF-8");
    command.env("FIELDKEY_MACHINE_FOLDER", home.join("machine"));
    command.env("XDG_DATA_HOME", home).env("HOME", home).args(words);
    command
}

fn fieldkey(home: &Path, words: &[&str]) -> Output {
    let mut command = command(home, words);
    let done = command.output();
    // wine now and then does not start a program while many others start: ERROR_INTERNAL_ERROR.
    #[cfg(windows)]
    let done =
        if done.as_ref().is_err_and(|error| error.raw_os_error() == Some(1359)) { command.output() } else { done };
    done.expect("the command starts")
}

fn events(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

/// Provisions onto `target` with this site file; returns the status and the events.
fn provision(site: &str, serial_number: &str, target: Option<&str>) -> (Option<i32>, Vec<Value>) {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("site.json");
    std::fs::write(&file, site).expect("writable");
    let drive = home.path().join("drive");
    std::fs::create_dir(&drive).expect("writable");
    let target = target.map_or_else(|| format!("drive:{}", drive.display()), str::to_owned);
    let site = file.display().to_string();
    let words = ["provision", "--json", "--site", &site, "--user", "a@example.com"];
    let words = [&words[..], &["--serial-number", serial_number, "--target", &target]].concat();
    let output = fieldkey(home.path(), &words);
    (output.status.code(), events(&output))
}

fn failed(events: &[Value]) -> (&str, &str) {
    assert_eq!(events.first().map(|event| &event["event"]), Some(&Value::from("started")), "{events:?}");
    let last = events.last().expect("at least one event");
    assert_eq!(last["event"], "failed", "{last}");
    assert!(last["help"].as_str().is_some_and(|help| !help.is_empty()), "every failure says what to do: {last}");
    (last["code"].as_str().expect("a code"), last["step"].as_str().unwrap_or_default())
}

#[test]
fn words_that_are_no_call_end_with_2() {
    let home = tempfile::tempdir().expect("a folder");
    for words in [&["provision"][..], &["frobnicate"], &["provision", "--password", "x"], &["targets", "--jsno"]] {
        let output = fieldkey(home.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "standard output is for results: {words:?}");
    }
}

#[test]
fn a_broken_site_file_is_named_and_ends_with_2() {
    for (site, mistake) in [
        (SITE.replace("\"region\"", "\"regoin\""), "region"),
        (
            SITE.replace("  \"identityPoolId\": \"ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab\",\n", ""),
            "identityPoolId",
        ),
        ("{ not JSON".to_owned(), "not JSON"),
    ] {
        let (status, events) = provision(&site, "SN-1", None);
        assert_eq!((status, failed(&events)), (Some(2), ("site-invalid", "site")));
        let message = events.last().expect("an event")["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(mistake), "the mistake is named: {message}");
    }
}

#[test]
fn a_serial_number_that_breaks_the_pattern_ends_with_2_before_anybody_is_asked() {
    let (status, events) = provision(SITE, "SN 1/2", None);
    assert_eq!((status, failed(&events)), (Some(2), ("serial-number-invalid", "site")));
}

#[test]
fn a_target_that_is_not_there_ends_with_5() {
    let (status, events) = provision(SITE, "SN-1", Some("drive:/no/such/folder"));
    assert_eq!((status, failed(&events)), (Some(5), ("target-gone", "target")));
    let (status, events) = provision(SITE, "SN-1", Some("drive:/etc/passwd"));
    assert_eq!((status, failed(&events)), (Some(5), ("target-refused", "target")), "a file is no drive");
}

#[test]
fn the_system_s_own_disk_is_refused() {
    #[cfg(unix)]
    let system = ["drive:/", "drive:/etc", "drive:/usr"];
    #[cfg(windows)]
    let system = [r"drive:C:\", r"drive:C:\Windows", r"drive:c:/windows/system32"];
    for path in system {
        let (status, events) = provision(SITE, "SN-1", Some(path));
        assert_eq!((status, failed(&events)), (Some(5), ("target-refused", "target")), "{path}");
    }
}

#[test]
fn a_target_that_is_no_target_ends_with_2() {
    for target in ["/media/x", "usb:/x", "serial:/dev/ttyUSB0?baud=fast"] {
        let (status, events) = provision(SITE, "SN-1", Some(target));
        assert_eq!((status, failed(&events).0), (Some(2), "usage"), "{target}");
    }
}

#[test]
fn without_a_password_or_a_terminal_nobody_waits() {
    let (status, events) = provision(SITE, "SN-1", None);
    assert_eq!((status, failed(&events)), (Some(3), ("sign-in-required", "sign-in")));
}

#[test]
fn site_check_lists_every_mistake() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("site.json");
    std::fs::write(&file, SITE.replace("\"name\"", "\"nmae\"").replace("\"ap-northeast-1\",", "\"Tokyo\","))
        .expect("writable");
    let path = file.display().to_string();
    let output = fieldkey(home.path(), &["site", "check", &path]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for mistake in ["line 2: `nmae`", "line 3: `region`"] {
        assert!(said.contains(mistake), "{mistake} is missing in: {said}");
    }
    std::fs::write(&file, SITE).expect("writable");
    let output = fieldkey(home.path(), &["site", "check", "--json", &path]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(events(&output)[0]["valid"], true);
}

#[test]
fn targets_prints_one_object_a_line() {
    let home = tempfile::tempdir().expect("a folder");
    let output = fieldkey(home.path(), &["targets", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    for target in events(&output) {
        for key in ["target", "kind", "label", "serialNumber", "driver", "refused", "usb", "device"] {
            assert!(target.get(key).is_some(), "{key} is part of the contract: {target}");
        }
    }
}

/// A watch whose first list has been made, with the end of its output that we hold.
#[cfg(unix)]
fn watching(home: &Path) -> (std::process::Child, std::process::ChildStdout) {
    use std::io::Read;
    let mut watch = command(home, &["targets", "--watch"]).stdout(std::process::Stdio::piped()).spawn().expect("runs");
    let mut out = watch.stdout.take().expect("a pipe");
    assert!(out.read(&mut [0; 4096]).expect("the list") > 0, "the list, or that there is nothing, comes first");
    assert_eq!(watch.try_wait().expect("runs"), None, "it stays");
    (watch, out)
}

#[cfg(unix)]
#[test]
fn a_watch_ends_when_nobody_reads_it_any_more() {
    let home = tempfile::tempdir().expect("a folder");
    let (mut watch, out) = watching(home.path());
    drop(out);
    assert_eq!(watch.wait().expect("ended").code(), Some(0), "though nothing was plugged in or out");
}

#[cfg(unix)]
#[test]
fn a_watch_ends_at_ctrl_c_as_any_command_does() {
    let home = tempfile::tempdir().expect("a folder");
    let (mut watch, _out) = watching(home.path());
    let process = rustix::process::Pid::from_child(&watch);
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("it is there");
    assert_eq!(watch.wait().expect("ended").code(), Some(130));
}
