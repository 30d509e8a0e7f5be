//! The C reference under its sanitizers, fed with anything.

use std::time::{Duration, Instant};

use fieldkey_simulators::{Device, Out};

use super::super::codec::encode;
use super::*;

/// So long it is tried; more seeds are for who has more time.
const BOX: Duration = Duration::from_secs(4);

/// A frame whose payload makes sense as far as chance lets it.
fn request(chance: &mut Chance) -> Vec<u8> {
    let kind = b"HLWRDCXKQE\x00"[chance.below(11) as usize];
    let names: [&[u8]; 5] = [b"\x01a", b"\x05a.new", b"\x04@csr", b"\x00", b"\xffabc"];
    let mut payload = vec![];
    for _ in 0..chance.below(4) {
        match chance.below(5) {
            0 => payload.extend_from_slice(names[chance.below(5) as usize]),
            1 => payload.extend_from_slice(&(chance.below(3) as u32).to_be_bytes()),
            2 => payload.push(chance.draw() as u8),
            3 => payload.extend(std::iter::repeat_n(chance.draw() as u8, chance.below(600) as usize)),
            _ => payload.extend_from_slice(b"11\x01\x00"),
        }
    }
    payload.truncate(1024);
    encode(kind, chance.draw() as u8, &payload).to_vec()
}

#[test]
fn no_bytes_break_the_c_reference() {
    let until = Instant::now() + BOX;
    let mut seed = 0;
    while Instant::now() < until {
        let mut chance = Chance::new(seed);
        let mut board = Board::new(Frames { sanitized: true, ..Frames::default() });
        let mut now = Duration::ZERO;
        let mut bytes = encode(b'H', 1, b"").to_vec();
        for _ in 0..40 {
            match chance.below(5) {
                0 => bytes.extend((0..chance.below(40)).map(|_| chance.draw() as u8)),
                1 => bytes.extend_from_slice(b"\xf5\xfa"),
                _ => bytes.extend(request(&mut chance)),
            }
            if chance.below(4) == 0 && !bytes.is_empty() {
                let at = chance.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << chance.below(8);
            }
            now += Duration::from_millis([1, 200, 31_000][chance.below(3) as usize]);
            let mut out = Out::new(now, now);
            for byte in bytes.drain(..) {
                now += Duration::from_micros(87);
                out = Out::new(now, now);
                // It panics when the process has ended.
                board.receive(byte, &mut out);
            }
            if chance.below(20) == 0 {
                board.reboot(&mut out);
            }
        }
        board.stored();
        seed += 1;
    }
    eprintln!("{seed} conversations of 40 turns");
}
