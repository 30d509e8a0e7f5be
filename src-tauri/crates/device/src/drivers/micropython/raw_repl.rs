//! MicroPython's raw REPL: statements in, what they print and raise out.
//!
//! Bytes: `docs/reference/repl.rst` and `shared/runtime/pyexec.c` of MicroPython 1.27.

use std::time::{Duration, Instant};

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::patience::Patience;
use super::{garbled, paste};
use crate::serial::Line;

const RAW: &[u8] = b"\x01";
const FRIENDLY: &[u8] = b"\x02";
const END: &[u8] = b"\x04";
const BANNER: &[u8] = b"raw REPL; CTRL-B to exit";

/// An idle board has said by then all that it has to say to a Ctrl-C.
const SHORTLY: Duration = Duration::from_millis(100);

/// A board that has said nothing for so long has said all.
const QUIET: Duration = Duration::from_millis(30);

/// A board without raw paste has at least so much room for what it has not read yet. Bytes.
pub(super) const UNREAD: usize = 60;

/// More than that goes out in pieces, with pauses in which the board reads.
const PIECE: usize = 32;
const PAUSE: Duration = Duration::from_millis(10);

/// What came of a statement. It may be a private key, or an echo of one.
pub(super) struct Answer {
    pub(super) printed: Zeroizing<Vec<u8>>,
    /// A traceback; empty if nothing was raised.
    pub(super) raised: Zeroizing<Vec<u8>>,
}

pub(super) struct RawRepl {
    patience: Patience,
    state: State,
    /// Whether the board has raw-paste mode, once it was tried.
    pastes: Option<bool>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    Unknown,
    /// It waits for a statement.
    Ready,
    /// It was reached once; where it is now, nobody knows.
    Lost,
}

impl RawRepl {
    pub(super) fn new(patience: Patience) -> Self {
        Self { patience, state: State::Unknown, pastes: None }
    }

    pub(super) fn works(&self) -> bool {
        self.state == State::Ready
    }

    pub(super) fn entered(&self) -> bool {
        self.state != State::Unknown
    }

    /// False only for boards that were found to have no raw-paste mode.
    pub(super) fn pastes(&self) -> bool {
        self.pastes != Some(false)
    }

    /// Interrupts whatever runs and enters the raw REPL, from whatever state the board was left in.
    ///
    /// # Errors
    /// `device-silent`; `device-rejected` if it says something else all the time.
    pub(super) fn enter(&mut self, line: &mut Line) -> Result<(), Failure> {
        if self.state == State::Ready {
            self.state = State::Lost;
        }
        let end = line.now() + self.patience.entering;
        let early = line.now() + self.patience.entering / 3;
        let mut spoke = false;
        for attempt in 0_u32.. {
            line.discard();
            // Not Enter at first: it would run what somebody typed and left standing.
            line.send(if attempt == 0 { b"\x03\x03" } else { b"\r\x03\x03" }, self.patience.answer)?;
            spoke |= line.wait((line.now() + SHORTLY).min(end))?;
            // An old banner must not be taken for the answer to what is sent now.
            line.hush(QUIET, 3 * SHORTLY)?;
            line.send(RAW, self.patience.answer)?;
            let wait = (self.patience.answer / 8).min(end.saturating_duration_since(line.now()));
            if line.until(BANNER, wait)?.is_some() && line.until(b">", wait)?.is_some() {
                // The answers to earlier attempts may still be under way.
                if attempt > 0 || !line.seen().is_empty() {
                    line.hush(SHORTLY, 3 * SHORTLY)?;
                }
                self.state = State::Ready;
                return Ok(());
            }
            spoke |= !line.seen().is_empty();
            // A board that starts says so.
            let given_up = if spoke { end } else { early };
            if line.now() >= given_up {
                break;
            }
        }
        if spoke {
            let why = Why::new(
                "no MicroPython answers, or its program cannot be interrupted",
                "MicroPython の応答がないか、実行中のプログラムを中断できません",
            );
            return Err(line.failure(Code::DeviceRejected).because_of(why));
        }
        Err(line.silent(Why::new("nothing answers Ctrl-C", "Ctrl-C に応答がありません")))
    }

    /// Starts the interpreter again, without the board's program.
    pub(super) fn reset(&mut self, line: &mut Line) -> Result<(), Failure> {
        line.send(END, self.patience.answer)?;
        let started = line.until(BANNER, self.patience.entering)?;
        if started.is_some() && line.until(b">", self.patience.answer)?.is_some() {
            return Ok(());
        }
        self.enter(line)
    }

    /// Has a statement run to its end.
    ///
    /// # Errors
    /// `device-silent`, `device-rejected`; after them the board has to be entered anew.
    pub(super) fn run(&mut self, line: &mut Line, statement: &[u8]) -> Result<Answer, Failure> {
        if self.state != State::Ready {
            return Err(garbled(line));
        }
        self.state = State::Lost;
        line.discard();
        if self.pastes() {
            self.pastes = Some(paste::offer(line, self.patience.answer)?);
        }
        if self.pastes() {
            paste::send(line, statement, self.patience.answer)?;
        } else {
            self.send_unpasted(line, statement)?;
        }
        let answer = self.answer(line)?;
        self.state = State::Ready;
        Ok(answer)
    }

    /// Nothing tells how much the board has read, but its answer at the end. Statements that fit into what it has room
    /// for go out at once.
    fn send_unpasted(&self, line: &mut Line, statement: &[u8]) -> Result<(), Failure> {
        for piece in statement.chunks(if statement.len() < UNREAD { UNREAD } else { PIECE }) {
            line.send(piece, self.patience.answer)?;
            if statement.len() >= UNREAD {
                let until = line.now() + PAUSE;
                while line.wait(until)? {}
            }
        }
        line.send(END, self.patience.answer)?;
        match line.exactly(2, self.patience.answer)? {
            Some(ok) if *ok == *b"OK" => Ok(()),
            Some(_) => Err(garbled(line)),
            None => Err(line.silent(Why::new("it takes no statement", "命令を受け付けません"))),
        }
    }

    fn answer(&self, line: &mut Line) -> Result<Answer, Failure> {
        let mut part = |mark: &[u8], within| match line.until(mark, within)? {
            Some(found) => Ok(found),
            None => Err(line.silent(Why::new("a statement does not end", "命令が終了しません"))),
        };
        let printed = part(END, self.patience.running)?;
        let raised = part(END, self.patience.answer)?;
        match part(b">", self.patience.answer)?.is_empty() {
            true => Ok(Answer { printed, raised }),
            false => Err(garbled(line)),
        }
    }

    /// Back to the REPL that people see. `restart`: the board then starts again, and its program runs.
    pub(super) fn leave(&mut self, line: &mut Line, restart: bool) -> Result<(), Failure> {
        self.state = State::Unknown;
        line.discard();
        line.send(FRIENDLY, self.patience.answer)?;
        line.until(b">>> ", self.patience.answer)?;
        if restart {
            line.send(END, self.patience.answer)?;
            // A port that is closed too early takes the byte with it.
            line.until(b"reboot", self.patience.answer)?;
        }
        Ok(())
    }
}

/// Until when something that takes `within` may take.
pub(super) fn until(line: &Line, within: Duration) -> Instant {
    line.now() + within
}
