//! A Windows build under wine, at the local cloud: what is Windows' own. `scripts/test --windows` runs it, and other
//! flows with the same build; without that they say so.
//!
//! wine's Windows has a drive E: that it takes for removable, which is the folder `stick` here, and a port COM1.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said, under_wine};
use crate::support::device::Device;

/// The drive E:, for one test at a time, and empty.
struct Stick {
    folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

fn stick() -> Option<Stick> {
    static ALONE: Mutex<()> = Mutex::new(());
    if !under_wine() {
        println!("SKIPPED: no Windows build is named; scripts/test --windows makes one");
        return None;
    }
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = PathBuf::from(std::env::var_os("WINEPREFIX").expect("wine's folder")).join("stick");
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        std::fs::remove_file(entry.expect("readable").path()).expect("a file");
    }
    Some(Stick { folder, _alone: alone })
}

/// What `targets --json` lists.
fn targets(desk: &Desk) -> Vec<Value> {
    let output = desk.fieldkey(&["targets", "--json"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn drives_that_can_be_taken_away_and_ports_are_listed_and_windows_own_drive_is_not() {
    let Some(_stick) = stick() else { return };
    let listed = targets(&Desk::new());
    let find = |name: &str| listed.iter().find(|target| target["target"] == name);
    let drive = find(r"drive:E:\").unwrap_or_else(|| panic!("E: is missing: {listed:?}"));
    assert_eq!((&drive["kind"], &drive["driver"], &drive["refused"]), (&"drive".into(), &"drive".into(), &Value::Null));
    assert!(drive["sizeBytes"].as_u64().is_some_and(|bytes| bytes > 0), "{drive}");
    assert!(find("serial:COM1").is_some_and(|port| port["device"].is_null()), "COM1 is no USB device: {listed:?}");
    assert!(find(r"drive:C:\").is_none(), "{listed:?}");
}

#[test]
fn a_device_registers_itself_with_what_was_written_onto_a_drive() {
    let Some(stick) = stick() else { return };
    let (desk, operator) = (Desk::new(), cloud().operator());
    let device = Device::on(&stick.folder, &desk.path("flash"));
    let words = ["provision", "--serial-number", "WIN-1", "--target", "drive:e:", "--wait", "60"];
    let said = Said::by(&mut desk.job(&operator, &words));
    assert_eq!(said.result()["registered"], true, "{:?}", said.events);
    assert!(device.finish().status.success(), "the device reads the drive with other software");
    let release = &said.step("release").expect("a step")["detail"]["release"];
    assert!(release == "flushed" || release == "ejected", "it is a drive: {release}");
    let names: Vec<_> = std::fs::read_dir(&stick.folder).expect("a folder").collect();
    assert_eq!(names.len(), 4, "four files and no temporary one: {names:?}");
}

#[test]
fn a_claim_that_is_there_is_not_written_over_and_windows_own_folders_are_refused() {
    let Some(_stick) = stick() else { return };
    let (desk, operator) = (Desk::new(), cloud().operator());
    let onto = |target: &str| {
        Said::by(&mut desk.job(&operator, &["provision", "--serial-number", "WIN-2", "--target", target]))
    };
    onto(r"drive:E:\").result();
    assert_eq!(onto(r"drive:E:\").failure().1, "identity-present");
    for target in
        [r"drive:C:\", r"drive:c:", r"drive:C:\windows", r"drive:C:\Program Files", r"drive:C:\windows\system32"]
    {
        let said = onto(target);
        assert_eq!((said.failure().0, said.failure().1), (5, "target-refused"), "{target}");
    }
    assert_eq!(onto(r"drive:Q:\").failure().1, "target-gone");
}

#[test]
fn the_credential_manager_keeps_a_session_until_sign_out() {
    if stick().is_none() {
        return;
    }
    let (desk, operator) = (Desk::new(), cloud().operator());
    let provision = |password: bool| {
        let mut command = desk.provision(&operator, "WIN-3", &["--replace"]);
        command.env_remove("FIELDKEY_KEYCHAIN");
        if !password {
            command.env_remove("FIELDKEY_PASSWORD");
        }
        Said::by(&mut command)
    };
    let first = provision(true);
    first.result();
    assert!(!first.errors.contains("No keychain"), "{}", first.errors);
    provision(false).result();
    let site = desk.path("site.json").display().to_string();
    let mut sign_out = desk.fieldkey(&["sign-out", "--site", &site, "--user", &operator.email]);
    assert!(sign_out.env_remove("FIELDKEY_KEYCHAIN").status().expect("it runs").success());
    assert_eq!(provision(false).failure(), (3, "sign-in-required", "sign-in"));
}

#[test]
fn a_site_file_with_mistakes_is_told_by_key_and_line() {
    if stick().is_none() {
        return;
    }
    let desk = Desk::new();
    let check = |name: &str| {
        let output =
            desk.fieldkey(&["site", "check", &desk.path(name).display().to_string()]).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(check("site.json").0, Some(0));
    // As editors on Windows save it.
    std::fs::write(desk.path("bad.json"), "\u{feff}{\r\n  \"name\": \"Tokyo\",\r\n  \"regoin\": \"x\"\r\n}\r\n")
        .expect("writable");
    let (status, said) = check("bad.json");
    assert_eq!(status, Some(2));
    assert!(said.contains("regoin") && said.contains('3'), "{said}");
}
