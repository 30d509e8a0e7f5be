//! The way to the modem: straight through an AT host, or through Nordic's AT shell.

use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::answer::{Answer, Outcome};
use crate::drivers::shell::{Shell, plain};
use crate::serial::Line;

const WITHIN: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_secs(1);

/// Erases what is left of a command in the host's buffer, which holds up to as much. No other way of getting rid of it
/// leaves it undone: a half-written credential must not be stored.
const ERASE: [u8; 4096] = [0x7f; 4096];

/// What ends a command. Which one it is was decided when the firmware was built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Terminator {
    CrLf,
    Cr,
    Lf,
    Null,
}

impl Terminator {
    pub(super) fn named(name: &str) -> Option<Self> {
        [("crlf", Self::CrLf), ("cr", Self::Cr), ("lf", Self::Lf), ("null", Self::Null)]
            .into_iter()
            .find_map(|(known, terminator)| (known == name).then_some(terminator))
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Cr => b"\r",
            Self::Lf => b"\n",
            Self::Null => b"\0",
        }
    }
}

enum Way {
    Host(Terminator),
    Shell(Shell),
}

/// The conversation with one modem.
pub(super) struct Link {
    /// As the settings say, else it is found out.
    terminator: Option<Terminator>,
    shell: Option<bool>,
    way: Option<Way>,
    /// The last command had no answer: it may come yet, or the host waits for the rest of it.
    unsure: bool,
}

impl Link {
    pub(super) fn new(terminator: Option<Terminator>, shell: Option<bool>) -> Self {
        Self { terminator, shell, way: None, unsure: false }
    }

    /// Finds out how the modem is spoken to.
    ///
    /// # Errors
    /// `device-silent`; `device-rejected` when something else answers.
    pub(super) fn find(&mut self, line: &mut Line) -> Result<(), Failure> {
        line.discard();
        if self.shell == Some(true) {
            return self.find_shell(line);
        }
        let (mut heard, mut other, mut tried) = (false, false, false);
        let first = self.terminator.unwrap_or(Terminator::CrLf);
        let null = [Terminator::Null].into_iter().filter(|_| self.terminator.is_none());
        for erased in [false, true] {
            if erased {
                line.send(&ERASE, WITHIN)?;
            }
            // The second of them ends what the first one began.
            for (begin, terminator) in [("AT", first)].into_iter().chain(null.clone().map(|null| ("", null))) {
                line.send(&[begin.as_bytes(), terminator.bytes()].concat(), WITHIN)?;
                let before = std::mem::replace(&mut tried, true);
                match hear(line, if erased { WITHIN } else { SOON })? {
                    Heard::Answer(Outcome::Ok) => return self.found(line, terminator, before),
                    Heard::Shell if self.shell.is_none() => return self.find_shell(line),
                    Heard::Nothing => {}
                    Heard::Other | Heard::Shell => other = true,
                    Heard::Noise | Heard::Answer(_) => heard = true,
                }
            }
        }
        // A Linux shell, say, would take the quote for the beginning of a text.
        if other {
            return Err(no_modem(line));
        }
        // Older firmware is still inside a quote that was erased.
        for (end, terminator) in [(&b"\""[..], first)].into_iter().chain(null.map(|null| (&b""[..], null))) {
            line.send(&[end, terminator.bytes()].concat(), WITHIN)?;
            hear(line, SOON)?;
            line.discard();
            // Where CR alone ends a command the LF after it began the next one.
            line.send(&[b"\x7fAT", terminator.bytes()].concat(), WITHIN)?;
            match hear(line, SOON)? {
                Heard::Answer(Outcome::Ok) => return self.found(line, terminator, true),
                Heard::Nothing => {}
                _ => heard = true,
            }
        }
        if heard { Err(no_modem(line)) } else { Err(silent(line)) }
    }

    /// `late`: earlier tries may have their answers yet to come, which must not be taken for others.
    fn found(&mut self, line: &mut Line, terminator: Terminator, late: bool) -> Result<(), Failure> {
        self.way = Some(Way::Host(terminator));
        if late { line.hush(Duration::from_millis(200), WITHIN) } else { Ok(()) }
    }

    fn find_shell(&mut self, line: &mut Line) -> Result<(), Failure> {
        line.hush(Duration::from_millis(50), SOON)?;
        let Some(shell) = Shell::wake(line, SOON)? else { return Err(silent(line)) };
        let Some(said) = shell.run(line, "at AT", WITHIN, over)? else { return Err(silent(line)) };
        match Answer::read(said.as_bytes()).map(|answer| answer.result) {
            Some(Outcome::Ok) => {
                self.way = Some(Way::Shell(shell));
                Ok(())
            }
            _ => Err(no_modem(line)),
        }
    }

    /// In a firmware that ends commands with CR, the LF of CR LF begins the next command, which is then none. Erases it,
    /// and sends no more of them. False if that cannot be it.
    pub(super) fn without_lf(&mut self, line: &mut Line) -> Result<bool, Failure> {
        if !matches!(self.way, Some(Way::Host(Terminator::CrLf))) || self.terminator.is_some() {
            return Ok(false);
        }
        self.way = Some(Way::Host(Terminator::Cr));
        line.send(b"\x7f", WITHIN)?;
        Ok(true)
    }

