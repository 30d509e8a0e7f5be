//! The command line stays signed in through the desktop's keychain: a real one, in a session bus of its own.

use std::process::Command;

use serde_json::Value;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said, hand_on};

/// What a run of the script printed under one name.
fn said(desk: &Desk, name: &str) -> Said {
    let status = std::fs::read_to_string(desk.path(&format!("tmp/{name}.status"))).expect("it ran");
    let stdout = std::fs::read(desk.path(&format!("tmp/{name}"))).expect("it ran");
    let stderr = std::fs::read(desk.path(&format!("tmp/{name}.errors"))).expect("it ran");
    let mut said = Said::of(&std::process::Output { status: Default::default(), stdout, stderr });
    said.status = status.trim().parse().expect("a number");
    said
}

#[test]
fn a_second_command_does_not_ask_again_until_sign_out() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let plain = desk.provision(&operator, "STAY-1", &["--replace"]);
    // The keyring is unlocked with a password of its own; `provision` is run three times with the same words.
    let script = r#"
        printf keyring | gnome-keyring-daemon --unlock --components=secrets >/dev/null
        run() { "$PROGRAM" "$@" >"$TMPDIR/$name" 2>"$TMPDIR/$name.errors"; echo $? >"$TMPDIR/$name.status"; }
        name=first run "$@"
        unset FIELDKEY_PASSWORD
        name=second run "$@"
        "$PROGRAM" sign-out --site "$SITE" --user "$EMAIL" || exit 1
        name=third run "$@"
    "#;
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", script, "sh"]).args(plain.get_args());
    hand_on(&plain, &mut command);
    let output = command
        .env_remove("FIELDKEY_KEYCHAIN")
        .env("PROGRAM", plain.get_program())
        .env("SITE", desk.path("site.json"))
        .env("EMAIL", &operator.email)
        .output()
        .expect("dbus-run-session is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let first = said(&desk, "first");
    assert_eq!(first.status, 0, "{:?}", first.last());
    assert!(!first.errors.contains("No keychain"), "{}", first.errors);
    let second = said(&desk, "second");
    assert_eq!(second.status, 0, "nobody was asked, the keychain was: {:?}", second.last());
    let third = said(&desk, "third");
    assert_eq!((third.status, &third.last()["code"]), (3, &Value::from("sign-in-required")), "signed out");
}

#[test]
fn without_a_keychain_the_command_says_that_the_session_ends_with_it() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let said = Said::by(&mut desk.provision(&operator, "STAY-2", &[]));
    said.result();
    assert!(said.errors.contains("No keychain here"), "{}", said.errors);
}

#[test]
fn without_a_secret_service_the_person_is_told_and_asked_again() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let run = |password: bool| {
        let mut command = desk.provision(&operator, "STAY-3", &["--replace"]);
        command.env_remove("FIELDKEY_KEYCHAIN").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        if !password {
            command.env_remove("FIELDKEY_PASSWORD");
        }
        Said::by(&mut command)
    };
    let first = run(true);
    first.result();
    assert!(first.errors.contains("No keychain here"), "{}", first.errors);
    assert_eq!(run(false).failure(), (3, "sign-in-required", "sign-in"));
}
