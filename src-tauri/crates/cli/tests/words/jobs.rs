//! Words that each job refuses, before anybody is asked for anything.

use serde_json::Value;

use crate::{SITE, events, failed, fieldkey};

/// Runs a job at the site; `{site}`, `{drive}` and `{home}` stand for paths.
fn job(words: &str) -> (Option<i32>, Vec<Value>) {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("site.json");
    std::fs::write(&file, SITE).expect("writable");
    let drive = home.path().join("drive");
    std::fs::create_dir(&drive).expect("writable");
    let words: Vec<String> = words
        .split_whitespace()
        .map(|word| {
            let word = word.replace("{site}", &file.display().to_string());
            word.replace("{drive}", &format!("drive:{}", drive.display()))
                .replace("{home}", &home.path().display().to_string())
        })
        .chain(["--json".to_owned()])
        .collect();
    let output = fieldkey(home.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
    (output.status.code(), events(&output))
}

/// The job fails so, in a stream of events with its promised beginning and end, and says this.
fn fails(words: &str, status: i32, code: &str, step: &str, said: &str) {
    let (its_status, events) = job(words);
    assert_eq!((its_status, failed(&events)), (Some(status), (code, step)), "{words}: {events:?}");
    let name = words.split_whitespace().next().unwrap_or_default();
    assert_eq!(events[0]["job"], name, "the stream says which job it is of");
    let message = events.last().expect("an event")["message"].as_str().unwrap_or_default();
    assert!(message.contains(said), "{words}: {said} is missing in: {message}");
}

const ENROLL: &str = "enroll --site {site} --user a@example.com --serial-number SN-1 --target {drive}";

#[test]
fn words_that_do_not_go_together_end_with_2() {
    for (words, said) in [
        ("--via api --key aws", "--key"),
        ("--via claim --key device", "--key"),
        ("--via direct", "needs --aws-profile"),
        ("--via api --aws-profile p", "--via direct"),
        ("--via api --param A=1", "--param"),
    ] {
        fails(&format!("{ENROLL} {words}"), 2, "usage", "site", said);
    }
    let reissue = ENROLL.replace("enroll", "reissue");
    for (words, said) in [
        ("--via provision", "--wait"),
        ("--via claim --wait 60", "--via provision"),
        ("--via direct", "needs --aws-profile"),
    ] {
        fails(&format!("{reissue} {words}"), 2, "usage", "site", said);
    }
}

#[test]
fn a_drive_s_layout_is_refused_before_anybody_is_asked() {
    let provision = "provision --site {site} --user a@example.com --serial-number SN-1 --target drive:{home}";
    for (words, said) in [
        ("?root=/x --driver drive", "`root`"),
        ("?root=x --driver greengrass", "root=x"),
        (" --driver site", "no `layout`"),
        (" --driver nrf", "drivers of drives: drive, greengrass, device-client, site"),
    ] {
        fails(&format!("{provision}{words}"), 2, "usage", "target", said);
    }
    fails(&format!("{provision} --driver greengrass"), 2, "site-invalid", "site", "roleAlias");
}

#[test]
fn an_unknown_kind_of_key_is_told_the_known_ones() {
    let home = tempfile::tempdir().expect("a folder");
    let words = ["enroll", "--site", "s", "--serial-number", "S", "--target", "drive:/x", "--via", "claim"];
    let output = fieldkey(home.path(), &[&words[..], &["--key-type", "p-521", "--json"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "standard output is for results");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("`p-521` is none of p-256, rsa-2048"), "{said}");
}

#[test]
fn revoke_wants_a_yes_that_is_said_out_loud() {
    let revoke = "revoke --site {site} --user a@example.com --thing Fleet_Index_SN-1";
    fails(revoke, 2, "usage", "site", "--yes");
    fails(&format!("{revoke} --yes"), 3, "sign-in-required", "sign-in", "");
    fails(&format!("{revoke} --yes --certificate xyz"), 2, "usage", "site", "xyz");
}

#[test]
fn a_thing_of_another_site_is_refused_before_anybody_is_asked() {
    for job in ["inspect", "revoke --yes", "activate --certificate 0123456789"] {
        let begin = format!("{job} --site {{site}} --user a@example.com");
        fails(&format!("{begin} --thing Other_SN-1"), 2, "thing-name-invalid", "site", "begin with Fleet_Index_");
        fails(&format!("{begin} --serial-number SN/1"), 2, "serial-number-invalid", "site", "SN/1");
    }
    fails("inspect --site {site} --user a@example.com --serial-number SN-1", 3, "sign-in-required", "sign-in", "");
}

#[test]
fn an_identity_that_is_not_there_ends_with_5() {
    fails("verify --site {site} --identity /no/such/folder", 5, "target-gone", "read", "/no/such/folder");
    fails("verify --site {site} --identity {home}", 5, "identity-invalid", "read", "");
}

#[test]
fn a_profile_that_is_none_is_named() {
    let inspect = "inspect --site {site} --serial-number SN-1 --aws-profile nobody";
    fails(inspect, 2, "usage", "sign-in", "nobody");
}
