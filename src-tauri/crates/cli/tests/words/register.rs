//! Files that are, or are no, certificates.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{SITE, command, events};

/// SHA-256 of the DER, as `openssl x509 -outform der | sha256sum` has it.
const CERTIFICATE_ID: &str = "ccb622b918d12390b068fa3f7cd3d59b3308f396e3c4fb0b7a518ec3f79482cd";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// The status and the last line of `register --json` with this file. `PASSWORD` is the file's password.
fn register(certificate: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let home = tempfile::tempdir().expect("a folder");
    let site = home.path().join("site.json");
    std::fs::write(&site, SITE).expect("writable");
    let (site, certificate) = (site.display().to_string(), certificate.display().to_string());
    let words = ["register", "--json", "--site", &site, "--user", "a@example.com", "--thing", "Fleet_Index_SN-1"];
    let words = [&words[..], &["--certificate", &certificate], more].concat();
    let mut command = command(home.path(), &words);
    let output = command.env("PASSWORD", "fieldkey").env("EMPTY", "").output().expect("the command starts");
    (output.status.code(), events(&output).pop().unwrap_or_default())
}

#[test]
fn a_file_that_is_no_certificate_ends_with_2_and_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let garbage = folder.path().join("garbage.pem");
    std::fs::write(&garbage, "garbage").expect("writable");
    for (path, reason) in [
        (Path::new("/no/such/file.pem"), "there is no such file"),
        (folder.path(), "it is not a file"),
        #[cfg(unix)]
        (Path::new("/dev/zero"), "it is not a file"),
        (&garbage, "garbage.pem"),
    ] {
        for more in [&[][..], &["--preview"]] {
            let (status, last) = register(path, more);
            assert_eq!((status, &last["code"]), (Some(2), &Value::from("certificate-invalid")), "{last}");
            assert_eq!((&last["event"], &last["step"]), (&Value::from("failed"), &Value::from("read")), "{last}");
            assert!(last["message"].as_str().is_some_and(|message| message.contains(reason)), "{reason}: {last}");
            assert!(last["help"].as_str().is_some_and(|help| !help.is_empty()), "{last}");
        }
    }
}

#[test]
fn a_preview_shows_what_is_in_the_file_and_asks_nobody() {
    let (status, preview) = register(&file("device.pem"), &["--preview"]);
    assert_eq!(status, Some(0), "{preview}");
    assert_eq!(preview["certificateId"], CERTIFICATE_ID);
    assert_eq!((&preview["key"], &preview["supported"]), (&Value::from("P-256"), &Value::from(true)), "{preview}");
    assert_eq!(preview["keyMatches"], Value::Null, "there is no key beside it");
    let (status, preview) = register(&file("ed25519.pem"), &["--preview"]);
    assert_eq!((status, &preview["supported"]), (Some(0), &Value::from(false)), "{preview}");
    assert_eq!(preview["code"], "certificate-unsupported");
}

#[test]
fn a_preview_needs_neither_a_site_nor_a_thing() {
    let home = tempfile::tempdir().expect("a folder");
    let path = file("device.pem").display().to_string();
    let output = command(home.path(), &["register", "--preview", "--certificate", &path]).output().expect("it starts");
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{page}");
    for part in [CERTIFICATE_ID, "Fleet_Index_SN-1", "P-256", "✓ takes it"] {
        assert!(page.contains(part), "{part} is missing in: {page}");
    }
}

#[test]
fn a_password_comes_from_the_variable_that_was_named() {
    let (status, preview) = register(&file("device.p12"), &["--preview", "--password-env", "PASSWORD"]);
    assert_eq!((status, &preview["certificateId"]), (Some(0), &Value::from(CERTIFICATE_ID)), "{preview}");
    assert_eq!(preview["keyMatches"], true);
    for more in [&["--password-env", "EMPTY"][..], &[]] {
        let (status, last) = register(&file("device.p12"), more);
        assert_eq!((status, &last["code"]), (Some(2), &Value::from("p12-password")), "{more:?}: {last}");
    }
    let (status, last) = register(&file("device.p12"), &["--password-env", "NO_SUCH_VARIABLE"]);
    assert_eq!((status, &last["code"]), (Some(2), &Value::from("usage")), "{last}");
}

#[test]
fn what_is_right_goes_on_to_the_sign_in() {
    for (name, more) in [("device.pem", &[][..]), ("device.p12", &["--password-env", "PASSWORD"])] {
        let (status, last) = register(&file(name), more);
        assert_eq!((status, &last["code"]), (Some(3), &Value::from("sign-in-required")), "{name}: {last}");
    }
    let (status, last) = register(&file("ed25519.pem"), &[]);
    assert_eq!((status, &last["code"]), (Some(2), &Value::from("certificate-unsupported")), "nobody is asked: {last}");
}
