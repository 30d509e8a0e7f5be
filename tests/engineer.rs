//! An engineer's connection: an AWS profile instead of a sign-in, and changes made directly.

use serde_json::{Value, json};

use crate::support::cloud::{Cloud, cloud};
use crate::support::command::{Desk, Said};
use crate::support::identity::Identity;

/// A desk whose person has a profile named `local`.
fn desk_of_an_engineer(cloud: &Cloud) -> Desk {
    let desk = Desk::at(cloud);
    desk.profile("local");
    desk
}

fn job(desk: &Desk, words: &[&str]) -> Said {
    let site = desk.path("site.json").display().to_string();
    let (job, more) = words.split_first().expect("a job");
    let words = [&[*job, "--json", "--site", &site, "--aws-profile", "local"], more].concat();
    Said::by(&mut desk.fieldkey(&words))
}

/// The site's own policy.
fn policy(cloud: &Cloud) -> String {
    let stacks = cloud.call("cloudformation", "describe-stacks", json!({"StackName": "fieldkey"}));
    let outputs = stacks["Stacks"][0]["Outputs"].as_array().expect("a list");
    let output = outputs.iter().find(|output| output["OutputKey"] == "DevicePolicyName").expect("an output");
    output["OutputValue"].as_str().expect("a name").to_owned()
}

#[test]
fn an_engineer_enrolls_looks_up_registers_and_revokes_without_a_sign_in() {
    let cloud = Cloud::start();
    let (desk, policy) = (desk_of_an_engineer(&cloud), policy(&cloud));
    let target = desk.target();
    let words = ["enroll", "--serial-number", "ENG-1", "--target", &target, "--via", "direct", "--policy", &policy];
    assert_eq!(job(&desk, &words).result()["issued"], true);
    let identity = Identity::on(&desk.path("drive"));
    identity.connects_by_awsiotsdk().expect("it works");
    let said = job(&desk, &["inspect", "--serial-number", "ENG-1"]);
    assert_eq!(said.result()["certificates"][0]["policies"], json!([policy]));

    let said = job(&desk, &["revoke", "--serial-number", "ENG-1", "--yes"]);
    assert_eq!(said.result()["certificates"], json!([identity.id()]));
    identity.connects_by_awsiotsdk().expect_err("it is gone");
    let file = identity.file("certificate").display().to_string();
    let words = ["register", "--thing", "Fleet_Index_ENG-1", "--certificate", &file, "--status", "active"];
    job(&desk, &[&words[..], &["--policy", &policy]].concat()).result();
    identity.connects_by_awsiotsdk().expect("it is back");
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let desk = desk_of_an_engineer(cloud());
    let site = desk.path("site.json").display().to_string();
    let words = ["inspect", "--json", "--site", &site, "--aws-profile", "nobody", "--serial-number", "ENG-2"];
    let said = Said::by(&mut desk.fieldkey(&words));
    assert_eq!((said.failure().0, said.failure().1), (2, "usage"), "{:?}", said.last());
}

#[test]
fn the_stack_is_deployed_and_its_outputs_become_a_site_file() {
    let cloud = Cloud::start();
    let desk = desk_of_an_engineer(&cloud);
    let endpoint = format!("http://127.0.0.1:{}", cloud.port());
    let stack = |command: &str, more: &[&str]| {
        let words = ["stack", command, "--aws-profile", "local", "--region", "ap-northeast-1", "--name", "another"];
        let words = [&words[..], &["--endpoint-url", &endpoint], more].concat();
        let output = desk.fieldkey(&words).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    stack("deploy", &["--parameter", "ThingNamePrefix=Another_"]);
    let outputs = desk.path("outputs.json");
    std::fs::write(&outputs, stack("outputs", &[])).expect("writable");
    let file = outputs.display().to_string();
    let site = desk.path("another.json").display().to_string();
    // MiniStack's own address of the API is a name below localhost, which not every system resolves.
    let api = format!("certificateApiUrl={endpoint}/_aws/execute-api/x");
    let words = ["site", "from-outputs", &file, "--name", "Another plant", "--set", &api, "--output", &site];
    let output = desk.fieldkey(&words).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let written: Value = serde_json::from_slice(&std::fs::read(&site).expect("written")).expect("JSON");
    assert_eq!((&written["name"], &written["thingNamePrefix"]), (&json!("Another plant"), &json!("Another_")));
    let output = desk.fieldkey(&["site", "check", &site]).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
