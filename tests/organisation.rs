//! A computer that an organisation looks after: its sites by name, and what its policy forbids.

use std::process::Command;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said, hand_on};

const OWN_SITES_ONLY: &str = r#"{"sites": "preseeded"}"#;

#[test]
fn a_site_of_the_computer_is_worked_at_by_its_name_and_no_other_one_is() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    desk.organisation(OWN_SITES_ONLY);
    let run = |site: &str| {
        let target = desk.target();
        let words = ["provision", "--json", "--site", site, "--user", &operator.email];
        let words = [&words[..], &["--serial-number", "ORG-1", "--target", &target]].concat();
        Said::by(desk.fieldkey(&words).env("FIELDKEY_PASSWORD", &operator.password))
    };
    let own = desk.path("site.json").display().to_string();
    assert_eq!(run(&own).failure(), (2, "not-allowed-by-policy", "site"), "the same site, but not the organisation's");
    assert!(desk.files().is_empty(), "nothing was begun");
    assert_eq!(run("plant").result()["thingName"], "Fleet_Index_ORG-1");
    assert_eq!(desk.files().len(), 4);
}

#[test]
fn a_session_that_was_kept_before_the_policy_forbade_it_is_ended() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    desk.organisation("{}");
    let plain = desk.provision(&operator, "ORG-2", &["--replace"]);
    let script = r#"
        printf keyring | gnome-keyring-daemon --unlock --components=secrets >/dev/null
        run() { "$PROGRAM" "$@" >"$TMPDIR/$name" 2>"$TMPDIR/$name.errors"; }
        allow() { printf '%s' "$1" >"$FIELDKEY_MACHINE_FOLDER/policy.json"; }
        name=kept run "$@" || exit 1
        allow '{"staySignedIn": false}'
        name=forbidden run "$@" || exit 2
        unset FIELDKEY_PASSWORD
        allow '{}'
        name=again run "$@" && exit 3
        exit 0
    "#;
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", script, "sh"]).args(plain.get_args());
    hand_on(&plain, &mut command);
    let output = command.env_remove("FIELDKEY_KEYCHAIN").env("PROGRAM", plain.get_program()).output();
    let output = output.expect("dbus-run-session is installed");
    assert!(output.status.success(), "{:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
    let told = |name: &str| std::fs::read_to_string(desk.path(&format!("tmp/{name}"))).expect("it ran");
    assert!(!told("kept.errors").contains("lasts as long as this command"), "{}", told("kept.errors"));
    assert!(told("forbidden.errors").contains("Your organisation does not let sign-ins be kept"));
    assert!(told("again").contains("\"sign-in-required\""), "the keychain holds nothing any more: {}", told("again"));
}
