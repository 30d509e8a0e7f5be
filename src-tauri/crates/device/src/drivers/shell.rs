//! Zephyr's shell, as a program talks to it: it echoes, colours, logs in between, and loses what comes too fast.

use std::time::Duration;

use fieldkey_core::Failure;
use zeroize::Zeroizing;

use crate::serial::Line;

/// Fits into the shell's ring buffer (64 bytes), whatever the shell is at when it comes.
pub(crate) const PIECE: usize = 48;

const WITHIN: Duration = Duration::from_secs(5);
/// An echo comes while its bytes are still on their way.
const ECHO: Duration = Duration::from_secs(1);
/// After a prompt that nobody expected nothing more comes.
const QUIET: Duration = Duration::from_millis(500);

const INTERRUPT: &[u8] = b"\x03";

/// A shell that has shown its prompt.
pub(crate) struct Shell {
    prompt: String,
}

impl Shell {
    /// Presses Enter and waits for a prompt.
    pub(crate) fn wake(line: &mut Line, within: Duration) -> Result<Option<Self>, Failure> {
        line.send(b"\r", WITHIN)?;
        let until = line.now() + within;
        loop {
            let text = plain(line.seen());
            if let Some(prompt) = prompt(&text) {
                let prompt = prompt.to_owned();
                line.discard();
                return Ok(Some(Self { prompt }));
            }
            if !line.wait(until)? {
                return Ok(None);
            }
        }
    }

    /// Throws away what was typed, and has the shell ask for more. False if it does not.
    pub(crate) fn interrupt(&self, line: &mut Line) -> Result<bool, Failure> {
        line.discard();
        line.send(INTERRUPT, WITHIN)?;
        let until = line.now() + WITHIN;
        loop {
            if tail(line).ends_with(&self.prompt) {
                line.hush(Duration::from_millis(50), WITHIN)?;
                return Ok(true);
            }
            if !line.wait(until)? {
                return Ok(false);
            }
        }
    }

    /// Runs a command. Returns what was said between its echo and the prompt; `None` if no prompt came in time.
    /// `done` knows a line that ends the answer: a log line may bring a prompt of its own.
    pub(crate) fn run(
        &self,
        line: &mut Line,
        command: &str,
        within: Duration,
        done: impl Fn(&str) -> bool,
    ) -> Result<Option<Zeroizing<String>>, Failure> {
        line.discard();
        let mut typed = 0;
        let mut echoes = true;
        while command.len() - typed > PIECE + 10 {
            line.send(command.get(typed..typed + PIECE).unwrap_or_default().as_bytes(), WITHIN)?;
            typed += PIECE;
            echoes = echoes && self.echoed(line, command.get(..typed).unwrap_or_default())?;
        }
        let mut rest = Zeroizing::new(command.get(typed..).unwrap_or_default().as_bytes().to_vec());
        rest.push(b'\r');
        line.send(&rest, WITHIN)?;
        self.answer(line, command, within, done)
    }

    /// Waits for the prompt after an answer.
    pub(crate) fn answer(
        &self,
        line: &mut Line,
        command: &str,
        within: Duration,
        done: impl Fn(&str) -> bool,
    ) -> Result<Option<Zeroizing<String>>, Failure> {
        let until = line.now() + within;
        loop {
            // Most bytes end nothing.
            if !tail(line).ends_with(&self.prompt) {
                if !line.wait(until)? {
                    return Ok(None);
                }
                continue;
            }
            let text = plain(line.seen());
            let answer = text.get(after_echo(&text, command).unwrap_or(0)..).unwrap_or_default();
            let mut next = until;
            if let Some((lines, last)) = answer.rsplit_once('\n')
                && last == self.prompt
            {
                let answer = without_log(lines);
                if answer.lines().any(|line| done(line.trim())) {
                    line.discard();
                    return Ok(Some(answer));
                }
                next = until.min(line.now() + QUIET);
                if !line.wait(next)? {
                    line.discard();
                    return Ok(Some(answer));
                }
                continue;
            }
            if !line.wait(next)? {
                return Ok(None);
            }
        }
    }

