//! Zephyr's shell on a UART, as far as a host sees it: a small ring buffer, a line editor with echo, colours, a prompt.

use std::collections::VecDeque;
use std::time::Duration;

use crate::Out;

/// Columns of the terminal that it takes for granted.
const WIDTH: usize = 80;

pub(crate) struct Shell {
    pub(crate) prompt: String,
    /// `SHELL_BACKEND_SERIAL_RX_RING_BUFFER_SIZE`
    pub(crate) ring: usize,
    /// `SHELL_CMD_BUFF_SIZE`
    pub(crate) command: usize,
    pub(crate) echo: bool,
    /// When each byte in the ring is taken out of it.
    waiting: VecDeque<Duration>,
    line: Vec<u8>,
    last: u8,
    pub(crate) overruns: u64,
}

impl Shell {
    pub(crate) fn new(prompt: &str, ring: usize, command: usize) -> Self {
        let waiting = VecDeque::new();
        Self { prompt: prompt.into(), ring, command, echo: true, waiting, line: vec![], last: 0, overruns: 0 }
    }

    /// Is there room for the byte that came in? If not, it is lost.
    pub(crate) fn takes(&mut self, out: &Out) -> bool {
        while self.waiting.front().is_some_and(|taken| *taken <= out.at()) {
            self.waiting.pop_front();
        }
        if self.waiting.len() >= self.ring {
            self.overruns += 1;
            return false;
        }
        self.waiting.push_back(out.at().max(out.free()));
        true
    }

    /// A key was pressed. Returns the command when it is complete; after running it comes [`Self::ready`].
    pub(crate) fn key(&mut self, byte: u8, out: &mut Out) -> Option<String> {
        let second = byte == b'\n' && self.last == b'\r';
        self.last = byte;
        match byte {
            b'\n' if second => None,
            b'\r' | b'\n' => {
                self.echo(out, b"\r\n");
                let line = std::mem::take(&mut self.line);
                Some(String::from_utf8_lossy(&line).into_owned())
            }
            0x08 | 0x7f => {
                if self.line.pop().is_some() {
                    self.echo(out, b"\x08\x1b[J");
                }
                None
            }
            // CTRL+C
            0x03 => {
                self.line.clear();
                out.say("\r\n");
                self.ready(out);
                None
            }
            // CTRL+U
            0x15 => {
                self.line.clear();
                self.ready(out);
                None
            }
            b' '..=b'~' if self.line.len() + 1 < self.command => {
                self.line.push(byte);
                self.echo(out, &[byte]);
                if (self.prompt.len() + self.line.len()).is_multiple_of(WIDTH) {
                    self.echo(out, b"\r\n");
                }
                None
            }
            _ => None,
        }
    }

    pub(crate) fn ready(&self, out: &mut Out) {
        out.say(format!("\x1b[1;32m{}\x1b[m", self.prompt));
    }

    pub(crate) fn print(&self, out: &mut Out, text: &str) {
        out.say(format!("{}\r\n", text.replace('\n', "\r\n")));
    }

    pub(crate) fn error(&self, out: &mut Out, text: &str) {
        out.say(format!("\x1b[1;31m{}\r\n\x1b[m", text.replace('\n', "\r\n")));
    }

    pub(crate) fn warn(&self, out: &mut Out, text: &str) {
        out.say(format!("\x1b[1;33m{text}\r\n\x1b[m"));
    }

    /// A log line takes the place of the line that is being typed, which is then typed again.
    pub(crate) fn log(&self, out: &mut Out, text: &str) {
        out.say(format!("\x1b[1000D\x1b[0J\x1b[0m{text}\x1b[0m\r\n"));
        self.ready(out);
        out.say(&self.line);
    }

    pub(crate) fn reboot(&mut self, out: &mut Out) {
        self.line.clear();
        self.waiting.clear();
        out.say("*** Booting nRF Connect SDK v3.1.0-6c6e5b32496e ***\r\n*** Using Zephyr OS v4.1.99-1612683d4010 ***\r\n\r\n\r\n");
        self.ready(out);
    }

    fn echo(&self, out: &mut Out, bytes: &[u8]) {
        if self.echo {
            out.say(bytes);
        }
    }
}

/// The words of a command, as the shell makes them: blanks part them, quotes keep blanks.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let (mut word, mut quote) = (None::<String>, None);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), '\\') if letters.peek() == Some(&open) => {
                word.get_or_insert_default().extend(letters.next());
            }
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
