//! Facts of this module, on files that other tools made (`tests-data/x509/make.sh`) and in OpenSSL's own words.

mod certificates;
mod forms;
mod keys;
mod made;
mod p12;
mod robust;

use std::io::Write;
use std::process::{Command, Stdio};

use secrecy::SecretString;

use super::*;
use crate::Code;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn path(name: &str) -> String {
    format!("{}/tests-data/x509/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

fn password() -> SecretString {
    SecretString::from("test")
}

fn read_fixture(name: &str) -> Result<CertificateFile, Failure> {
    read(&fixture(name), None, Some(&password()))
}

fn code(outcome: Result<CertificateFile, Failure>) -> Code {
    outcome.map(|file| file.preview).unwrap_err().code
}

/// What `openssl` says to `input`.
fn openssl(arguments: &[&str], input: &[u8]) -> String {
    let mut process = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests need OpenSSL's command line");
    process.stdin.take().unwrap().write_all(input).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// The public half of a private key, by OpenSSL.
fn public_half(private_key: &SecretString) -> String {
    openssl(&["pkey", "-pubout"], private_key.expose_secret().as_bytes())
}
