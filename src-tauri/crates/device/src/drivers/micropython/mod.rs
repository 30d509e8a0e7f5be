//! Boards that run MicroPython or CircuitPython, through the raw REPL.
//!
//! What the board is to do is sent as Python. A line has no checksums, so every statement that could change something
//! carries one: a board acts only on what arrived whole, and its answer is bound to the very statement that was sent.

mod files;
mod literal;
mod paste;
mod patience;
mod probe;
mod raw_repl;
mod refusal;
mod routines;

#[cfg(all(test, unix))]
mod fault_tests;
#[cfg(all(test, unix))]
pub(crate) mod peers;
#[cfg(all(test, unix))]
mod peers_tests;
#[cfg(test)]
mod raw_repl_tests;

use std::str::FromStr;

use fieldkey_core::ports::Caution;
use fieldkey_core::{Code, Failure, Why};

use self::patience::Patience;
use self::probe::Features;
use self::raw_repl::RawRepl;
use super::{Driver, Store};
use crate::serial::{Line, Settings};

pub(crate) const NAME: &str = "micropython";

/// Less than this free, and what the interrupted program left behind has to go first. Bytes.
const ENOUGH: usize = 8 * 1024;

pub(crate) struct MicroPython {
    /// What all names begin with: nothing for the board's own working folder, else a path with its `/`.
    folder: String,
    /// Is the board started again at the end, so that its program runs?
    restarts: bool,
    repl: RawRepl,
    /// Known once it has been asked, and not since it was lost.
    board: Option<Features>,
    /// Are the routines on the board?
    equipped: bool,
    /// The path of the file that was written last, and its digest, which the board computed from what it had stored.
    /// Known until the board is asked for anything else.
    written: Option<(String, String)>,
}

impl MicroPython {
    /// Takes `dir` (a folder, made if need be) and `reset` (`no`: the board's program is not started again).
    ///
    /// # Errors
    /// `usage`.
    pub(crate) fn new(settings: &mut Settings) -> Result<Self, Failure> {
        Self::with_patience(settings, Patience::default())
    }

    fn with_patience(settings: &mut Settings, patience: Patience) -> Result<Self, Failure> {
        let folder = settings.parsed::<Folder>("dir")?.map_or_else(String::new, |folder| folder.0);
        let restarts = settings.parsed::<Restarts>("reset")?.is_none_or(|restarts| restarts.0);
        Ok(Self { folder, restarts, repl: RawRepl::new(patience), board: None, equipped: false, written: None })
    }

    /// Brings the board to where it takes statements, and asks what it can do.
    fn reach(&mut self, line: &mut Line) -> Result<&Features, Failure> {
        (self.board, self.equipped, self.written) = (None, false, None);
        self.repl.enter(line)?;
        let mut found = probe::probe(line, &mut self.repl);
        // Threads and timers go on after Ctrl-C and talk in between, and what they hold fills the memory.
        let crowded = |found: &Features| found.free.is_some_and(|free| free < ENOUGH);
        if found.as_ref().map_or(true, crowded) {
            if !self.repl.works() {
                self.repl.enter(line)?;
            }
            self.repl.reset(line)?;
            found = probe::probe(line, &mut self.repl);
        }
        Ok(self.board.insert(found?))
    }
}

impl Driver for MicroPython {
    fn name(&self) -> &str {
        NAME
    }

    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        self.reach(line).map(|board| Some(board.to_string()))
    }

    fn leave(&mut self, line: &mut Line) {
        // A board that was never reached may be anything else.
        if !self.repl.entered() {
            return;
        }
        let left = (|| {
            if !self.repl.works() {
                self.repl.enter(line)?;
            }
            if !self.restarts {
                self.repl.run(line, routines::FORGET)?;
            }
            self.repl.leave(line, self.restarts)
        })();
        (self.board, self.equipped, self.written) = (None, false, None);
        if let Err(failure) = left {
            tracing::debug!(%failure, "the board may not run its program again before it is plugged in anew");
        }
    }

    fn store(&mut self) -> Store<'_> {
        Store::Files(self)
    }

    fn cautions(&self) -> Vec<Caution> {
        vec![Caution::ReadableKey]
    }
}

struct Folder(String);

impl FromStr for Folder {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(());
        }
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }
}

struct Restarts(bool);

impl FromStr for Restarts {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "yes" => Ok(Self(true)),
            "no" => Ok(Self(false)),
            _ => Err(()),
        }
    }
}

/// `device-rejected`: an answer that is none, or not to what was asked.
fn garbled(line: &Line) -> Failure {
    let why = Why::new("what it answered arrived damaged", "応答が壊れて届きました");
    line.failure(Code::DeviceRejected).because_of(why)
}
