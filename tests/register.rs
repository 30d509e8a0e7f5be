//! Registering what others exported: every kind of file, and what is wrong with some.

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::openssl::openssl;

/// A desk with `cert.pem` and `key.pem` in `tmp`.
fn desk_with(algorithm: &str) -> Desk {
    let desk = Desk::new();
    let words = format!("req -x509 -newkey {algorithm} -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=own");
    openssl(&desk.path("tmp"), &words);
    desk
}

fn register(desk: &Desk, serial: &str, file: &str, more: &[&str]) -> Said {
    let (operator, thing) = (cloud().operator(), format!("Fleet_Index_{serial}"));
    let file = desk.path("tmp").join(file).display().to_string();
    let words = [&["register", "--thing", &thing, "--certificate", &file], more].concat();
    let mut command = desk.job(&operator, &words);
    Said::by(command.env("P12", "open sesame").env("WRONG", "shut"))
}

#[test]
fn pkcs12_of_every_kind_is_registered() {
    for (n, (options, password)) in [
        ("", "open sesame"),
        ("-legacy", "open sesame"),
        ("-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256", ""),
        ("-legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let desk = desk_with("rsa:2048");
        // A file with nothing in it is no password to openssl, an empty line is one.
        std::fs::write(desk.path("tmp/password"), format!("{password}\n")).expect("writable");
        let words = format!("pkcs12 -export {options} -in cert.pem -inkey key.pem -passout file:password -out own.p12");
        openssl(&desk.path("tmp"), &words);
        let more: &[&str] = if password.is_empty() { &[] } else { &["--password-env", "P12"] };
        let said = register(&desk, &format!("P12-{n}"), "own.p12", more);
        assert_eq!(said.result()["keyMatches"], true, "{options}");
    }
}

#[test]
fn a_wrong_or_missing_password_is_said() {
    let desk = desk_with("rsa:2048");
    std::fs::write(desk.path("tmp/password"), "open sesame").expect("writable");
    openssl(&desk.path("tmp"), "pkcs12 -export -in cert.pem -inkey key.pem -passout file:password -out own.p12");
    for more in [&["--password-env", "WRONG"][..], &[]] {
        let said = register(&desk, "P12-WRONG", "own.p12", more);
        assert_eq!(said.failure(), (2, "p12-password", "read"), "{more:?}");
    }
}

#[test]
fn what_aws_does_not_take_is_refused_before_the_call() {
    for (algorithm, names) in [("ed25519", "Ed25519"), ("rsa:1024", "1024")] {
        let desk = desk_with(algorithm);
        let said = register(&desk, "WEAK-1", "cert.pem", &[]);
        assert_eq!(said.failure(), (2, "certificate-unsupported", "read"));
        assert!(said.last()["message"].as_str().is_some_and(|words| words.contains(names)), "{:?}", said.last());
    }
    assert!(cloud().registry("Fleet_Index_WEAK-1")["thing"].is_null(), "AWS was not asked");
}

#[test]
fn garbage_and_strangers_keys_are_told_apart() {
    let desk = desk_with("ec -pkeyopt ec_paramgen_curve:P-256");
    std::fs::write(desk.path("tmp/garbage.p12"), [0x30, 0x82, 0xff, 0xff, 1, 2, 3]).expect("writable");
    std::fs::write(desk.path("tmp/empty.pem"), "").expect("writable");
    for file in ["garbage.p12", "empty.pem", "key.pem"] {
        let said = register(&desk, "GARBAGE-1", file, &[]);
        assert_eq!(said.failure(), (2, "certificate-invalid", "read"), "{file}");
    }
    openssl(&desk.path("tmp"), "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out stranger.pem");
    let stranger = desk.path("tmp/stranger.pem").display().to_string();
    let said = register(&desk, "GARBAGE-1", "cert.pem", &["--private-key", &stranger]);
    assert_eq!(said.failure(), (2, "key-mismatch", "read"));
    let said = Said::by(&mut desk.job(
        &cloud().operator(),
        &["register", "--thing", "Other_1", "--certificate", &desk.path("tmp/cert.pem").display().to_string()],
    ));
    assert_eq!(said.failure(), (2, "thing-name-invalid", "site"));
}
