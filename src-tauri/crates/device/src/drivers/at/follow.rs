//! Following a recipe's steps.

use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use regex::bytes::Regex;
use zeroize::Zeroizing;

use super::checked::{Payload, Step};
use super::dialogue::{Beginning, Dialogue, Owed, Said, TAKES, silent};
use super::recipe::{Digest, Refused};
use super::refusal::Refusal;
use super::template::{Words, found};
use crate::layout::Part;
use crate::serial::Line;

/// So long a modem may pause in the middle of what it was asked for.
const PAUSE: Duration = Duration::from_secs(3);

/// What an operation is about.
pub(super) struct Subject<'a> {
    pub(super) part: Part,
    pub(super) digest: Option<Digest>,
    /// The largest content that this modem can hold.
    pub(super) largest: usize,
    /// What is to be handed over.
    pub(super) payload: &'a [u8],
}

/// What came of the steps.
pub(super) enum Ran {
    Done(Found),
    Absent,
    Refused(Refusal),
}

/// What the answers said.
#[derive(Default)]
pub(super) struct Found {
    pub(super) len: Option<u64>,
    pub(super) digest: Option<String>,
    pub(super) free: Option<u64>,
    pub(super) content: Option<Zeroizing<Vec<u8>>>,
}

impl Dialogue {
    /// # Errors
    /// `device-silent`, `device-rejected`, `verify-mismatch` for a digest that is not the payload's, or the content's.
    pub(super) fn follow(
        &mut self,
        line: &mut Line,
        steps: &[Step],
        mut words: Words<'_>,
        subject: &Subject<'_>,
    ) -> Result<Ran, Failure> {
        let mut all = Found::default();
        // What was kept is lost if nothing is taken to be there because one byte of an answer was: so it is asked twice.
        let mut doubted = false;
        let mut steps = steps.iter().peekable();
        while let Some(step) = steps.peek() {
            let command = step.send.fill(&words);
            let said = match (&step.payload, &step.content) {
                (Some(payload), _) => self.hand_over(line, &command, step, payload, subject.payload)?,
                (None, Some(_)) => self.fetch(line, &command, step, &mut words, subject, &mut all)?,
                (None, None) => self.ask(line, &command, step.timeout)?,
            };
            match (said, step.refused) {
                (Said::Done(lines), refused) => {
                    let missing = step.content.is_some() && all.content.is_none();
                    if missing || !self.read_answer(line, step, &lines, &mut words, subject, &mut all)? {
                        match refused {
                            Refused::Absent if doubted => return Ok(Ran::Absent),
                            Refused::Absent => {
                                doubted = true;
                                continue;
                            }
                            Refused::GoOn => {}
                            Refused::Fails => return Err(other_answer(line, &command, step.payload.is_some())),
                        }
                    }
                }
                (Said::Refused(refusal), Refused::Fails) => return Ok(Ran::Refused(refusal)),
                (Said::Refused(_), Refused::Absent) if doubted => return Ok(Ran::Absent),
                (Said::Refused(_), Refused::Absent) => {
                    doubted = true;
                    continue;
                }
                (Said::Refused(_), Refused::GoOn) => {}
            }
            steps.next();
        }
        Ok(Ran::Done(all))
    }

    /// False if none of the lines is the answer.
    fn read_answer(
        &self,
        line: &Line,
        step: &Step,
        lines: &[Zeroizing<String>],
        words: &mut Words<'_>,
        subject: &Subject<'_>,
        all: &mut Found,
    ) -> Result<bool, Failure> {
        let Some(pattern) = step.answer.as_ref().and_then(|answer| answer.line(words)) else { return Ok(true) };
        let Some(captures) = lines.iter().find_map(|text| pattern.captures(text.as_bytes())) else { return Ok(false) };
        if let Some(len) = found(&captures, "len") {
            all.len = len.parse().ok();
            words.insert("len", len.into());
        }
        all.free = found(&captures, "free").and_then(|free| free.parse().ok()).or(all.free);
        let Some((said, digest)) = found(&captures, "digest").zip(subject.digest) else { return Ok(true) };
        let content = all.content.as_deref().map(Vec::as_slice).or(step.payload.as_ref().map(|_| subject.payload));
        if content.is_some_and(|content| !digest.fits(subject.part, content, &said)) {
            let ja = "デバイスが算出した値が一致しません";
            let why = Why::new("the digest that the device computed is another one", ja);
            return Err(line.failure(Code::VerifyMismatch).because_of(why));
        }
        all.digest = Some(said);
        Ok(true)
    }

