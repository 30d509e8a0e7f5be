//! How fast a console takes a file.

use std::fs;
use std::time::Instant;

use fieldkey_simulators::{Chance, Terminal};

use super::counterpart::{Board, SHELLS, ZMODEM};
use crate::drivers::speed::{Measured, open};
use crate::drivers::{Driver, Files};

/// As random as it gets in a PEM file.
fn payload(bytes: usize) -> Vec<u8> {
    let mut chance = Chance::new(7);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..bytes).map(|at| if at % 65 == 64 { b'\n' } else { letters[chance.below(64) as usize] }).collect()
}

fn sent(bytes: &[u8]) -> Measured {
    let board = Board::start(SHELLS[0]);
    let terminal = Terminal::paced(board.end());
    let (mut line, mut console) = (open(&terminal), board.console(1, Some(ZMODEM)));
    console.greet(&mut line).expect("greets");
    console.list(&mut line).expect("lists");
    let (begun, before) = (Instant::now(), terminal.traffic());
    console.write(&mut line, "payload", bytes).expect("writes");
    let measured = Measured::new(&terminal, &before, Some(begun), bytes.len());
    console.leave(&mut line);
    assert!(fs::read(board.keys().join("payload")).expect("file") == bytes);
    measured
}

#[test]
fn a_file_takes_hardly_longer_than_its_bytes_take_on_the_wire() {
    let bytes = payload(24 * 1024);
    // Others use this machine, too: the best of some.
    let measured: Vec<Measured> = (0..3).map(|_| sent(&bytes)).collect();
    let most = measured.iter().map(Measured::ratio).max_by(f64::total_cmp).expect("some");
    assert!(most <= 1.15, "{most} bytes on the wire for each that is stored");
    let best = measured.iter().map(Measured::slower).min_by(f64::total_cmp).expect("some");
    assert!(best <= 1.2, "{best} times as long as its bytes take on the wire");
}
