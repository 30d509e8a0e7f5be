//! A process that stands for one of AWS IoT's endpoints, and is told things in lines of JSON.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

use super::cloud::cloud;
use super::{support, temporary};

pub(crate) struct Double {
    process: Child,
    /// Its input and output; nothing once it was told to end.
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    /// What it said when it was ready.
    pub(crate) ready: Value,
}

impl Double {
    pub(crate) fn start(script: &str, words: &[&str]) -> Self {
        let mut process = Command::new(support(script))
            .arg("--state")
            .arg(cloud().state())
            .args(words)
            .env("TMPDIR", temporary::root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let input = process.stdin.take().expect("piped");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let ready = read(&mut output);
        Self { process, pipes: Mutex::new(Some((input, output))), ready }
    }

    /// Gives it a command and returns its answer: from then on it holds.
    pub(crate) fn tell(&self, command: &Value) -> Value {
        let mut pipes = self.pipes.lock().expect("no panic");
        let (input, output) = pipes.as_mut().expect("running");
        writeln!(input, "{command}").expect("it listens");
        let answer = read(output);
        assert!(answer["error"].is_null(), "{command}: {answer}");
        answer
    }

    /// What clients did so far, in order.
    pub(crate) fn seen(&self) -> Vec<Value> {
        let answer = self.tell(&serde_json::json!({"do": "seen"}));
        answer["seen"].as_array().expect("a list").clone()
    }

    pub(crate) fn port(&self, name: &str) -> u16 {
        u16::try_from(self.ready[name].as_u64().expect("a port")).expect("a port")
    }

    /// The authority that vouches for it, as PEM.
    pub(crate) fn ca(&self) -> String {
        std::fs::read_to_string(self.ready["ca"].as_str().expect("a path")).expect("readable")
    }
}

fn read(output: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("UTF-8");
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("the double ended, or said: {line}"))
}

impl Drop for Double {
    fn drop(&mut self) {
        // It ends when its input does, and takes its broker and its files with it.
        if let Ok(pipes) = self.pipes.get_mut() {
            *pipes = None;
        }
        let _ = self.process.wait();
    }
}
