//! Devices on serial lines, from the command line to what they hold by their own account.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::simulator::Simulator;

/// Every driver whose device is simulated: these words start one.
const KEY_STORES: [(&str, &[&str]); 7] = [
    ("nrf91", &["nrf91", "--noisy", "yes"]),
    ("zephyr", &["zephyr", "--credential", "4096"]),
    ("ublox", &["ublox"]),
    ("quectel", &["quectel"]),
    ("simcom", &["simcom"]),
    ("simcom-fs", &["simcom-fs"]),
    ("esp-at", &["esp-at"]),
];

fn provision(desk: &Desk, serial_number: &str, device: &Simulator, more: &[&str]) -> Said {
    let operator = cloud().operator();
    let target = device.target();
    let words = ["provision", "--serial-number", serial_number, "--target", &target];
    Said::by(&mut desk.job(&operator, &[&words[..], more].concat()))
}

fn sha256s(result: &Value) -> BTreeSet<String> {
    let files = result["files"].as_array().expect("files");
    files.iter().map(|file| file["sha256"].as_str().expect("a hash").to_owned()).collect()
}

#[test]
fn each_device_holds_the_claim_by_its_own_account() {
    for (driver, words) in KEY_STORES {
        let (desk, device) = (Desk::new(), Simulator::start(words));
        let said = provision(&desk, "SER-0001", &device, &["--driver", driver]);
        let result = said.result();
        let held: BTreeSet<String> = device.stored().into_values().map(|held| held.plain).collect();
        let sent = sha256s(result);
        assert_eq!(sent.len(), 3, "{driver}: {result}");
        assert!(sent.is_subset(&held), "{driver}: {result} and {held:?}");
        assert_eq!(said.step("release").expect("released")["detail"]["release"], "closed", "{driver}");

        let inspect = desk.fieldkey(&["device", "inspect", "--json", "--target", &device.target(), "--driver", driver]);
        let inspected = one_line(inspect);
        assert_eq!(inspected["stored"].as_array().expect("a list").len(), 3, "{driver}: {inspected}");
        let again = provision(&desk, "SER-0001", &device, &["--driver", driver]);
        assert_eq!(again.failure(), (5, "identity-present", "target"), "{driver}");
        let words = ["device", "remove", "--json", "--yes", "--target", &device.target(), "--driver", driver];
        let removed = one_line(desk.fieldkey(&words));
        assert_eq!(removed["removed"].as_array().expect("a list").len(), 3, "{driver}: {removed}");
        assert!(device.stored().is_empty(), "{driver}: {:?}", device.stored());
    }
}

fn one_line(mut command: std::process::Command) -> Value {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

#[test]
fn a_driver_that_is_not_named_is_found_out() {
    for (driver, words) in KEY_STORES {
        let (desk, device) = (Desk::new(), Simulator::start(words));
        let inspected = one_line(desk.fieldkey(&["device", "inspect", "--json", "--target", &device.target()]));
        assert_eq!(inspected["driver"], driver, "{inspected}");
    }
}

#[test]
fn a_modem_makes_its_own_key_and_nobody_else_ever_has_it() {
    let (desk, device) = (Desk::new(), Simulator::start(&["nrf91"]));
    let target = device.target();
    let words = ["enroll", "--serial-number", "SER-0002", "--target", &target];
    let more = ["--via", "api", "--key", "device", "--driver", "nrf91"];
    let said = Said::by(&mut desk.job(&cloud().operator(), &[&words[..], &more].concat()));
    let result = said.result();
    assert_eq!(result["key"], "device");
    let registry = cloud().registry("Fleet_Index_SER-0002");
    assert_eq!(registry["certificates"][0]["id"], result["certificateId"], "{registry}");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE");
    assert_eq!(sha256s(result).len(), 2, "a certificate and a CA, and no key: {result}");
    assert_eq!(device.stored().len(), 3, "the key is on the modem");
}

#[test]
fn firmware_with_fieldkey_s_own_protocol_holds_files_and_makes_its_own_key() {
    let (desk, device) = (Desk::new(), Simulator::start(&["fieldkey"]));
    let said = provision(&desk, "SER-0007", &device, &[]);
    let held: BTreeSet<String> = device.stored().into_values().map(|held| held.plain).collect();
    assert_eq!(held, sha256s(said.result()), "four files: found out by itself, without a driver's name");

    let target = device.target();
    let words = ["enroll", "--serial-number", "SER-0007", "--target", &target, "--replace"];
    let more = ["--via", "api", "--key", "device"];
    let said = Said::by(&mut desk.job(&cloud().operator(), &[&words[..], &more].concat()));
    let result = said.result();
    let registry = cloud().registry("Fleet_Index_SER-0007");
    let active = registry["certificates"].as_array().expect("a list").iter().filter(|c| c["status"] == "ACTIVE");
    let ids: Vec<&Value> = active.map(|certificate| &certificate["id"]).collect();
    assert_eq!(ids, [&result["certificateId"]], "{registry}");
    // Once more: it is proved by the registry, and nothing is made.
    let again = Said::by(&mut desk.job(&cloud().operator(), &[&words[..5], &more].concat()));
    assert_eq!(again.result()["issued"], false, "{:?}", again.events);
}

#[test]
fn two_devices_at_once_do_not_get_each_other_s_credentials() {
    let devices = [Simulator::start(&["nrf91", "--seed", "1"]), Simulator::start(&["nrf91", "--seed", "2"])];
    std::thread::scope(|scope| {
        for (device, serial_number) in devices.iter().zip(["SER-0003", "SER-0004"]) {
            scope.spawn(move || {
                let said = provision(&Desk::new(), serial_number, device, &["--driver", "nrf91"]);
                let held: BTreeSet<String> = device.stored().into_values().map(|held| held.plain).collect();
                assert_eq!(held, sha256s(said.result()), "{serial_number}");
            });
        }
    });
}

#[test]
fn a_port_that_another_program_has_open_is_named_as_busy() {
    let device = Simulator::start(&["nrf91", "--latency", "200"]);
    let operator = cloud().operator();
    let target = device.target();
    let words = ["provision", "--serial-number", "SER-0005", "--target", &target, "--driver", "nrf91"];
    let desk = Desk::new();
    let mut first = desk.job(&operator, &words).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    let mut out = std::io::BufReader::new(first.stdout.take().expect("piped"));
    while !line.contains(r#""step":"sign-in""#) {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut out, &mut line).expect("readable") > 0, "it ended before");
    }
    let second = Said::by(&mut Desk::new().job(&operator, &words));
    assert_eq!(second.failure(), (5, "port-busy", "target"));
    std::io::Read::read_to_string(&mut out, &mut line).expect("readable");
    assert!(first.wait().expect("ended").success(), "{line}");
}

#[test]
fn a_port_without_a_device_ends_in_time_with_its_name() {
    let desk = Desk::new();
    let said = Said::by(&mut desk.job(
        &cloud().operator(),
        &["provision", "--serial-number", "SER-0006", "--target", "serial:/dev/ttyNOWHERE0", "--driver", "nrf91"],
    ));
    assert_eq!(said.failure(), (5, "target-gone", "target"));
}
