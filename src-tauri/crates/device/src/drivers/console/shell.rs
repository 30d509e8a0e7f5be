//! Commands for the shell behind a console, whatever else is on the line.
//!
//! The shell that was found, or logged in to, starts a second one that reads lines and carries them out: without a
//! prompt, without editing, without a history, and with the tty's echo off. The one line typed into the first shell says
//! nothing of what is to come, so its history has nothing to tell, and neither has the screen.
//!
//! The reader takes each command twice, in lines that begin with `1` and `2`, and carries it out when both are equal: a
//! byte that the line damaged never becomes another command. Each command has a number and is carried out once,
//! however often it comes; so it may be sent again until an answer comes through.
//!
//! What is secret is never in an argument of a program: it goes to standard input, or to commands that are built into
//! the shell.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::answer::{Answer, agreed, answers};
use super::pace::Pace;
use super::text::{settled, without_log};
use crate::serial::Line;

/// Cancels a ZMODEM transfer: more than the five that are enough.
const CANCEL: [u8; 10] = [0x18; 10];

/// A command is sent so many times at most.
const SENT: u32 = 8;

/// What the reader knows, in words as short as may be: `r` tells the answer, twice; `c` carries a command out, with
/// nothing to read, `t` has the reader do it itself, `g` tells that it begins with it. The command is what follows the
/// first `#` in the line: so nothing in it needs quotes. `c` and `t` do nothing for a number that was the last one's.
/// `q` has the tty as the reader needs it.
const WORDS: &str = concat!(
    "q(){ stty -echo -ixon icanon isig;};",
    "r(){ echo;for x in 1 2;do echo \"<$T:$n:$s:$o:$n:$T>\";done;};",
    "c(){ case $n in $1);;*)o=$({ eval \"${a#*#}\";} 2>&1 </dev/null);s=$?;n=$1;;esac;r;};",
    "t(){ case $n in $1);;*)eval \"${a#*#}\";n=$1;;esac;r;};",
    "g(){ echo \"<$T:go:$1>\";eval \"${a#*#}\";n=$1;r;}"
);

/// A session with the reader.
pub(super) struct Shell {
    token: String,
    pace: Pace,
    /// The last command's.
    number: u32,
    /// Neither the tty nor the shell shows what is sent.
    silent: bool,
    /// Something was begun whose end did not come through.
    busy: bool,
}

