//! What stays of a key in the device's memory.

use std::time::Duration;

use fieldkey_simulators::{Device, Out};

use super::super::codec::encode;
use super::*;

const OLD: &[u8] = b"-----BEGIN PRIVATE KEY-----old";
const NEW: &[u8] = b"-----BEGIN PRIVATE KEY-----new";

fn greeted() -> (Framed, Line, Shared) {
    let (mut line, board) = simulated(Frames { sanitized: true, ..Frames::default() }, Faults::none());
    let mut driver = Framed::new(115_200);
    driver.greet(&mut line).expect("greeted");
    (driver, line, board)
}

fn times_held(board: &Shared, bytes: &[u8]) -> u32 {
    board.lock().expect("board").device.times_held(bytes)
}

#[test]
fn a_key_that_another_of_its_name_replaces_is_gone() {
    let (mut driver, mut line, board) = greeted();
    driver.write(&mut line, PRIVATE_KEY, OLD).expect("written");
    assert_eq!(times_held(&board, OLD), 1, "stored, and nowhere else");
    driver.write(&mut line, PRIVATE_KEY, NEW).expect("written");
    assert_eq!((times_held(&board, OLD), times_held(&board, NEW)), (0, 1));
}

#[test]
fn what_was_read_is_gone_from_the_reply_with_the_next_one() {
    let (mut driver, mut line, board) = greeted();
    // Its end stands further behind than the next reply reaches.
    let (begin, end) = ("-".repeat(200), b"what is not a key");
    driver.write(&mut line, SETTINGS, &[begin.as_bytes(), end].concat()).expect("written");
    driver.read(&mut line, SETTINGS).expect("read").expect("there");
    driver.list(&mut line).expect("list");
    assert_eq!(times_held(&board, end), 1, "stored, and nowhere else");
}

#[test]
fn a_broken_frame_with_a_key_leaves_nothing_of_it() {
    let mut board = Board::new(Frames { sanitized: true, ..Frames::default() });
    let payload = [b"\0\0\0\0\0\0\0\x1e\x02\x01k", OLD].concat();
    let mut frame = encode(b'W', 1, &payload).to_vec();
    *frame.last_mut().expect("a byte") ^= 1;
    let mut now = Duration::ZERO;
    for byte in frame {
        now += Duration::from_micros(87);
        board.receive(byte, &mut Out::new(now, now));
    }
    assert_eq!(board.times_held(OLD), 0);
}

#[test]
fn an_object_that_is_being_written_survives_the_removal_of_another() {
    let mut board = Board::new(Frames { sanitized: true, ..Frames::default() });
    let requests: [(u8, &[u8]); 5] = [
        (b'H', b""),
        (b'W', b"\0\0\0\0\0\0\0\x01\0\x01ax"),
        (b'W', b"\0\0\0\0\0\0\0\x06\0\x01babc"),
        (b'X', b"\x01a"),
        (b'W', b"\0\0\0\x03def"),
    ];
    for (sequence, (kind, payload)) in (0..).zip(requests) {
        for byte in encode(kind, sequence, payload).iter() {
            board.receive(*byte, &mut Out::default());
        }
    }
    assert_eq!(board.stored(), BTreeMap::from([("b".to_owned(), b"abcdef".to_vec())]));
}
