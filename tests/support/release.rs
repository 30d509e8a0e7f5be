//! A release of Fieldkey as windows find it: a list, packages, and their signatures by a key of our own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::root;
use super::tls_front::TlsFront;

const PACKAGE: &str = "Fieldkey.AppImage";

/// Files on a server that speaks TLS. It ends with its owner.
pub(crate) struct Release {
    folder: TempDir,
    server: Child,
    front: TlsFront,
    /// The public half of what signs.
    pub(crate) key: String,
}

impl Release {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("release-").tempdir().expect("a folder");
        let files = folder.path().join("files");
        std::fs::create_dir(&files).expect("writable");
        let key = signing_key(&folder.path().join("key"));
        let log = std::fs::File::create(folder.path().join("log")).expect("writable");
        let mut server = Command::new("python3")
            .args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory"])
            .arg(&files)
            .arg("0")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("python3 runs");
        let mut said = String::new();
        BufReader::new(server.stdout.take().expect("piped")).read_line(&mut said).expect("a line");
        let port = said.split(" port ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
        let front = TlsFront::before(port.parse().expect("a number"));
        std::fs::write(folder.path().join("ca.pem"), &front.ca).expect("writable");
        Self { folder, server, front, key }
    }

    pub(crate) fn list(&self) -> String {
        format!("{}/latest.json", self.front.url)
    }

    /// The authority that vouches for the server, as a file.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Puts a package there and says that it is this version.
    pub(crate) fn publish(&self, version: &str, package: &[u8]) {
        self.put(package);
        self.announce(version, &self.sign(version));
    }

    /// The package, without a word of it in the list.
    pub(crate) fn put(&self, package: &[u8]) {
        std::fs::write(self.files().join(PACKAGE), package).expect("writable");
    }

    /// The signature of what is there, as this version, by the release's own key.
    pub(crate) fn sign(&self, version: &str) -> String {
        self.sign_with(version, &self.folder.path().join("key"))
    }

    /// By a key that nobody trusts.
    pub(crate) fn sign_as_another(&self, version: &str) -> String {
        let key = self.folder.path().join("another");
        signing_key(&key);
        self.sign_with(version, &key)
    }

    fn sign_with(&self, version: &str, key: &Path) -> String {
        let package = self.files().join(PACKAGE);
        let mut signer = signer("sign");
        signer.args(["--app-version", version]).arg(&package).env("TAURI_SIGNING_PRIVATE_KEY_PATH", key);
        finish(signer);
        std::fs::read_to_string(self.files().join(format!("{PACKAGE}.sig"))).expect("a signature").trim().to_owned()
    }

    /// For this kind of computer.
    pub(crate) fn announce(&self, version: &str, signature: &str) {
        let url = format!("{}/{PACKAGE}", self.front.url);
        self.announce_for(&format!("linux-{}", std::env::consts::ARCH), version, &url, signature);
    }

    pub(crate) fn announce_for(&self, platform: &str, version: &str, url: &str, signature: &str) {
        self.say(&json!({
            "version": version,
            "pub_date": "2026-12-01T09:00:00Z",
            "notes": "Added\n- Modems of a third maker",
            "platforms": {platform: {"url": url, "signature": signature}},
        }));
    }

    pub(crate) fn say(&self, list: &Value) {
        std::fs::write(self.files().join("latest.json"), list.to_string()).expect("writable");
    }

    /// Nobody hands the package out any more.
    pub(crate) fn withdraw(&self) {
        std::fs::remove_file(self.files().join(PACKAGE)).expect("it was there");
    }

    /// How often the server was asked for a file.
    pub(crate) fn asked(&self, name: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join("log")).expect("readable");
        log.lines().filter(|line| line.contains(&format!("GET /{name} "))).count()
    }

    fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Makes one, and answers its public half.
fn signing_key(path: &Path) -> String {
    let mut generate = signer("generate");
    generate.args(["--ci", "--write-keys"]).arg(path);
    finish(generate);
    std::fs::read_to_string(path.with_extension("pub")).expect("its public half").trim().to_owned()
}

fn signer(word: &str) -> Command {
    let mut signer = Command::new(root().join("node_modules/.bin/tauri"));
    signer.args(["signer", word]).env_remove("TAURI_SIGNING_PRIVATE_KEY").env("TAURI_SIGNING_PRIVATE_KEY_PASSWORD", "");
    signer
}

fn finish(mut signer: Command) {
    let done = signer.output().expect("npm's packages are installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