impl Shell {
    /// One that is not there yet. Its token is a word that nothing else on the line says.
    pub(super) fn new(pace: Pace) -> Self {
        let token = format!("fk{:016x}", RandomState::new().build_hasher().finish());
        Self { token, pace, number: 0, silent: false, busy: false }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// How long a command may take on the device's storage.
    pub(super) fn patience(&self) -> Duration {
        self.within(self.pace.answer * 5)
    }

    /// As long as usual; but after a command without an answer no other is waited for as long: on a line that is broken,
    /// all of them together would take minutes.
    pub(super) fn within(&self, usual: Duration) -> Duration {
        if self.busy { self.pace.answer } else { usual }
    }

    pub(super) fn is_started(&self) -> bool {
        self.number > 0
    }

    /// Does it keep what is sent to itself?
    pub(super) fn is_silent(&self) -> bool {
        self.silent
    }

    /// Starts the reader in a shell that waits for a command. `instead`: in the place of that shell, so that the end of
    /// the one is the end of the other.
    ///
    /// # Errors
    /// `device-rejected` if that is no POSIX shell.
    pub(super) fn start(&mut self, line: &mut Line, instead: bool) -> Result<(), Failure> {
        // Within single quotes. It says hello with its token put together, as an echo of this would not. Ctrl-C ends
        // commands, not the reader; so many ends of input in a row, as when the line hangs up, end it.
        let reader = format!(
            concat!(
                "T={};t=`stty -g`;stty -echo -ixon icanon isig;q=$?;umask 077;trap : INT;LC_ALL=C;export LC_ALL;",
                "n=0;e=;echo \"<$T?>\";",
                "while :;do if IFS= read -r l;then e=;case $l in 1*)a=${{l#1}};;\"2$a\")eval \"$a\";;0)break;;",
                "*)echo \"<$T?>\";;esac;else case $e in xxxxxx)break;;esac;e=x$e;fi;done;",
                "stty $t;echo \"<$T.>\""
            ),
            self.token
        );
        let typed = format!(" {}sh -c '{reader}' 2>/dev/null\r", if instead { "exec " } else { "" });
        for _ in 0..3 {
            line.discard();
            line.send(typed.as_bytes(), self.pace.answer)?;
            if line.until(self.hello().as_bytes(), self.pace.answer)?.is_some() {
                let words = format!("case $n in 1);;*){WORDS};s=$q;o=;n=1;;esac;r");
                self.silent = self.once(line, &words, self.pace.answer * 4, false)?.succeeded();
                return Ok(());
            }
            // It may wait for the other half of a pair of quotes that was lost.
            line.send(b"\x03\x05\x15\r", self.pace.answer)?;
            settled(line, self.pace.quiet, self.pace.answer)?;
        }
        let why = Why::new("it has no shell that Fieldkey knows", "対応していないシェルです");
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }

    /// Ends the reader. What it was doing is cancelled.
    pub(super) fn end(&mut self, line: &mut Line) -> Result<(), Failure> {
        let done = format!("<{}.>", self.token);
        for _ in 0..3 {
            if self.busy {
                self.recover(line)?;
            }
            line.send(b"\n0\n", self.pace.answer)?;
            if line.until(done.as_bytes(), self.pace.answer / 2)?.is_some() {
                break;
            }
            self.busy = true;
        }
        Ok(())
    }

    /// Runs a command in a shell of its own, with nothing to read.
    ///
    /// # Errors
    /// `device-silent` if no answer came through.
    pub(super) fn run(&mut self, line: &mut Line, command: &str, within: Duration) -> Result<Answer, Failure> {
        self.once(line, &format!("c {} #{command}", self.number + 1), within, false)
    }

    /// The same with a secret in the command. It is sent again only while the reader lives: after a restart there may be
    /// a login in its place, which shows what it gets, and logs it as a name.
    ///
    /// # Errors
    /// `device-silent` if no answer came through.
    pub(super) fn run_secret(&mut self, line: &mut Line, command: &str, within: Duration) -> Result<Answer, Failure> {
        let all = Zeroizing::new(format!("c {} #{command}", self.number + 1));
        self.once(line, &all, within, true)
    }

    /// Has the reader itself do something, which sets `s` and `o`.
    pub(super) fn state(&mut self, line: &mut Line, command: &str) -> Result<Answer, Failure> {
        self.once(line, &format!("t {} #{command}", self.number + 1), self.pace.answer * 4, false)
    }

    /// Starts a command that reads standard input, or writes to standard output, and returns once it does. What it
    /// writes to `o` and `s` is asked for by `ended`. Returns false if it did not start.
    pub(super) fn open(&mut self, line: &mut Line, command: &str) -> Result<bool, Failure> {
        (self.number, self.busy) = (self.number + 1, true);
        let (number, begun) = (self.number, format!("<{}:go:{}>", self.token, self.number));
        line.discard();
        line.send(&twice(&format!("g {number} #{command}")), self.pace.answer)?;
        let (hello, until) = (self.hello(), line.now() + self.pace.answer);
        loop {
            if let Some(end) = end_of(line.seen(), &begun) {
                line.take(end);
                return Ok(true);
            }
            if end_of(line.seen(), &hello).is_some() || !line.wait(until)? {
                return Ok(false);
            }
        }
    }

    /// How the command that was opened ended, once it has: `None` if that did not come through.
    pub(super) fn ended(&mut self, line: &mut Line, within: Duration) -> Result<Option<Answer>, Failure> {
        let until = line.now() + within;
        loop {
            let all = answers(line.seen(), &self.token, self.number);
            if let Some(answer) = agreed(&all) {
                self.busy = false;
                return Ok(Some(answer.clone()));
            }
            if !line.wait(until)? {
                return Ok(all.into_iter().next());
            }
        }
    }

    /// Is this the beginning of the answer to the command that was opened?
    pub(super) fn answer_begins(&self) -> String {
        format!("<{}:{}:", self.token, self.number)
    }

    /// After a command that may still be reading: cancels it, whether it reads lines or a transfer.
    pub(super) fn recover(&mut self, line: &mut Line) -> Result<(), Failure> {
        line.send(&CANCEL, self.pace.answer)?;
        settled(line, self.pace.quiet, self.pace.answer)?;
        // A console without job control knows no Ctrl-C; the end of input (Ctrl-D) it knows.
        line.send(b"\x03", self.pace.answer)?;
        settled(line, self.pace.quiet, self.pace.answer)?;
        line.send(b"\n\x04", self.pace.answer)?;
        settled(line, self.pace.quiet, self.pace.answer)?;
        line.discard();
        self.busy = false;
        Ok(())
    }

    fn once(&mut self, line: &mut Line, command: &str, within: Duration, secret: bool) -> Result<Answer, Failure> {
        (self.number, self.busy) = (self.number + 1, true);
        let both = twice(command);
        line.discard();
        let (end, mut patience) = (line.now() + within, self.pace.answer);
        for _ in 0..SENT {
            line.send(&both, self.pace.answer)?;
            if let Some(answer) = self.heard(line, end.min(line.now() + patience))? {
                line.discard();
                self.busy = false;
                return Ok(answer);
            }
            if line.now() >= end || (secret && !self.lives(line, end)?) {
                break;
            }
            patience *= 2;
        }
        Err(line.silent(Why::new("the shell does not answer", "シェルが応答しません")))
    }

    /// Does the reader still answer, to a line that it does not understand and that everybody may see? It does so only
    /// after the command that it is carrying out.
    fn lives(&self, line: &mut Line, until: Instant) -> Result<bool, Failure> {
        let hello = self.hello();
        line.discard();
        while line.now() < until {
            // The first line end is that of a command which lost its own.
            line.send(b"\n?\n", self.pace.answer)?;
            let again = until.min(line.now() + self.pace.answer);
            loop {
                if end_of(line.seen(), &hello).is_some() {
                    // The answers to all questions, so that none is taken for one to the command.
                    settled(line, self.pace.quiet, self.pace.answer)?;
                    line.discard();
                    return Ok(true);
                }
                if !line.wait(again)? {
                    break;
                }
            }
        }
        Ok(false)
    }

    /// Waits for two equal answers to the last command; `None` if they do not come, or if the reader did not understand.
    fn heard(&self, line: &mut Line, until: Instant) -> Result<Option<Answer>, Failure> {
        let hello = self.hello();
        let puzzled = |line: &Line| line.seen().windows(hello.len()).filter(|part| *part == hello.as_bytes()).count();
        let before = puzzled(line);
        loop {
            if let Some(answer) = agreed(&answers(line.seen(), &self.token, self.number)) {
                return Ok(Some(answer.clone()));
            }
            // It may have understood all the same: what puzzled it may have stood before the command.
            let until = if puzzled(line) > before { until.min(line.now() + self.pace.quiet) } else { until };
            if !line.wait(until)? {
                return Ok(None);
            }
        }
    }

    /// What the reader says first, and to what it does not understand.
    fn hello(&self) -> String {
        format!("<{}?>", self.token)
    }
}

/// Where a mark ends that ends in `>`, though the kernel's log stand in the middle of it.
fn end_of(seen: &[u8], mark: &str) -> Option<usize> {
    let ends = (1..=seen.len()).filter(|end| seen.get(end - 1) == Some(&b'>'));
    let text = |end: &usize| String::from_utf8_lossy(seen.get(..*end).unwrap_or_default()).into_owned();
    ends.into_iter().find(|end| without_log(&Zeroizing::new(text(end))).contains(mark))
}

fn twice(command: &str) -> Zeroizing<Vec<u8>> {
    let mut lines = Zeroizing::new(Vec::with_capacity(2 * command.len() + 4));
    for mark in [b'1', b'2'] {
        lines.push(mark);
        lines.extend_from_slice(command.as_bytes());
        lines.push(b'\n');
    }
    lines
}