    /// Waits until a line says so, without a prompt after it. False for another line that says no. What was said so far
    /// stays to be seen.
    pub(crate) fn says(&self, line: &mut Line, yes: &str, no: &str, within: Duration) -> Result<bool, Failure> {
        let until = line.now() + within;
        loop {
            let text = without_log(&plain(line.seen()));
            let whole = text.rsplit_once('\n').map(|(lines, _)| lines).unwrap_or_default();
            if whole.lines().any(|line| line.starts_with(yes)) {
                return Ok(true);
            }
            let is_no = text.ends_with(&self.prompt) && text.lines().any(|line| line.contains(no));
            if is_no || !line.wait(until)? {
                return Ok(false);
            }
        }
    }

    fn echoed(&self, line: &mut Line, typed: &str) -> Result<bool, Failure> {
        let until = line.now() + ECHO;
        let last = typed.chars().next_back();
        while !tail(line).ends_with(|letter| letter == '\n' || Some(letter) == last)
            || after_echo(&plain(line.seen()), typed).is_none()
        {
            if !line.wait(until)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The text without its colours and cursor movements, and without control characters.
pub(crate) fn plain(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            // ESC [ numbers letter; anything else is ESC and one letter.
            0x1b if bytes.next() == Some(b'[') => drop(bytes.find(|byte| (0x40..=0x7e).contains(byte))),
            b'\n' | b'\t' | b' '..=b'~' => text.push(char::from(byte)),
            _ => {}
        }
    }
    text
}

/// The last of what was said: as much as a prompt with its colours may be.
fn tail(line: &Line) -> Zeroizing<String> {
    let seen = line.seen();
    plain(seen.get(seen.len().saturating_sub(80)..).unwrap_or_default())
}

/// The answer alone: the system logs at any time, and its words are no answer.
fn without_log(text: &str) -> Zeroizing<String> {
    let logged = |line: &&str| ["<err> ", "<wrn> ", "<inf> ", "<dbg> "].iter().any(|level| line.contains(level));
    let mut answer = Zeroizing::new(String::with_capacity(text.len()));
    text.split_inclusive('\n').filter(|line| !logged(line)).for_each(|line| answer.push_str(line));
    answer
}

/// The unfinished last line, if it looks like a prompt.
fn prompt(text: &str) -> Option<&str> {
    let last = text.rsplit('\n').next()?;
    // `[00:00:01.000] <inf> ` is the beginning of a log line.
    let asks = ["$ ", "> ", "# "].iter().any(|end| last.ends_with(end)) && !last.contains(['[', '<']);
    (asks && last.len() > 2 && last.len() <= 40).then_some(last)
}

/// Where the echo of a command ends. The shell breaks it where its terminal is at its edge.
fn after_echo(text: &str, command: &str) -> Option<usize> {
    let first = command.chars().next()?;
    text.match_indices(first).find_map(|(start, _)| {
        let mut wanted = command.bytes();
        let mut next = wanted.next()?;
        for (place, byte) in text.bytes().enumerate().skip(start) {
            if byte == next {
                match wanted.next() {
                    Some(byte) => next = byte,
                    None => return Some(place + 1),
                }
            } else if byte != b'\n' {
                return None;
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_cursor_movements_are_no_text() {
        let said = b"\x1b[1000D\x1b[0J\x1b[0m[00:01] <inf> x\x1b[0m\r\n\x1b[1;32muart:~$ \x1b[m";
        assert_eq!(*plain(said), "[00:01] <inf> x\nuart:~$ ");
        assert_eq!(*plain(b"a\x1b"), "a", "cut in the middle");
        assert_eq!(*plain(b"a\x1b[1;3"), "a");
    }

    #[test]
    fn a_prompt_is_an_unfinished_line_that_asks() {
        assert_eq!(prompt("\nuart:~$ "), Some("uart:~$ "));
        assert_eq!(prompt("\nmosh:~$ x"), None);
        assert_eq!(prompt("uart:~$ \n"), None);
        assert_eq!(prompt("[00:00:01.123,456] <inf> "), None, "a log line that is not complete");
    }

    #[test]
    fn an_echo_may_be_broken_at_the_edge() {
        assert_eq!(after_echo("uart:~$ cred b\nuf\nStored", "cred buf"), Some(17));
        assert_eq!(after_echo("uart:~$ cred", "cred buf"), None);
    }
}
