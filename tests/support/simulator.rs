//! Simulated devices, each a program of its own behind a pty.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde::Deserialize;

use super::command::binary;

/// A device that is there until this is dropped.
pub(crate) struct Simulator {
    child: Child,
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    pub(crate) port: PathBuf,
}

/// One thing that the device holds, by its own account.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Held {
    /// Of the text without its carriage returns and without a closing NUL: how PEM is kept is the device's affair.
    pub(crate) plain: String,
    pub(crate) bytes: u64,
}

impl Simulator {
    /// `simulate WORDS…`, which `cargo test` built beside this test.
    pub(crate) fn start(words: &[&str]) -> Self {
        let program = binary().with_file_name(format!("simulate{}", std::env::consts::EXE_SUFFIX));
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cargo test built it");
        let (asked, answers) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut answers = BufReader::new(answers);
        let mut port = String::new();
        answers.read_line(&mut port).expect("its port");
        Self { child, talk: Mutex::new((asked, answers)), port: port.trim().into() }
    }

    pub(crate) fn target(&self) -> String {
        format!("serial:{}", self.port.display())
    }

    pub(crate) fn stored(&self) -> BTreeMap<String, Held> {
        let (asked, answers) = &mut *self.talk.lock().expect("one at a time");
        writeln!(asked, "stored").expect("it listens");
        let mut line = String::new();
        answers.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
