//! The driver against the C reference.

mod faults;
mod fuzz;
mod keys;
mod refusals;
mod remains;
mod sessions;
mod vectors;
mod wire;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use fieldkey_core::{Bundle, Failure};
use fieldkey_simulators::{Chance, Faults, Framed as Board, Frames, Simulated};
use zeroize::Zeroizing;

use super::Framed;
use crate::drivers::{Driver, Files};
use crate::layout::tests::{bundle, identity};
use crate::layout::{CA, CERTIFICATE, Content, Layout, PRIVATE_KEY, Part, SETTINGS};
use crate::serial::{Line, SimulatedWire};

type Shared = Arc<Mutex<Simulated<Board>>>;

fn simulated(frames: Frames, faults: Faults) -> (Line, Shared) {
    shared(Simulated::new(Board::new(frames), faults))
}

fn shared(simulated: Simulated<Board>) -> (Line, Shared) {
    let board = Arc::new(Mutex::new(simulated));
    let wire = SimulatedWire(Arc::clone(&board));
    (Line::new(Box::new(wire), "serial:/dev/ttyACM0", Arc::new(AtomicBool::new(false))), board)
}

fn stored(board: &Shared) -> BTreeMap<String, Vec<u8>> {
    fieldkey_simulators::Device::stored(&board.lock().expect("board").device)
}

fn as_map(contents: &[Content]) -> BTreeMap<String, Vec<u8>> {
    contents.iter().map(|content| (content.name.to_string(), content.bytes.to_vec())).collect()
}

/// A claim as large as AWS IoT's are.
fn claim(seed: u64) -> Vec<Content> {
    let mut chance = Chance::new(seed);
    let mut content = |part, name: &'static str, label: &str, size: usize| {
        let mut text = format!("-----BEGIN {label}-----\n");
        let end = format!("\n-----END {label}-----\n");
        while text.len() + end.len() < size {
            text.push(if text.len() % 65 == 0 { '\n' } else { char::from(b'a' + chance.below(26) as u8) });
        }
        Content { part, name: name.into(), bytes: Zeroizing::new((text + &end).into_bytes()) }
    };
    vec![
        content(Part::Certificate, CERTIFICATE, "CERTIFICATE", 1220),
        content(Part::PrivateKey, PRIVATE_KEY, "RSA PRIVATE KEY", 1679),
        content(Part::Ca, CA, "CERTIFICATE", 1188),
        content(Part::Settings, SETTINGS, "", 760),
    ]
}

/// One whole visit: everything is written beside what is there, proved, and put into force.
fn put(line: &mut Line, contents: &[Content]) -> Result<(), Failure> {
    let mut driver = Framed::new(115_200);
    let done = driver.greet(line).and_then(|_| put_greeted(&mut driver, line, contents));
    driver.leave(line);
    done
}

fn put_greeted(driver: &mut Framed, line: &mut Line, contents: &[Content]) -> Result<(), Failure> {
    driver.list(line)?;
    let beside: Vec<String> = contents.iter().map(|content| format!("{}.new", content.name)).collect();
    for (name, content) in beside.iter().zip(contents) {
        driver.write(line, name, &content.bytes)?;
        assert_eq!(driver.sha256(line, name)?, Some(content.sha256()), "{name}");
    }
    let moves: Vec<(&str, &str)> =
        beside.iter().zip(contents).map(|(name, content)| (&**name, &*content.name)).collect();
    driver.rename_all(line, &moves)?;
    driver.sync(line)?;
    for content in contents {
        assert_eq!(driver.sha256(line, &content.name)?, Some(content.sha256()), "{} after all", content.name);
    }
    Ok(())
}

#[test]
fn a_claim_and_an_identity_are_there_by_the_device_s_own_account() {
    for bundle in [bundle(), Bundle::Identity(identity(1))] {
        let contents = Layout::Drive.contents(&bundle).expect("contents");
        let frames = Frames { sanitized: true, ..Frames::default() };
        let (mut line, board) = simulated(frames, Faults::none());
        put(&mut line, &contents).expect("written");
        assert_eq!(stored(&board), as_map(&contents));
    }
}

#[test]
fn small_frames_and_log_lines_change_nothing() {
    for seed in 0..20 {
        let frames = Frames { payload: if seed % 2 == 0 { 256 } else { 1024 }, logs: Some(seed), ..Frames::default() };
        let (mut line, board) = simulated(frames, Faults::none());
        for contents in [claim(seed), claim(seed + 100)] {
            put(&mut line, &contents).unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
            assert_eq!(stored(&board), as_map(&contents), "seed {seed}");
        }
    }
}

#[test]
fn what_is_listed_read_and_removed_is_what_was_written() {
    let (mut line, board) = simulated(Frames::default(), Faults::none());
    let contents = claim(1);
    put(&mut line, &contents).expect("written");
    let mut driver = Framed::new(115_200);
    let text = driver.greet(&mut line).expect("greeted");
    assert_eq!(text.as_deref(), Some("Example host process 1.0.0 (SN EX-1)"));
    let names: BTreeMap<String, u64> = driver
        .list(&mut line)
        .expect("list")
        .into_iter()
        .map(|listed| (listed.name, listed.bytes.expect("size")))
        .collect();
    let sizes = contents.iter().map(|content| (content.name.to_string(), content.bytes.len() as u64)).collect();
    assert_eq!(names, sizes);
    assert_eq!(driver.room(&mut line).expect("room"), Some(12 * 4096));
    let read = driver.read(&mut line, CERTIFICATE).expect("read").expect("there");
    assert!(read == contents[0].bytes, "1220 bytes come in several replies");
    assert_eq!(driver.read(&mut line, "other.pem"), Ok(None));
    for _ in 0..2 {
        driver.remove(&mut line, CERTIFICATE).expect("removed, or gone already");
    }
    assert!(!stored(&board).contains_key(CERTIFICATE));
    assert_eq!(driver.cautions(), [], "it keeps all, and keys to itself");
}
