//! Two hundred conversations with the interpreter in which the line fails.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fieldkey_core::Bundle;
use fieldkey_core::ports::Kind;
use fieldkey_simulators::{Fault, Faults};

use super::patience::Patience;
use super::peers::{Board, Cable, target};
use crate::layout::Layout;
use crate::layout::real::real_identity;
use crate::serial::fault_runs::{holds, put};

const RUNS: u64 = 200;

/// Boards at work side by side.
const BOARDS: usize = 4;

const IMPATIENT: Patience = Patience {
    entering: Duration::from_millis(500),
    answer: Duration::from_millis(200),
    running: Duration::from_millis(250),
};

/// With this patience. A board that is really gone is asked a few times before it is given up.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn whatever_fails_on_the_line_it_is_verified_or_a_named_failure_and_the_old_identity_stays() {
    let next = AtomicU64::new(0);
    let tally = Mutex::new(BTreeMap::<String, u32>::new());
    std::thread::scope(|scope| {
        for _ in 0..BOARDS {
            scope.spawn(|| {
                let (board, line) = Board::start(&BTreeMap::new());
                let cable = Cable::new(line, Some(board.reboot()));
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= RUNS {
                        return;
                    }
                    let ended = run(&runtime, seed, &board, &cable);
                    *tally.lock().expect("tally").entry(ended).or_default() += 1;
                }
            });
        }
    });
    let tally = tally.into_inner().expect("tally");
    eprintln!("{tally:?}");
    assert_eq!(tally.values().sum::<u32>(), u32::try_from(RUNS).expect("few"));
    assert!(tally.keys().filter(|ended| ended.starts_with("failed")).count() >= 3, "the faults were felt: {tally:?}");
}

fn run(runtime: &tokio::runtime::Runtime, seed: u64, board: &Board, cable: &std::sync::Arc<Mutex<Cable>>) -> String {
    let (old, new) = (Bundle::Identity(real_identity(1)), Bundle::Identity(real_identity(2)));
    let before: BTreeMap<String, Vec<u8>> = Layout::Drive
        .contents(&old)
        .expect("contents")
        .into_iter()
        .map(|content| (format!("/{}", content.name), content.bytes.to_vec()))
        .collect();
    board.start_with(&before);
    cable.lock().expect("cable").mend();
    // About what passes in an undisturbed run.
    let faults = Faults::seeded(seed, 11_000);
    cable.lock().expect("cable").fail(&faults);
    let begun = Instant::now();
    let outcome = runtime.block_on(put(&target(cable, "", IMPATIENT), &new, Kind::Identity, true));
    assert!(begun.elapsed() < LIMIT, "seed {seed}: {:?} after {faults:?}", begun.elapsed());
    let now = board.files();
    let failure = match outcome {
        Ok(()) => {
            assert!(holds(&now, &new), "seed {seed}: said to be there, and is not, after {faults:?}");
            return "verified".into();
        }
        Err(failure) => failure,
    };
    if holds(&now, &new) {
        return format!("failed at the end: {}", failure.code);
    }
    if now == before {
        return format!("failed, old intact: {}", failure.code);
    }
    // Temporary files may lie there where the line broke: the next check sweeps them.
    let kept = before.iter().all(|(path, bytes)| now.get(path) == Some(bytes));
    let broken = faults.0.iter().any(|(_, fault)| matches!(fault, Fault::Cut | Fault::Gone));
    assert!(
        kept || broken || failure.reason.contains("; "),
        "seed {seed}: {failure}, after {faults:?}, {:?}",
        now.keys()
    );
    format!("failed, {}: {}", if kept { "old there, leftovers" } else { "in between" }, failure.code)
}
