use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Reboot, project};

/// MicroPython's WebAssembly build as a board. Ends with its owner.
pub(crate) struct Board {
    process: Child,
    control: PathBuf,
    /// It ends when nobody holds the other end of its line.
    _line: UnixStream,
    /// Its socket is in there.
    folder: tempfile::TempDir,
}

impl Board {
    /// A board that was just switched on, holding these files (by their whole paths), and its serial line.
    pub(crate) fn start(files: &BTreeMap<String, Vec<u8>>) -> (Self, UnixStream) {
        let folder = tempfile::tempdir().expect("folder");
        let control = folder.path().join("control");
        let (ours, theirs) = UnixStream::pair().expect("sockets");
        let [input, output] = [theirs.try_clone().expect("socket"), theirs].map(|end| Stdio::from(OwnedFd::from(end)));
        let mut node = Command::new("node");
        let process = node.arg(installed().join("board.mjs")).arg(&control).stdin(input).stdout(output).spawn();
        let kept = ours.try_clone().expect("socket");
        let board = Self { process: process.expect("node"), control, _line: kept, folder };
        let end = Instant::now() + Duration::from_secs(20);
        while UnixStream::connect(&board.control).is_err() {
            assert!(Instant::now() < end, "the board in {} does not start", board.folder.path().display());
            std::thread::sleep(Duration::from_millis(10));
        }
        board.start_with(files);
        (board, ours)
    }

    /// Off, and on again, with these files alone.
    pub(crate) fn start_with(&self, files: &BTreeMap<String, Vec<u8>>) {
        let files: BTreeMap<&String, String> = files.iter().map(|(path, bytes)| (path, hex::encode(bytes))).collect();
        ask(&self.control, &json!({ "start": files }));
    }

    /// What lies on it, by its own account.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let Value::Object(files) = ask(&self.control, &json!({ "files": true })) else { panic!("no files") };
        let bytes = |text: &Value| hex::decode(text.as_str().expect("text")).expect("hex");
        files.iter().map(|(path, text)| (path.clone(), bytes(text))).collect()
    }

    pub(crate) fn reboot(&self) -> Reboot {
        let control = self.control.clone();
        Box::new(move || drop(ask(&control, &json!({ "reboot": true }))))
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ask(control: &Path, question: &Value) -> Value {
    let mut socket = UnixStream::connect(control).expect("control");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("timeout");
    writeln!(socket, "{question}").expect("question");
    let mut answer = String::new();
    BufReader::new(socket).read_line(&mut answer).expect("answer");
    serde_json::from_str(&answer).expect("an answer in JSON")
}

/// The folder with the interpreter in it.
fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = project("tests/support/micropython");
        if !folder.join("node_modules/@micropython").exists() {
            let mut npm = Command::new("npm");
            npm.arg("--prefix").arg(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
            assert!(npm.status().expect("npm").success(), "npm ci in {}", folder.display());
        }
        folder
    })
}
