//! A release of Fieldkey as windows find it: a list, packages, and their signatures by a key of our own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::root;
use super::tls_front::TlsFront;

fn platform() -> String {
    format!("linux-{}", std::env::consts::ARCH)
}

/// Files on a server that speaks TLS. It ends with its owner.
pub(crate) struct Release {
    folder: TempDir,
    server: Child,
    port: u16,
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
        let port = port.parse().expect("a number");
        let front = TlsFront::before(port);
        std::fs::write(folder.path().join("ca.pem"), &front.ca).expect("writable");
        Self { folder, server, port, front, key }
    }

    /// What a release calls the image for this kind of computer.
    pub(crate) fn name(&self, version: &str) -> String {
        let processor = if cfg!(target_arch = "x86_64") { "amd64" } else { std::env::consts::ARCH };
        format!("Fieldkey_{version}_{processor}.AppImage")
    }

    pub(crate) fn list(&self) -> String {
        format!("{}/latest.json", self.front.url)
    }

    /// The authority that vouches for the server, as a file.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Puts a package there, and says that it is this version, as a release would.
    pub(crate) fn publish(&self, version: &str, package: &[u8]) {
        let name = self.name(version);
        self.put(&name, package);
        self.announce(version, &name, &self.sign(version, &name));
    }

    /// A file, without a word of it in the list.
    pub(crate) fn put(&self, name: &str, package: &[u8]) {
        std::fs::write(self.files().join(name), package).expect("writable");
    }

    /// The signature of a file that is there, as this version, by the release's own key.
    pub(crate) fn sign(&self, version: &str, name: &str) -> String {
        self.sign_with(version, name, &self.folder.path().join("key"))
    }

    /// By a key that nobody trusts.
    pub(crate) fn sign_as_another(&self, version: &str, name: &str) -> String {
        let key = self.folder.path().join("another");
        signing_key(&key);
        self.sign_with(version, name, &key)
    }

    fn sign_with(&self, version: &str, name: &str, key: &Path) -> String {
        let mut signer = signer("sign");
        signer.args(["--app-version", version]).arg(self.files().join(name));
        finish(signer.env("TAURI_SIGNING_PRIVATE_KEY_PATH", key));
        std::fs::read_to_string(self.files().join(format!("{name}.sig"))).expect("a signature").trim().to_owned()
    }

    /// This file is the version for this kind of computer.
    pub(crate) fn announce(&self, version: &str, name: &str, signature: &str) {
        self.announce_at(&format!("{}/{name}", self.front.url), version, signature);
    }

    pub(crate) fn announce_at(&self, url: &str, version: &str, signature: &str) {
        self.say(version, &json!({platform(): {"url": url, "signature": signature}}));
    }

    /// A version that is not for this kind of computer.
    pub(crate) fn announce_for_others(&self, version: &str) {
        self.say(version, &json!({"solaris-sparc": {"url": "https://localhost/x", "signature": "x"}}));
    }

    fn say(&self, version: &str, platforms: &Value) {
        let notes = "Added\n- Modems of a third maker";
        let list =
            json!({"version": version, "pub_date": "2026-12-01T09:00:00Z", "notes": notes, "platforms": platforms});
        std::fs::write(self.files().join("latest.json"), list.to_string()).expect("writable");
    }

    /// Nobody hands this version out any more.
    pub(crate) fn withdraw(&self, version: &str) {
        std::fs::remove_file(self.files().join(self.name(version))).expect("it was there");
    }

    /// The port of loopback where the server itself listens, without TLS.
    pub(crate) fn plain_url(&self, version: &str) -> String {
        format!("http://localhost:{}/{}", self.port, self.name(version))
    }

    /// How often the server was asked for a file whose name ends so.
    pub(crate) fn asked(&self, end: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join("log")).expect("readable");
        log.lines().filter(|line| line.contains("GET /") && line.contains(&format!("{end} HTTP"))).count()
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
    finish(generate.args(["--ci", "--write-keys"]).arg(path));
    std::fs::read_to_string(path.with_extension("pub")).expect("its public half").trim().to_owned()
}

fn signer(word: &str) -> Command {
    let mut signer = Command::new(root().join("node_modules/.bin/tauri"));
    signer.args(["signer", word]).env_remove("TAURI_SIGNING_PRIVATE_KEY").env("TAURI_SIGNING_PRIVATE_KEY_PASSWORD", "");
    signer
}

fn finish(signer: &mut Command) {
    let done = signer.output().expect("npm's packages are installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
