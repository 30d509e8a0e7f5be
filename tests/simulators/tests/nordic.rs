//! Nordic's own client takes the simulators for its devices: they may stand for them in the drivers' tests.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest, Sha256};

/// The Python of the environment with Nordic's client, which is made if need be.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let made = Command::new("python3").arg(support("environments.py")).arg("nordic").output().expect("python runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    PathBuf::from(String::from_utf8(made.stdout).expect("a path").trim())
});

fn support(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../support").join(name)
}

/// A simulated device on a pty.
struct Device {
    process: Child,
    asks: Option<ChildStdin>,
    says: Lines<BufReader<ChildStdout>>,
    port: String,
}

impl Device {
    fn start(words: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_simulate"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let asks = process.stdin.take();
        let mut says = BufReader::new(process.stdout.take().expect("piped")).lines();
        let port = says.next().expect("a line").expect("text");
        Self { process, asks, says, port }
    }

    /// By name: SHA-256 and length.
    fn stored(&mut self) -> BTreeMap<String, (String, u64)> {
        writeln!(self.asks.as_mut().expect("piped"), "stored").expect("it listens");
        let said = self.says.next().expect("a line").expect("text");
        let said: BTreeMap<String, serde_json::Value> = serde_json::from_str(&said).expect("json");
        let held = |held: serde_json::Value| {
            (held["sha256"].as_str().expect("hex").to_owned(), held["bytes"].as_u64().expect("bytes"))
        };
        said.into_iter().map(|(name, value)| (name, held(value))).collect()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        drop(self.asks.take());
        let _ = self.process.wait();
    }
}

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = KeyPair::generate().expect("a key");
        let certificate = || {
            let own = CertificateParams::default().self_signed(&key).expect("a certificate");
            own.pem().replace("\r\n", "\n")
        };
        for (name, text) in [("ca.pem", certificate()), ("cert.pem", certificate()), ("key.pem", key.serialize_pem())] {
            std::fs::write(folder.path().join(name), text.replace("\r\n", "\n")).expect("written");
        }
        Self { folder }
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("read")
    }
}

fn client(job: &str, device: &Device, files: &Files, last: &str) {
    let output = Command::new(&*PYTHON)
        .arg(support("nordic.py"))
        .args([job, &device.port])
        .arg(files.folder.path())
        .arg(last)
        .output()
        .expect("python runs");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "Nordic's client failed: {said}");
}

fn held(content: &str) -> (String, u64) {
    (hex::encode(Sha256::digest(content)), content.len() as u64)
}

fn is_request(files: &Files) {
    let der = std::fs::read(files.folder.path().join("made.csr")).expect("made");
    assert!(der.len() > 200 && der[0] == 0x30, "a CSR is a DER sequence");
}

#[test]
fn nrfcredstore_writes_lists_and_deletes_and_has_keys_made_over_at() {
    for (terminator, theirs) in [("crlf", "CRLF"), ("cr", "CR"), ("lf", "LF"), ("null", "NULL")] {
        let files = Files::new();
        let mut device = Device::start(&["nrf91", "--terminator", terminator]);
        client("at", &device, &files, theirs);
        let stored = device.stored();
        // It strips the line end at the end.
        assert_eq!(stored.get("42,0"), Some(&held(files.text("ca.pem").trim_end())), "{terminator}: the CA");
        assert_eq!(stored.get("42,2"), Some(&held(files.text("key.pem").trim_end())), "{terminator}: the key");
        assert_eq!(stored.keys().collect::<Vec<_>>(), ["42,0", "42,2", "43,2"], "{terminator}: one deleted, one made");
        is_request(&files);
    }
}

#[test]
fn nrfcredstore_finds_the_at_shell() {
    let files = Files::new();
    let mut device = Device::start(&["nrf91", "--shell", "mosh:~$ ", "--old", "yes"]);
    client("at", &device, &files, "CRLF");
    // The shell makes CR LF of each escaped line end.
    let expected = files.text("ca.pem").trim_end().replace('\n', "\r\n");
    assert_eq!(device.stored().get("42,0"), Some(&held(&expected)));
    is_request(&files);
}

#[test]
fn nrfcredstore_writes_and_verifies_through_the_tls_credentials_shell() {
    let files = Files::new();
    let mut device = Device::start(&["zephyr", "--credential", "2048"]);
    client("tls", &device, &files, "CRLF");
    let ended = |name: &str| held(&format!("{}\0", files.text(name)));
    let expected = [("42,CA".to_owned(), ended("ca.pem")), ("42,PK".to_owned(), ended("key.pem"))];
    assert_eq!(device.stored(), BTreeMap::from(expected));
}

#[test]
fn nrfcredstore_has_a_key_made_by_a_board() {
    let files = Files::new();
    let mut device = Device::start(&["zephyr", "--cloud", "yes"]);
    client("cloud", &device, &files, "CRLF");
    assert_eq!(device.stored().into_keys().collect::<Vec<_>>(), ["42,PK_PSA"], "of two keys one was deleted");
    is_request(&files);
}

#[test]
fn the_installer_of_nrf_cloud_writes_and_verifies() {
    for (words, kind) in [
        (&["nrf91"][..], "at"),
        (&["nrf91", "--shell", "mosh:~$ "], "auto"),
        (&["zephyr"], "tls_cred_shell"),
        (&["zephyr", "--cloud", "yes"], "nrf_cloud_cred_shell"),
    ] {
        let mut device = Device::start(words);
        client("install", &device, &Files::new(), kind);
        assert_eq!(device.stored().len(), 3, "{kind}: CA, certificate and key");
    }
}
