//! One request at a time, and its reply: sent again until it comes.

use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::codec::{ANSWER, BUSY, DAMAGED, REFUSED, Request, encode, scan};
use super::refusal::Refusal;
use crate::serial::Line;

/// How long each sending waits for its reply, beyond the time on the wire. In all it outlasts a board that starts again.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_millis(2400),
    Duration::from_millis(3200),
];

/// A device that says that it is busy is believed for so long.
const BUSIEST: Duration = Duration::from_secs(120);

/// A device that takes no more bytes for so long takes none at all.
const STUCK: Duration = Duration::from_secs(5);

pub(super) type Payload = Zeroizing<Vec<u8>>;

pub(super) struct Link {
    pub(super) sequence: u8,
    /// Of one byte, in both directions.
    byte_time: Duration,
}

impl Link {
    pub(super) fn new(baud: u32) -> Self {
        // Start, eight bits, stop.
        Self { sequence: 0, byte_time: Duration::from_secs(10) / baud.max(1) }
    }

    /// # Errors
    /// `device-silent` when no reply comes to any of several sendings.
    pub(super) fn exchange(
        &mut self,
        line: &mut Line,
        request: Request,
        payload: &[u8],
    ) -> Result<Result<Payload, Refusal>, Failure> {
        self.sequence = self.sequence.wrapping_add(1);
        let frame = encode(request as u8, self.sequence, payload);
        for patience in PATIENCE {
            line.send(&frame, STUCK + self.on_the_wire(frame.len()))?;
            // A log line or a long reply may be on its way before.
            let patience = patience + self.on_the_wire(frame.len() + 1024);
            if let Some(reply) = self.reply(line, request, patience)? {
                return Ok(reply);
            }
        }
        Err(line.silent(Why::new("it answers no more", "応答しなくなりました")))
    }

    /// Asks once, and waits for no device that would be slow: for finding out who is there.
    pub(super) fn answers(&mut self, line: &mut Line, request: Request) -> Result<bool, Failure> {
        self.sequence = self.sequence.wrapping_add(1);
        let frame = encode(request as u8, self.sequence, &[]);
        let [patience, ..] = PATIENCE;
        line.send(&frame, STUCK)?;
        Ok(self.reply(line, request, patience + self.on_the_wire(1024))?.is_some_and(|reply| reply.is_ok()))
    }

    /// Says farewell. Whether it is heard matters little: the device ends the session by itself, later.
    pub(super) fn bye(&mut self, line: &mut Line) {
        self.sequence = self.sequence.wrapping_add(1);
        let frame = encode(Request::Bye as u8, self.sequence, &[]);
        if line.send(&frame, Duration::from_secs(1)).is_ok() {
            drop(self.reply(line, Request::Bye, Duration::from_millis(300)));
        }
    }

    /// `None` when it is to be sent again.
    fn reply(
        &self,
        line: &mut Line,
        request: Request,
        patience: Duration,
    ) -> Result<Option<Result<Payload, Refusal>>, Failure> {
        let begin = line.now();
        let mut until = begin + patience;
        loop {
            let (passed, frame) = scan(line.seen());
            line.take(passed);
            let Some(frame) = frame else {
                if line.wait(until)? {
                    continue;
                }
                if line.seen().is_empty() {
                    return Ok(None);
                }
                // What looked like a frame was none, or lost its end. It may hide another.
                line.take(1);
                continue;
            };
            if frame.sequence != self.sequence {
                continue;
            }
            match frame.kind {
                REFUSED => return Ok(Some(Err(Refusal::parse(&frame.payload)))),
                DAMAGED => return Ok(None),
                BUSY => {
                    let more = frame.payload.first_chunk().map_or(0, |more| u16::from_be_bytes(*more));
                    until = until.max(line.now() + Duration::from_millis(more.into())).min(begin + BUSIEST);
                }
                kind if kind == ANSWER | request as u8 => return Ok(Some(Ok(frame.payload))),
                _ => {}
            }
        }
    }

    fn on_the_wire(&self, bytes: usize) -> Duration {
        self.byte_time * u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    /// A reply that is not as it must be.
    pub(super) fn nonsense(line: &Line) -> Failure {
        let why = Why::new("its reply cannot be read", "応答の内容を読み取れません");
        line.failure(Code::DeviceRejected).because_of(why)
    }
}
