//! Commands and their answers on a line where other things are said, too: echoes, reports that nobody asked for, and
//! what is left of a conversation that broke off.

use std::collections::BTreeMap;
use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use regex::bytes::Regex;
use zeroize::Zeroizing;

use super::checked::Recipe;
use super::refusal::{Meaning, Refusal};
use crate::serial::Line;

/// So long a modem may take no bytes.
pub(super) const TAKES: Duration = Duration::from_secs(5);
/// How often, and how long each time, a modem is asked whether it listens.
const TRIES: usize = 4;
const TRY: Duration = Duration::from_millis(500);

pub(super) struct Dialogue {
    /// What ends a command.
    end: &'static str,
    errors: BTreeMap<String, Meaning>,
    /// The modem may still be waiting for bytes of a payload.
    pub(super) owed: Option<Owed>,
    /// What is said next may belong to what was asked before.
    pub(super) lost: bool,
    /// It has been found again since this was last looked at: it may have started anew.
    pub(super) found_again: bool,
    /// Commands come back.
    pub(super) echoes: bool,
    /// Something came, whatever it was.
    heard: bool,
}

/// A payload that was begun.
pub(super) struct Owed {
    pub(super) bytes: usize,
    /// After so long the modem gives up; else it has to be given what it waits for.
    pub(super) hold: Option<Duration>,
}

/// What came of a command.
pub(super) enum Said {
    /// The lines of its answer, without the last one.
    Done(Vec<Zeroizing<String>>),
    Refused(Refusal),
}

/// What stands at a line's beginning.
pub(super) enum Beginning {
    /// Taken up to its end. What the pattern found of `len`.
    Found(Option<String>),
    Refused(Refusal),
    /// The answer is over without it.
    Ended,
    /// It did not come in time.
    Silent,
}

impl Dialogue {
    pub(super) fn new(recipe: &Recipe) -> Self {
        Self {
            end: recipe.end,
            errors: recipe.errors.clone(),
            owed: None,
            lost: false,
            found_again: false,
            echoes: false,
            heard: false,
        }
    }

    /// Sends a command and waits for the end of its answer.
    ///
    /// # Errors
    /// `device-silent`, `target-gone`.
    pub(super) fn ask(&mut self, line: &mut Line, command: &str, within: Duration) -> Result<Said, Failure> {
        self.begin(line, command)?;
        self.finish(line, command, None, within)
    }

    /// Sends a command. Whatever goes wrong from here on, the next one finds the modem again first.
    pub(super) fn begin(&mut self, line: &mut Line, command: &str) -> Result<(), Failure> {
        self.settle(line)?;
        line.discard();
        self.lost = true;
        line.send(format!("{command}{}", self.end).as_bytes(), TAKES)
    }

    /// Reads lines up to the last one of an answer. `mark` may stand before the first of them.
    pub(super) fn finish(
        &mut self,
        line: &mut Line,
        command: &str,
        mark: Option<&str>,
        within: Duration,
    ) -> Result<Said, Failure> {
        let until = line.now() + within;
        let mut lines = vec![];
        loop {
            let left = until.saturating_duration_since(line.now());
            let Some(text) = line.line(left)? else {
                self.heard |= !line.seen().is_empty();
                return Err(silent(line, command));
            };
            self.heard |= !text.is_empty();
            let text = mark.and_then(|mark| text.strip_prefix(mark)).unwrap_or(&text).trim();
            if text == command && !command.is_empty() {
                self.echoes = true;
            } else if text == "OK" {
                self.lost = false;
                return Ok(Said::Done(lines));
            } else if let Some(refusal) = Refusal::read(text, &self.errors) {
                self.lost = false;
                return Ok(Said::Refused(refusal));
            } else if !text.is_empty() {
                lines.push(Zeroizing::new(text.to_owned()));
            }
        }
    }

    /// Waits for something that begins a line and need not end one: a prompt. Where `ok_ends`, an OK before it is the
    /// end of the answer; else it is passed over.
    pub(super) fn beginning(
        &mut self,
        line: &mut Line,
        pattern: &Regex,
        ok_ends: bool,
        within: Duration,
    ) -> Result<Beginning, Failure> {
        let until = line.now() + within;
        loop {
            let found = pattern.captures(line.seen()).and_then(|found| Some((found.get(0)?.end(), len(&found))));
            if let Some((end, len)) = found {
                line.take(end);
                return Ok(Beginning::Found(len));
            }
            if let Some(refusal) = self.refusal(line) {
                self.lost = false;
                return Ok(Beginning::Refused(refusal));
            }
            if ok_ends && whole_lines(line.seen()).any(|text| *text == "OK") {
                self.lost = false;
                return Ok(Beginning::Ended);
            }
            if !line.wait(until)? {
                return Ok(Beginning::Silent);
            }
        }
    }

