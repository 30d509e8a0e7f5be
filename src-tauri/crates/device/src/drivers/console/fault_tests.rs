//! Whatever happens on the line, nothing is said to be stored that is not.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fieldkey_core::{Code, Failure};
use fieldkey_simulators::{Chance, Faults};

use super::counterpart::{BASE64, Board, Disturbed, PRINTF, SHELLS, ZMODEM, line};
use crate::drivers::{Driver, Files};
use crate::layout::tests::bundle;
use crate::layout::{Content, Layout, sha256};
use crate::serial::Line;

const RUNS: u64 = 200;

/// As a transaction does it: a new file beside the old one, compared, and renamed.
fn replaced(console: &mut super::Console, line: &mut Line, content: &Content) -> Result<(), Failure> {
    console.greet(line)?;
    console.write(line, "new", &content.bytes)?;
    if console.sha256(line, "new")? != Some(sha256(&content.bytes)) {
        return Err(line.failure(Code::VerifyMismatch));
    }
    console.rename(line, "new", "key.pem")?;
    let listed = console.list(line)?;
    assert!(listed.iter().any(|listed| listed.name == "key.pem"), "what was renamed is there");
    Ok(())
}

/// Returns whether it was said to be stored.
fn run(seed: u64, content: &Content) -> bool {
    let shell = SHELLS[(seed % 3) as usize];
    let way = [ZMODEM, BASE64, PRINTF][(seed / 3 % 3) as usize];
    let board = Board::start(shell);
    fs::create_dir(board.keys()).expect("folder");
    fs::write(board.keys().join("key.pem"), "old").expect("file");
    let mut wire = Disturbed::new(board.wire());
    wire.faults = Faults::seeded(seed, 9_000).0.into();
    wire.stall = Duration::from_millis(100);
    // Every fifth with the kernel's log as well
    wire.log = seed.is_multiple_of(5).then(|| (Chance::new(seed), 400));
    // With time enough to try again where a way did not work: all ways, in turn
    let (mut line, mut console) = (line(wire), board.console(20, seed.is_multiple_of(2).then_some(way)));
    let begun = Instant::now();
    let said = replaced(&mut console, &mut line, content);
    console.leave(&mut line);
    assert!(begun.elapsed() < Duration::from_secs(30), "seed {seed}: it hangs");
    let there = fs::read(board.keys().join("key.pem")).expect("the old one or the new one");
    match &said {
        Ok(()) => assert!(there == *content.bytes, "seed {seed}: a false success"),
        Err(failure) => {
            assert!(there == b"old" || there == *content.bytes, "seed {seed}: {failure}: {}", there.len());
            let expected = [Code::TargetGone, Code::DeviceSilent, Code::DeviceRejected, Code::VerifyMismatch];
            assert!(expected.contains(&failure.code), "seed {seed}: {failure}");
        }
    }
    said.is_ok()
}

#[test]
fn no_fault_on_the_line_is_taken_for_success() {
    let contents = Layout::Drive.contents(&bundle()).expect("contents");
    let (next, stored) = (AtomicU64::new(0), Mutex::new(0));
    std::thread::scope(|scope| {
        // They wait most of the time.
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= RUNS {
                        break;
                    }
                    *stored.lock().expect("count") += u64::from(run(seed, &contents[1]));
                }
            });
        }
    });
    let stored = *stored.lock().expect("count");
    assert!(stored > RUNS / 4, "a byte that is lost or damaged is got over: {stored} of {RUNS}");
    assert!(stored < RUNS, "a line that is cut is not");
    eprintln!("{stored} of {RUNS} were stored in spite of it");
}
