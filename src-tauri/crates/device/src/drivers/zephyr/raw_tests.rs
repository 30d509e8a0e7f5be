//! A board that loses raw bytes, since its system logs while they come.

use std::collections::BTreeMap;

use fieldkey_simulators::zephyr::{Options, Zephyr as Board};
use fieldkey_simulators::{Device, Out};

use super::tests::{driver, quiet};
use super::*;
use crate::drivers::bench::{Bench, bench, contents, identity, line, slots, write};

const LOAD: &[u8] = b"cred buf load\r";

struct Logging {
    board: Board,
    typed: Vec<u8>,
    /// Raw bytes so far, while they come.
    raw: Option<usize>,
    loads: usize,
}

impl Device for Logging {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        if let Some(count) = &mut self.raw {
            *count += 1;
            if byte == 0x03 {
                self.raw = None;
            } else if *count % 100 == 0 {
                return;
            }
        } else {
            self.typed.push(byte);
            if self.typed.ends_with(LOAD) {
                self.raw = Some(0);
                self.loads += 1;
            }
        }
        self.board.receive(byte, out);
    }

    fn reboot(&mut self, out: &mut Out) {
        self.board.reboot(out);
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.board.stored()
    }
}

fn logging(credential: usize) -> Bench<Logging> {
    let board = Board::new(1, Options { load: true, credential, ..quiet() });
    bench(Logging { board, typed: vec![], raw: None, loads: 0 })
}

#[test]
fn where_raw_bytes_are_lost_they_come_in_pieces() {
    for settings in [&[][..], &[("format", "bint")]] {
        let bench = logging(4096);
        let (mut line, mut driver) = (line(&bench), driver(settings));
        driver.greet(&mut line).expect("a board");
        write(&mut driver, &mut line, &contents(&identity(1))).expect("written");
        let bench = bench.lock().expect("bench");
        assert_eq!(bench.device.stored().len(), 3, "{settings:?}");
        assert_eq!(bench.device.loads, 4, "asked for, tried three times, and never again: {settings:?}");
    }
}

#[test]
fn who_asks_for_raw_bytes_alone_gets_no_pieces() {
    let bench = logging(4096);
    let (mut line, mut driver) = (line(&bench), driver(&[("format", "strt")]));
    driver.greet(&mut line).expect("a board");
    let failure = write(&mut driver, &mut line, &contents(&identity(1))).expect_err("bytes are lost");
    assert_eq!((failure.code, failure.reason.as_str()), (Code::DeviceRejected, "the line loses bytes"));
}

#[test]
fn the_room_is_that_for_the_format_that_comes_through() {
    let contents = contents(&identity(1));
    let sizes: Vec<_> = contents.iter().map(|content| (content.part, content.bytes.len())).collect();
    let largest = sizes.iter().map(|(_, size)| *size).max().expect("three");
    for (credential, fits) in [(largest + 1, false), (largest * 3 / 2, true)] {
        let bench = logging(credential);
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a board");
        let room = slots(&mut driver).room(&mut line, &sizes).map_err(|failure| failure.code);
        assert_eq!(room, if fits { Ok(()) } else { Err(Code::TargetFull) }, "{credential} bytes");
    }
}