    /// Sends a command and waits for its result.
    ///
    /// # Errors
    /// `device-silent`.
    pub(super) fn command(&mut self, line: &mut Line, command: &[u8], within: Duration) -> Result<Answer, Failure> {
        if self.unsure {
            self.recover(line)?;
        }
        self.unsure = true;
        let answer = match &self.way {
            None => None,
            Some(Way::Host(terminator)) => {
                let mut sent = Zeroizing::new(Vec::with_capacity(command.len() + 2));
                sent.extend_from_slice(command);
                sent.extend_from_slice(terminator.bytes());
                line.discard();
                line.send(&sent, WITHIN)?;
                result(line, within)?
            }
            Some(Way::Shell(shell)) => {
                let command = Zeroizing::new(String::from_utf8_lossy(command).into_owned());
                // The shell makes CR LF of it again.
                let escaped = Zeroizing::new(command.replace("\r\n", "\\n"));
                let said = shell.run(line, &format!("at '{}'", *escaped), within, over)?;
                said.and_then(|said| Answer::read(said.as_bytes()))
            }
        };
        let answer = answer.ok_or_else(|| silent(line))?;
        self.unsure = false;
        Ok(answer)
    }

    /// Is the modem where it takes commands? Gets it there, if it takes half a command for the beginning of this one.
    pub(super) fn recover(&mut self, line: &mut Line) -> Result<(), Failure> {
        match &self.way {
            Some(Way::Shell(shell)) => {
                if !shell.interrupt(line)? {
                    return Err(silent(line));
                }
            }
            Some(Way::Host(terminator)) => {
                let end = terminator.bytes();
                // An answer that is late is not taken for that of the next command.
                line.hush(Duration::from_millis(200), WITHIN)?;
                line.send(&[&ERASE, &b"AT"[..], end].concat(), WITHIN)?;
                if result(line, WITHIN)?.is_none() {
                    line.send(&[b"\"", end].concat(), WITHIN)?;
                    result(line, SOON)?.ok_or_else(|| silent(line))?;
                }
                line.hush(Duration::from_millis(50), SOON)?;
            }
            None => return Err(silent(line)),
        }
        self.unsure = false;
        Ok(())
    }

    /// Would this byte in a text end the text, or be another one?
    pub(super) fn breaks(&self, byte: u8) -> bool {
        let shell = matches!(self.way, Some(Way::Shell(_)));
        byte == b'"' || shell && matches!(byte, b'\'' | b'\\')
    }

    /// Has a command gone without an answer?
    pub(super) fn is_unsure(&self) -> bool {
        self.unsure
    }

    pub(super) fn is_found(&self) -> bool {
        self.way.is_some()
    }
}

/// What came instead of an answer to `AT`.
enum Heard {
    Nothing,
    /// What a modem, and the system around it, says unasked.
    Noise,
    Shell,
    /// No modem speaks like this.
    Other,
    Answer(Outcome),
}

fn hear(line: &mut Line, within: Duration) -> Result<Heard, Failure> {
    let until = line.now() + within;
    loop {
        if let Some(answer) = complete(line) {
            line.discard();
            return Ok(Heard::Answer(answer.result));
        }
        if is_shell(line) {
            return Ok(Heard::Shell);
        }
        if !line.wait(until)? {
            return Ok(match line.seen() {
                [] => Heard::Nothing,
                seen if is_unasked(seen) => Heard::Noise,
                _ => Heard::Other,
            });
        }
    }
}

/// Waits for an answer, and takes it.
fn result(line: &mut Line, within: Duration) -> Result<Option<Answer>, Failure> {
    let until = line.now() + within;
    loop {
        if let Some(answer) = complete(line) {
            line.discard();
            return Ok(Some(answer));
        }
        if !line.wait(until)? {
            return Ok(None);
        }
    }
}

/// An answer ends with a line end: anything else need not be looked at, byte by byte.
fn complete(line: &Line) -> Option<Answer> {
    line.seen().ends_with(b"\n").then(|| Answer::read(line.seen())).flatten()
}

fn over(said: &str) -> bool {
    Answer::read(format!("{said}\n").as_bytes()).is_some() || said.ends_with("command not found")
}

fn is_shell(line: &Line) -> bool {
    line.seen().windows(17).any(|words| words == b"command not found") && plain(line.seen()).ends_with("$ ")
}

/// Is every line one that comes without having been asked for: a notification, or a log line?
fn is_unasked(seen: &[u8]) -> bool {
    let text = plain(seen);
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with(['+', '%', '[']))
}

fn silent(line: &Line) -> Failure {
    line.silent(Why::new("the modem answers no AT command", "モデムが AT コマンドに応答しません"))
}

pub(super) fn no_modem(line: &Line) -> Failure {
    let why = Why::new("what answers is no nRF91 modem", "応答しているのは nRF91 モデムではありません");
    line.failure(Code::DeviceRejected).because_of(why)
}