    /// Sends the command, waits for the prompt, sends the payload.
    fn hand_over(
        &mut self,
        line: &mut Line,
        command: &str,
        step: &Step,
        how: &Payload,
        payload: &[u8],
    ) -> Result<Said, Failure> {
        self.begin(line, command)?;
        // From here on it may be waiting for all of this, even if its prompt gets lost.
        self.owed = Some(Owed { bytes: payload.len(), hold: how.hold });
        let prompt = Regex::new(&format!("(?-u)(?:^|[\r\n]){}", regex::escape(&how.prompt)));
        let prompt = prompt.map_err(|error| line.failure(Code::RecipeInvalid).because(error.to_string()))?;
        match self.beginning(line, &prompt, false, step.timeout)? {
            Beginning::Found(_) => {}
            Beginning::Refused(refusal) => {
                self.owed = None;
                return Ok(Said::Refused(refusal));
            }
            Beginning::Ended | Beginning::Silent => return Err(silent(line, command)),
        }
        let (block, mark) = match &how.acknowledge {
            Some((block, mark)) => (*block, Some(mark.as_str())),
            None => (1024, None),
        };
        let mut left = payload.len();
        for bytes in payload.chunks(block) {
            line.send(bytes, TAKES)?;
            left = left.saturating_sub(bytes.len());
            self.owed = Some(Owed { bytes: left, hold: how.hold });
            if left == 0 {
                break;
            }
            let refusal = match mark {
                Some(mark) => self.acknowledged(line, command, mark, step.timeout)?,
                None => {
                    // Only a look: it says nothing unless something is wrong.
                    let now = line.now();
                    line.wait(now + Duration::from_millis(1))?;
                    self.refusal(line)
                }
            };
            if let Some(refusal) = refusal {
                self.owed = None;
                self.lost = true;
                return Ok(Said::Refused(refusal));
            }
        }
        let said = self.finish(line, command, mark, step.timeout)?;
        self.owed = None;
        // What it did not take as payload it takes for commands.
        self.lost = matches!(said, Said::Refused(_));
        Ok(said)
    }

    /// Waits for the mark after a block.
    fn acknowledged(
        &mut self,
        line: &mut Line,
        command: &str,
        mark: &str,
        within: Duration,
    ) -> Result<Option<Refusal>, Failure> {
        let until = line.now() + within;
        loop {
            if let Some(refusal) = self.refusal(line) {
                return Ok(Some(refusal));
            }
            // Reports come as whole lines, the mark stands alone.
            while let Some(end) = line.seen().iter().position(|byte| *byte == b'\n') {
                if line.seen().starts_with(mark.as_bytes()) {
                    break;
                }
                line.take(end + 1);
            }
            if line.seen().starts_with(mark.as_bytes()) {
                line.take(mark.len());
                return Ok(None);
            }
            if !line.wait(until)? {
                return Err(silent(line, command));
            }
        }
    }

    /// Sends the command and reads as many bytes as it announces.
    fn fetch(
        &mut self,
        line: &mut Line,
        command: &str,
        step: &Step,
        words: &mut Words<'_>,
        subject: &Subject<'_>,
        all: &mut Found,
    ) -> Result<Said, Failure> {
        let pattern = step.content.as_ref().and_then(|content| content.beginning(words));
        let pattern = pattern.ok_or_else(|| line.failure(Code::RecipeInvalid))?;
        self.begin(line, command)?;
        match self.beginning(line, &pattern, true, step.timeout)? {
            Beginning::Found(len) => {
                if let Some(len) = len {
                    words.insert("len", len.into());
                }
            }
            Beginning::Refused(refusal) => return Ok(Said::Refused(refusal)),
            Beginning::Ended => return Ok(Said::Done(vec![])),
            Beginning::Silent => return Err(silent(line, command)),
        }
        let count = words.get("len").and_then(|len| len.parse().ok()).unwrap_or(usize::MAX);
        // What others put there may be larger than what we would.
        if count > subject.largest.saturating_mul(8) {
            let why = Why::new("what is there is too large to be read", "保存されている内容が大きすぎて読み取れません");
            return Err(line.failure(Code::DeviceRejected).because_of(why));
        }
        let Some(content) = line.exactly(count, PAUSE)? else { return Err(silent(line, command)) };
        all.len = Some(count as u64);
        all.content = Some(content);
        self.finish(line, command, None, step.timeout)
    }
}

fn other_answer(line: &Line, command: &str, wrote: bool) -> Failure {
    let command = command.split(['=', '?']).next().unwrap_or_default();
    let ja = format!("`{command}` への応答が想定と異なります");
    let why = Why::new(format!("its answer to `{command}` is not the one expected"), ja);
    line.failure(if wrote { Code::VerifyMismatch } else { Code::DeviceRejected }).because_of(why)
}
