//! What others have for the same work. Their time goes from their first byte on the wire to the last one.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fieldkey_simulators::{Terminal, Traffic};
use tempfile::TempDir;

use super::counterparts::Counterpart;
use super::{Measured, open, write};
use crate::drivers::console::counterpart::Board;
use crate::drivers::micropython::peers;
use crate::layout::Part;

pub(super) type Peer = Box<dyn Fn(&Counterpart) -> Measured>;

/// The claim's files in a folder, by names of their parts, and how long they are together.
fn files(counterpart: &Counterpart) -> (TempDir, Vec<PathBuf>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let contents = counterpart.contents();
    let paths: Vec<PathBuf> = contents
        .iter()
        .map(|content| {
            let name = match content.part {
                Part::Ca => "ca.pem",
                Part::Certificate => "cert.pem",
                Part::PrivateKey => "key.pem",
                Part::Settings => "settings.json",
            };
            let path = folder.path().join(name);
            std::fs::write(&path, &content.bytes).expect("a file");
            path
        })
        .collect();
    (folder, paths, contents.iter().map(|content| content.bytes.len()).sum())
}

fn measured(terminal: &Terminal, payload: usize, work: impl FnOnce()) -> Measured {
    let before: Traffic = terminal.traffic();
    work();
    Measured::new(terminal, &before, None, payload)
}

/// `first`: `exec` to start it anew as mpremote does, `resume` to leave it as it is.
pub(super) fn mpremote(first: &'static str) -> Peer {
    Box::new(move |counterpart| {
        let (_folder, paths, payload) = files(counterpart);
        let paths: Vec<&str> = paths.iter().map(|path| path.to_str().expect("text")).collect();
        let mut words = if first == "resume" { vec!["resume"] } else { vec![] };
        let places: Vec<String> = counterpart.contents().iter().map(|content| format!(":{}", content.name)).collect();
        for (path, place) in paths.into_iter().zip(&places) {
            words.extend(["fs", "cp", path, place, "+"]);
        }
        words.pop();
        // It does not take this board's word for a file that is not there, and leaves out those that are the same.
        let mut before = counterpart.contents();
        before.iter_mut().for_each(|content| content.bytes[30] ^= 1);
        let (mut line, mut driver) = (open(&counterpart.terminal), (counterpart.driver)());
        driver.greet(&mut line).expect("greeted");
        write(&mut *driver, &mut line, &before);
        driver.leave(&mut line);
        drop(line);
        measured(&counterpart.terminal, payload, || drop(peers::mpremote(&counterpart.terminal.path, &words)))
    })
}

/// The client of Nordic's modems and boards that nrfcloud-utils works with.
pub(super) fn nrfcredstore(job: &'static str) -> Peer {
    Box::new(move |counterpart| {
        let (folder, _, payload) = files(counterpart);
        let words = [job.as_ref(), counterpart.terminal.path.as_os_str(), folder.path().as_os_str(), "CRLF".as_ref()];
        let mut nordic = Command::new("timeout");
        nordic.args(["120", "python3"]).arg(peers::project("tests/support/nordic.py")).args(words);
        measured(&counterpart.terminal, payload, || {
            let output = nordic.output().expect("python3");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        })
    })
}

/// lrzsz's sender, to its own receiver.
pub(super) fn sz(counterpart: &Counterpart) -> Measured {
    let (_folder, paths, payload) = files(counterpart);
    let receiver = Board::start(&["rz", "-q", "-b", "-y"]);
    let terminal = Terminal::paced(receiver.end());
    let end = || Stdio::from(File::options().read(true).write(true).open(&terminal.path).expect("the terminal"));
    let mut sender = Command::new("timeout");
    sender.args(["60", "sz", "-q", "-b"]).args(&paths).stdin(end()).stdout(end()).stderr(Stdio::null());
    measured(&terminal, payload, || {
        assert!(sender.status().expect("sz").success(), "sz");
        for path in &paths {
            let there = receiver.home.path().join(path.file_name().expect("a name"));
            assert!(std::fs::read(there).expect("a file") == std::fs::read(path).expect("a file"));
        }
    })
}
