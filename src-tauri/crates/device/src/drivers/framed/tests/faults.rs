//! Lines that fail.

use std::time::Duration;

use fieldkey_core::Code;
use fieldkey_simulators::Fault;

use super::*;

/// Bytes of a visit without faults: greeting, four objects, and all after it.
const VISIT: u64 = 6000;

/// A device that holds an old claim whole, and what happens after that.
fn with_old(faults: Faults, logs: Option<u64>) -> (Line, Shared) {
    let (mut line, board) = simulated(Frames { logs, ..Frames::default() }, Faults::none());
    put(&mut line, &claim(1)).expect("the old one");
    board.lock().expect("board").fail(&faults);
    (line, board)
}

fn traffic(board: &Shared) -> u64 {
    board.lock().expect("board").traffic().iter().sum()
}

/// By their final names.
fn in_force(board: &Shared) -> BTreeMap<String, Vec<u8>> {
    stored(board).into_iter().filter(|(name, _)| !name.ends_with(".new")).collect()
}

#[test]
fn two_hundred_faults_end_verified_or_named_and_leave_the_old_or_the_new() {
    let (old, new) = (as_map(&claim(1)), as_map(&claim(2)));
    let mut verified = 0;
    for seed in 0..200 {
        let faults = Faults::seeded(seed, VISIT);
        let (mut line, board) = with_old(faults.clone(), (seed % 2 == 0).then_some(seed));
        let begin = line.now();
        let done = put(&mut line, &claim(2));
        let took = line.now() - begin;
        assert!(took < Duration::from_secs(60), "seed {seed}: {faults:?} took {took:?}");
        let there = in_force(&board);
        match &done {
            Ok(()) => {
                assert_eq!(there, new, "seed {seed}: {faults:?} was said to be verified");
                verified += 1;
            }
            Err(failure) => {
                let named = [Code::DeviceSilent, Code::TargetGone].contains(&failure.code);
                assert!(named, "seed {seed}: {faults:?}: {failure}");
                assert!(there == old || there == new, "seed {seed}: {faults:?} left a mixture");
            }
        }
        // What ends a conversation for good is past mending; everything else must be mended.
        let mendable = faults.0.iter().all(|(_, fault)| !matches!(fault, Fault::Cut | Fault::Gone));
        assert!(done.is_ok() || !mendable, "seed {seed}: {faults:?}: {done:?}");
    }
    eprintln!("{verified} of 200 verified, the others named");
}

#[test]
fn a_device_that_starts_again_during_the_commit_has_the_old_or_the_new_and_ends_with_the_new() {
    let new = as_map(&claim(2));
    let (mut line, board) = with_old(Faults::none(), None);
    let begin = traffic(&board);
    put(&mut line, &claim(2)).expect("without faults");
    let end = traffic(&board) - begin;
    for at in (end - 600..end).step_by(9) {
        let (mut line, board) = with_old(Faults(vec![(at, Fault::Reboot)]), None);
        put(&mut line, &claim(2)).unwrap_or_else(|failure| panic!("byte {at}: {failure}"));
        assert_eq!(in_force(&board), new, "byte {at}");
    }
}

#[test]
fn a_lost_reply_does_nothing_twice() {
    let contents = claim(1);
    let (mut line, board) = simulated(Frames::default(), Faults::none());
    put(&mut line, &contents).expect("without faults");
    let whole = traffic(&board);
    for at in (0..whole).step_by(97) {
        let (mut line, board) = simulated(Frames::default(), Faults(vec![(at, Fault::Drop)]));
        put(&mut line, &contents).unwrap_or_else(|failure| panic!("byte {at}: {failure}"));
        assert_eq!(stored(&board), as_map(&contents), "byte {at}");
        let bytes = traffic(&board);
        assert!(bytes <= whole + 2 * 1035 + 64, "byte {at}: one frame was sent again, not {}", bytes - whole);
    }
}

#[test]
fn a_cut_of_the_power_in_the_middle_of_programming_leaves_the_old_or_the_new() {
    let (old, new) = (as_map(&claim(1)), as_map(&claim(2)));
    // Four objects and the commit, each with two moments.
    for moment in 1..=10 {
        let (mut line, board) = with_old(Faults::none(), None);
        board.lock().expect("board").device.cut_power_at(moment);
        put(&mut line, &claim(2)).unwrap_or_else(|failure| panic!("moment {moment}: {failure}"));
        let after = board.lock().expect("board").device.after_cuts.clone();
        assert_eq!(after.len(), 1, "moment {moment}: the power was cut");
        let there: BTreeMap<_, _> = after[0].clone().into_iter().filter(|(name, _)| !name.ends_with(".new")).collect();
        assert_eq!(there, old, "moment {moment}: until the last word stands, the old one is in force");
        assert_eq!(stored(&board), new, "moment {moment}: and the host brings it to its end");
    }
}
