//! Raw-paste mode: the board says how much it has room for, so that nothing is lost however fast it comes.

use std::time::Duration;

use fieldkey_core::{Failure, Why};

use super::garbled;
use super::raw_repl::until;
use crate::serial::Line;

const OFFER: &[u8] = b"\x05A\x01";

/// The board has read a window more.
const MORE: u8 = 1;
const END: u8 = 4;

/// Asks for raw-paste mode; false where there is none, and the raw REPL waits for a statement.
pub(super) fn offer(line: &mut Line, within: Duration) -> Result<bool, Failure> {
    line.send(OFFER, within)?;
    let silent = |line: &Line| line.silent(Why::new("it takes no statement", "命令を受け付けません"));
    let Some(head) = line.exactly(2, within)? else { return Err(silent(line)) };
    match head.as_slice() {
        b"R\x01" => Ok(true),
        // It knows of the mode, and has none. Some say that they are ready again, some do not.
        b"R\x00" => {
            line.hush(within / 32, within / 8)?;
            Ok(false)
        }
        // It took the three bytes for a new start.
        b"ra" => match line.until(b"w REPL; CTRL-B to exit\r\n>", within)? {
            Some(found) if found.is_empty() => Ok(false),
            _ => Err(garbled(line)),
        },
        _ => Err(garbled(line)),
    }
}

/// Sends a statement, never more of it than the board has room for.
pub(super) fn send(line: &mut Line, statement: &[u8], within: Duration) -> Result<(), Failure> {
    let Some(window) = line.exactly(2, within)? else { return Err(stuck(line)) };
    let window = window.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte));
    if window == 0 {
        return Err(garbled(line));
    }
    let mut room = window;
    let mut rest = statement;
    while !rest.is_empty() {
        for byte in line.take(line.seen().len()).iter() {
            match *byte {
                MORE => room += window,
                // It gave up, on bad syntax or for lack of memory. What it raised comes after our end.
                END => return line.send(&[END], within),
                _ => return Err(garbled(line)),
            }
        }
        let (now, later) = rest.split_at(room.min(rest.len()));
        if now.is_empty() {
            let wait = until(line, within);
            if !line.wait(wait)? {
                return Err(stuck(line));
            }
            continue;
        }
        line.send(now, within)?;
        room -= now.len();
        rest = later;
        // What came meanwhile.
        let now = line.now();
        line.wait(now)?;
    }
    line.send(&[END], within)?;
    match line.until(&[END], within)? {
        Some(found) if found.iter().all(|byte| *byte == MORE) => Ok(()),
        Some(_) => Err(garbled(line)),
        None => Err(stuck(line)),
    }
}

fn stuck(line: &Line) -> Failure {
    line.silent(Why::new("it stopped reading in the middle of a statement", "命令の途中で読み取りが止まりました"))
}
