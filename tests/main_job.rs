//! The main job from the command line: a temporary password, a claim on the drive, a device that registers itself.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::device::Device;

fn file(desk: &Desk, name: &str) -> Vec<u8> {
    std::fs::read(desk.path("drive").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_first_sign_in_ends_with_a_registered_device() {
    let (desk, operator) = (Desk::new(), cloud().invited());
    let device = Device::on(&desk.path("drive"), &desk.path("flash"));
    let mut command = desk.provision(&operator, "SN-0001", &["--wait", "60"]);
    let said = Said::by(command.env("FIELDKEY_NEW_PASSWORD", "Another-Passw0rd!"));
    let result = said.result();
    let device = device.finish();
    assert!(device.status.success(), "{}", String::from_utf8_lossy(&device.stdout));

    assert_eq!(result["thingName"], "Fleet_Index_SN-0001");
    assert_eq!(result["registered"], true);
    let registry = cloud().registry("Fleet_Index_SN-0001");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE", "{registry}");
    assert_ne!(registry["certificates"][0]["id"], result["certificateId"], "the claim is not the identity");
}

#[test]
fn the_drive_holds_what_the_contract_says() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let said = Said::by(&mut desk.provision(&operator, "SN-0002", &[]));
    let result = said.result();
    assert_eq!(result["registered"], Value::Null, "nobody waited");
    let names = ["AmazonRootCA1.pem", "claimCert.pem", "claimPrivateKey.pem", "provisioning.json"];
    assert_eq!(desk.files(), names, "four files and no temporary one");

    for said in result["files"].as_array().expect("files") {
        let name = said["name"].as_str().expect("a name");
        let content = file(&desk, name);
        assert_eq!(said["bytes"], content.len() as u64, "{name}");
        assert_eq!(said["sha256"], hex::encode(Sha256::digest(&content)), "{name}");
    }
    let manifest: Value = serde_json::from_slice(&file(&desk, "provisioning.json")).expect("JSON");
    let keys: BTreeSet<&str> = manifest.as_object().expect("object").keys().map(String::as_str).collect();
    let expected = [
        "certificateId",
        "endpoint",
        "expires",
        "files",
        "parameters",
        "port",
        "sha256",
        "templateName",
        "thingName",
        "version",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    assert_eq!(manifest["parameters"]["SerialNumber"], "SN-0002");
    assert_eq!(manifest["expires"], result["expires"]);
    for name in &names[..3] {
        assert_eq!(manifest["sha256"][name], hex::encode(Sha256::digest(file(&desk, name))), "{name}");
    }
    assert_eq!(
        String::from_utf8_lossy(&file(&desk, "AmazonRootCA1.pem")).trim(),
        cloud().ca().trim(),
        "a local cloud's CA"
    );
    assert!(openssl_says_they_match(&desk), "certificate and private key belong together");
}

fn openssl_says_they_match(desk: &Desk) -> bool {
    let public_key = |words: &[&str], name: &str| {
        let output = Command::new("openssl").args(words).arg("-in").arg(desk.path("drive").join(name)).output();
        let output = output.expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    public_key(&["x509", "-noout", "-pubkey"], "claimCert.pem")
        == public_key(&["pkey", "-pubout"], "claimPrivateKey.pem")
}

#[test]
fn steps_come_in_order_with_their_times() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let said = Said::by(&mut desk.provision(&operator, "SN-0003", &[]));
    let done: Vec<&str> =
        said.events.iter().filter(|e| e["status"] == "done").map(|e| e["step"].as_str().expect("a step")).collect();
    assert_eq!(done, ["target", "sign-in", "credentials", "claim", "write", "verify", "release"]);
    for event in said.events.iter().filter(|event| event["status"] == "done") {
        assert!(event["ms"].is_u64(), "{event}");
    }
    let claim = said.step("claim").expect("a claim");
    assert_eq!(claim["detail"]["certificateId"], said.result()["certificateId"]);
    let left = claim["detail"]["secondsLeft"].as_u64().expect("seconds");
    assert!((280..=300).contains(&left), "a claim lives five minutes: {left}");
}

#[test]
fn a_device_that_never_registers_ends_with_6() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let said = Said::by(&mut desk.provision(&operator, "SN-0004", &["--wait", "2"]));
    assert_eq!(said.failure(), (6, "not-registered", "register"));
    assert_eq!(desk.files().len(), 4, "what was written stays: the device may still use it");
}

#[test]
fn a_device_that_is_provisioned_again_counts_only_its_new_certificate() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let device = Device::on(&desk.path("drive"), &desk.path("flash"));
    Said::by(&mut desk.provision(&operator, "SN-0005", &["--wait", "60"])).result();
    assert!(device.finish().status.success());
    let again = Said::by(&mut desk.provision(&operator, "SN-0005", &["--wait", "2", "--replace"]));
    assert_eq!(again.failure(), (6, "not-registered", "register"), "the certificate of before is no proof");
}

#[test]
fn people_read_words_instead_of_json() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let (site, target) = (desk.path("site.json").display().to_string(), desk.target());
    let words =
        ["provision", "--site", &site, "--user", &operator.email, "--serial-number", "SN-0006", "--target", &target];
    let mut command = desk.fieldkey(&words);
    let output = command.env("FIELDKEY_PASSWORD", &operator.password).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("Verify") && said.contains("Fleet_Index_SN-0006"), "{said}");

    let output = command.env("LC_ALL", "ja_JP.UTF-8").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "the claim of before is still alive");
    assert!(said.contains("すでに認証情報があります") && said.contains("[identity-present]"), "{said}");
}

#[test]
fn runs_are_in_the_history() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let run = Said::by(&mut desk.provision(&operator, "SN-0007", &[]));
    let output = desk.fieldkey(&["history", "--json", "--serial-number", "SN-0007"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    // On Windows an account has one journal, and other runs of this test may be in it.
    let of_run: Vec<Value> = lines.filter(|line| line["run"] == run.last()["run"]).collect();
    let [line] = of_run.as_slice() else { panic!("one line: {text}") };
    assert_eq!(
        (&line["outcome"], &line["operator"]),
        (&Value::from("finished"), &Value::from(operator.email.as_str()))
    );
}
