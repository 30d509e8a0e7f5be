//! The reader of a board's answers, given whatever a line may bring.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;

use super::patience::Patience;
use super::{MicroPython, refusal, routines};
use crate::drivers::{Driver, Store};
use crate::serial::{Line, Settings, Wire};

/// Says what it was given to say, piece by piece, whatever it is told. Its time is its own.
struct Tape {
    now: Instant,
    pieces: VecDeque<Vec<u8>>,
}

impl Wire for Tape {
    fn now(&self) -> Instant {
        self.now
    }

    fn send(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        match self.pieces.pop_front() {
            Some(piece) if !piece.is_empty() => {
                buffer[..piece.len()].copy_from_slice(&piece);
                Ok(piece.len())
            }
            _ => {
                self.now = self.now.max(until);
                Ok(0)
            }
        }
    }
}

fn line(pieces: Vec<Vec<u8>>) -> Line {
    let tape = Tape { now: Instant::now(), pieces: pieces.into() };
    Line::new(Box::new(tape), "serial:tape", Arc::new(AtomicBool::new(false)))
}

fn driver() -> MicroPython {
    let patience = Patience { entering: Duration::from_secs(3), ..Patience::default() };
    MicroPython::with_patience(&mut Settings::default(), patience).expect("no settings")
}

/// Words of the protocol, and anything.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let probe = "micropython\n(1, 27, 0)\n\n100000\nstat rename sha256";
    let answer = format!("\x04{} {}\r\n\x04\x04>", probe.replace('\n', "\r\n"), routines::check(probe.as_bytes(), 1));
    prop_oneof![
        Just(b"raw REPL; CTRL-B to exit\r\n>".to_vec()),
        Just(b"R\x01\x80\x00\x01".to_vec()),
        Just(b"R\x00".to_vec()),
        Just(vec![1]),
        Just(vec![4]),
        Just(b"OK".to_vec()),
        Just(answer.into_bytes()),
        Just(b"\x04\x04Traceback\r\nOSError: 28\r\n\x04>".to_vec()),
        Just(vec![]),
        vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_the_reader_fall_or_wait_for_ever(pieces in vec(piece(), 0..60)) {
        let (mut line, mut driver) = (line(pieces), driver());
        let begun = line.now();
        let _ = driver.greet(&mut line);
        let Store::Files(files) = driver.store() else { panic!("files") };
        let _ = files.list(&mut line);
        let _ = files.read(&mut line, "name");
        // Nothing here knows the checks of the statements that were sent.
        prop_assert!(files.write(&mut line, "name", b"bytes").is_err());
        driver.leave(&mut line);
        prop_assert!(line.now() - begun < Duration::from_secs(400));
    }

    #[test]
    fn what_python_raises_is_passed_on_without_what_was_sent(raised in vec(any::<u8>(), 0..200)) {
        let line = line(vec![]);
        let _ = refusal::failure(&line, &raised, None);
        let name = format!("NameError: name '{}' isn't defined", hex::encode(&raised));
        let failure = refusal::failure(&line, name.as_bytes(), None);
        prop_assert!(!failure.reason.contains("defined"), "it may be a piece of a key: {}", failure.reason);
    }

    #[test]
    fn one_damaged_byte_never_passes_the_check(words in "[ -~]{1,80}", place in any::<prop::sample::Index>(), bit in 0..7_u32) {
        let mut damaged = words.clone().into_bytes();
        let place = place.index(damaged.len());
        damaged[place] ^= 1 << bit;
        prop_assert_ne!(routines::check(words.as_bytes(), 1), routines::check(&damaged, 1));
    }
}

#[test]
fn tracebacks_become_codes() {
    use fieldkey_core::Code;
    let line = line(vec![]);
    let cases = [
        (
            "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1\r\nOSError: [Errno 28] ENOSPC\r\n",
            Code::TargetFull,
        ),
        ("OSError: 28\r\n", Code::TargetFull),
        ("OSError: no more storage space", Code::TargetFull),
        ("OSError: [Errno 30] Read-only filesystem", Code::TargetReadOnly),
        ("OSError: [Errno 19] ENODEV", Code::TargetRefused),
        ("OSError: [Errno 13] EACCES", Code::TargetPermission),
        ("OSError: [Errno 5] EIO", Code::TargetRefused),
        ("MemoryError: memory allocation failed, allocating 2048 bytes", Code::DeviceRejected),
        ("SyntaxError: invalid syntax", Code::DeviceRejected),
        ("", Code::DeviceRejected),
    ];
    for (raised, code) in cases {
        assert_eq!(refusal::failure(&line, raised.as_bytes(), None).code, code, "{raised}");
    }
}
