//! When the device ends a session by itself.

use std::time::Duration;

use fieldkey_simulators::{Device, Out};

use super::super::codec::{encode, scan};
use super::*;

/// The types of all that the device says to a request that comes at this time.
fn said(board: &mut Board, seconds: u64, kind: u8, sequence: u8, payload: &[u8]) -> Vec<u8> {
    let (mut bytes, mut kinds) = (vec![], vec![]);
    for byte in encode(kind, sequence, payload).iter() {
        let now = Duration::from_secs(seconds);
        let mut out = Out::new(now, now);
        board.receive(*byte, &mut out);
        bytes.extend(out.bytes());
    }
    let mut rest = &bytes[..];
    while let (end, Some(frame)) = scan(rest) {
        kinds.push(frame.kind);
        rest = &rest[end..];
    }
    kinds
}

const LIST: u8 = 0x80 | b'L';
const READ: u8 = 0x80 | b'R';
const REFUSED: u8 = 0x80 | b'E';

#[test]
fn a_session_ends_after_half_a_minute_of_silence() {
    let mut board = Board::new(Frames::default());
    said(&mut board, 0, b'H', 1, &[]);
    assert_eq!(said(&mut board, 29, b'L', 2, &[0]), [LIST]);
    assert_eq!(said(&mut board, 58, b'L', 3, &[0]), [LIST], "each frame begins it anew");
    assert_eq!(said(&mut board, 89, b'L', 4, &[0]), [REFUSED]);
}

#[test]
fn a_session_outlasts_what_the_device_was_busy_with_but_not_for_ever() {
    let csr = b"\0\0\0\0\x04\0\x04@csr";
    // The key is made at 1 s and takes 40, so silence begins at 41 s. It named 120 s of patience by then.
    for (seconds, kind) in [(41, READ), (70, READ), (152, REFUSED)] {
        let mut board = Board::new(Frames { slow: true, ..Frames::default() }).keys_by(|_| b"\x30\x00".to_vec());
        said(&mut board, 0, b'H', 1, &[]);
        assert_eq!(said(&mut board, 1, b'K', 2, b"\0\x01\x04SN-1").last(), Some(&(0x80 | b'K')));
        assert_eq!(said(&mut board, seconds, b'R', 3, csr), [kind], "at {seconds} s");
        if kind == READ {
            assert_eq!(said(&mut board, seconds + 31, b'R', 4, csr), [REFUSED], "what it named is used up");
        }
    }
}