    /// A refusal among the lines that have come.
    pub(super) fn refusal(&self, line: &Line) -> Option<Refusal> {
        whole_lines(line.seen()).find_map(|text| Refusal::read(&text, &self.errors))
    }

    /// Finds the modem again after a conversation that broke off, so that no command ends up in a certificate.
    ///
    /// # Errors
    /// `device-silent`.
    pub(super) fn settle(&mut self, line: &mut Line) -> Result<(), Failure> {
        if let Some(owed) = self.owed.take() {
            match owed.hold {
                Some(hold) => self.over(line, hold + Duration::from_secs(2)).map(|_| ())?,
                None => self.fill_up(line, owed.bytes)?,
            }
            self.lost = true;
        }
        if self.lost {
            self.wake(line, None)?;
        }
        Ok(())
    }

    /// Is it there, and does it take commands? `hold`: it may first have to give up waiting for data.
    ///
    /// # Errors
    /// `device-silent`; `device-rejected` if it talks, but not like a modem.
    pub(super) fn wake(&mut self, line: &mut Line, hold: Option<Duration>) -> Result<(), Failure> {
        self.heard = false;
        if self.tries(line, TRIES)? {
            return Ok(());
        }
        if let Some(hold) = hold.filter(|_| !self.heard) {
            self.over(line, hold + Duration::from_secs(1))?;
            if self.tries(line, 2)? {
                return Ok(());
            }
        }
        self.lost = true;
        Err(match self.heard {
            true => line.failure(Code::DeviceRejected).because_of(Why::new(
                "it talks, but does not answer AT; the speed (baud) may be another one",
                "応答はありますが、AT コマンドに答えません。通信速度 (baud) が違う可能性があります",
            )),
            false => silent(line, "AT"),
        })
    }

    fn tries(&mut self, line: &mut Line, count: usize) -> Result<bool, Failure> {
        for _ in 0..count {
            line.discard();
            line.send(format!("AT{}", self.end).as_bytes(), TAKES)?;
            match self.finish(line, "AT", None, TRY) {
                Ok(Said::Done(_)) => {
                    // Answers to the tries before may still be on their way.
                    line.hush(Duration::from_millis(50), TRY)?;
                    self.found_again = true;
                    return Ok(true);
                }
                // What was left of an earlier line stood before it.
                Ok(Said::Refused(_)) => {}
                Err(failure) if failure.code == Code::DeviceSilent => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(false)
    }

    /// Waits for the end of whatever the modem is at. False if none came.
    fn over(&mut self, line: &mut Line, within: Duration) -> Result<bool, Failure> {
        match self.finish(line, "", None, within) {
            Ok(_) => Ok(true),
            Err(failure) if failure.code == Code::DeviceSilent => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Gives a modem that waits for a number of bytes that many: line ends, which mean nothing to one that does not
    /// wait. Some that were sent may have been lost, so more follow until it answers.
    fn fill_up(&mut self, line: &mut Line, owed: usize) -> Result<(), Failure> {
        let slow = Duration::from_millis(300 + owed as u64);
        line.discard();
        line.send(&vec![b'\n'; owed], TAKES)?;
        if self.over(line, slow)? {
            return Ok(());
        }
        for power in 0..8 {
            line.send(&vec![b'\n'; 1 << power], TAKES)?;
            if self.over(line, Duration::from_millis(300))? {
                break;
            }
        }
        Ok(())
    }
}

pub(super) fn silent(line: &Line, command: &str) -> Failure {
    // A command's first word says enough, and nothing of what was written.
    let command = command.split(['=', '?']).next().unwrap_or_default();
    let why = Why::new(format!("no answer to `{command}`"), format!("`{command}` への応答がありません"));
    line.silent(why)
}

fn len(found: &regex::bytes::Captures<'_>) -> Option<String> {
    super::template::found(found, "len")
}

/// The lines that have an end already, without it.
fn whole_lines(seen: &[u8]) -> impl Iterator<Item = Zeroizing<String>> {
    let end = seen.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
    let lines = seen.get(..end).unwrap_or_default().split(|byte| *byte == b'\n');
    lines.map(|line| Zeroizing::new(String::from_utf8_lossy(line).trim().to_owned()))
}
