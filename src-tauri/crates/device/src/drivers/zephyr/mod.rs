//! Zephyr's TLS credentials shell (`cred`), and Nordic's `nrf_cloud_cred` beside it.
//! <https://docs.zephyrproject.org/latest/connectivity/networking/api/tls_credentials_shell.html>

mod buffer;
mod credentials;
mod key;
#[cfg(test)]
mod raw_tests;
mod refusal;
#[cfg(test)]
mod tests;

use std::time::Duration;

use fieldkey_core::ports::{Caution, NewKey};
use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::nrf91::sectag;
use super::shell::Shell;
use super::{Driver, Store};
use crate::serial::{Line, Settings};

const WITHIN: Duration = Duration::from_secs(5);
/// A board that has just started says its prompt after its banner.
const PROMPT_WITHIN: Duration = Duration::from_secs(2);

/// How a credential goes through the shell's buffer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Format {
    /// As base64, of which the shell makes text and a NUL again.
    Bint,
    /// As it is, and a NUL: only where raw bytes come through.
    Strt,
}

pub(crate) struct Zephyr {
    tag: u32,
    format: Option<Format>,
    shell: Option<Shell>,
    /// The last command had no answer.
    unsure: bool,
    /// Do raw bytes come through `cred buf load`? `None` as long as nobody asked.
    loads: Option<bool>,
    /// So many bytes went into the buffer at once.
    proved: usize,
    volatile: bool,
    holds_key: bool,
    /// The key was made on the device, where `cred` does not see it.
    made_key: bool,
}

impl Zephyr {
    /// `sectag`, `format` (`bint`, `strt`).
    ///
    /// # Errors
    /// `usage`.
    pub(crate) fn new(settings: &mut Settings) -> Result<Self, Failure> {
        let tag = sectag(settings)?;
        let format = settings.text("format").map(|name| match name.as_str() {
            "bint" => Ok(Format::Bint),
            "strt" => Ok(Format::Strt),
            _ => Err(Failure::new(Code::Usage).about("?format=").because("bint, strt")),
        });
        Ok(Self {
            tag,
            format: format.transpose()?,
            shell: None,
            unsure: false,
            loads: None,
            proved: 0,
            volatile: false,
            holds_key: false,
            made_key: false,
        })
    }

    /// Runs a command whose answer has one of these words in it.
    ///
    /// # Errors
    /// `device-silent`.
    fn run(
        &mut self,
        line: &mut Line,
        command: &str,
        within: Duration,
        words: &[&str],
    ) -> Result<Zeroizing<String>, Failure> {
        self.ready(line)?;
        let Some(shell) = &self.shell else { return Err(silent(line)) };
        self.unsure = true;
        let done = |said: &str| ends(said, words);
        let answer = shell.run(line, command, within, done)?.ok_or_else(|| silent(line))?;
        self.unsure = false;
        Ok(answer)
    }

    /// What was typed and had no answer is thrown away.
    fn ready(&mut self, line: &mut Line) -> Result<(), Failure> {
        if std::mem::take(&mut self.unsure) {
            let back = self.shell.as_ref().map_or(Ok(false), |shell| shell.interrupt(line));
            if !matches!(back, Ok(true)) {
                self.unsure = true;
                return Err(back.err().unwrap_or_else(|| silent(line)));
            }
        }
        Ok(())
    }
}

/// Is this the line that an answer is known by?
fn ends(said: &str, words: &[&str]) -> bool {
    let refused = ["command not found", "wrong parameter count", "is not a valid"];
    words.iter().chain(&refused).any(|words| said.contains(words))
}

fn silent(line: &Line) -> Failure {
    line.silent(Why::new("the shell shows no prompt", "シェルのプロンプトが表示されません"))
}

fn no_shell(line: &Line) -> Failure {
    let why = Why::new(
        "what answers is no Zephyr with the TLS credentials shell",
        "応答しているのは TLS credentials シェルを備えた Zephyr ではありません",
    );
    line.failure(Code::DeviceRejected).because_of(why)
}

impl Driver for Zephyr {
    fn name(&self) -> &str {
        "zephyr"
    }

    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        self.shell = Shell::wake(line, PROMPT_WITHIN)?;
        if self.shell.is_none() {
            return Err(if line.seen().is_empty() { silent(line) } else { no_shell(line) });
        }
        // What somebody had begun to type went with Enter. This is the first word that only Zephyr knows.
        let said = self.run(line, "kernel version", WITHIN, &["Zephyr version"])?;
        let version = said.lines().find(|line| line.contains("Zephyr version")).map(|line| line.trim().to_owned());
        let said = self.run(line, &format!("cred list {}", self.tag), WITHIN, &["credentials found"])?;
        if !said.contains("credentials found") {
            return Err(no_shell(line));
        }
        Ok(version)
    }

    fn leave(&mut self, line: &mut Line) {
        // Half a key in its buffer is for nobody. A board that does not answer keeps it until its next start.
        let _ = self.clear(line);
    }

    fn store(&mut self) -> Store<'_> {
        Store::Slots(self)
    }

    fn cautions(&self) -> Vec<Caution> {
        let volatile = self.volatile.then_some(Caution::VolatileStorage);
        let readable = self.holds_key.then_some(Caution::ReadableKey);
        volatile.into_iter().chain(readable).collect()
    }

    fn makes_keys(&self) -> bool {
        true
    }

    fn request(&mut self, line: &mut Line, wanted: &NewKey) -> Result<String, Failure> {
        self.make_key(line, wanted)
    }
}
