//! Asking at the terminal. Secrets are read without echo and are never taken from arguments.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use fieldkey_core::{Code, Failure};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use secrecy::{ExposeSecret, SecretString};

use crate::output::Output;
use crate::words::{self, Phrase};

/// A prompt waits for the person; its thread cannot be ended.
static OPEN: AtomicBool = AtomicBool::new(false);

pub(crate) fn is_open() -> bool {
    OPEN.load(Ordering::SeqCst)
}

/// A secret from the environment; empty counts as unset.
pub(crate) fn environment(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from)
}

/// The terminal, where standard input is one.
pub(crate) struct Prompt<'a> {
    pub(crate) output: &'a Output,
}

impl Prompt<'_> {
    /// # Errors
    /// `code` about `what` where nobody can be asked.
    pub(crate) async fn secret(&self, question: &str, code: Code, what: &str) -> Result<SecretString, Failure> {
        let question = question.to_owned();
        let asked = self.ask(move || rpassword::prompt_password(question)).await;
        asked.map(SecretString::from).ok_or_else(|| Failure::new(code).about(what))
    }

    pub(crate) async fn line(&self, question: &str, what: &str) -> Result<String, Failure> {
        let question = question.to_owned();
        let asked = self.ask(move || {
            let mut error = std::io::stderr();
            error.write_all(question.as_bytes())?;
            error.flush()?;
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            Ok(line.trim().to_owned())
        });
        asked.await.filter(|line| !line.is_empty()).ok_or_else(|| Failure::new(Code::SignInRequired).about(what))
    }

    /// Only a clear yes is one.
    pub(crate) async fn confirm(&self, question: Phrase) -> bool {
        let answer = self.line(&self.words(question, ""), "").await.unwrap_or_default();
        ["y", "yes", "はい"].contains(&answer.to_lowercase().as_str())
    }

    /// The index of the chosen one.
    pub(crate) async fn choose(&self, question: Phrase, names: &[Phrase]) -> Result<usize, Failure> {
        for (index, name) in names.iter().enumerate() {
            self.output.say(&format!("  {} {}", index + 1, self.words(*name, "")));
        }
        let question = self.words(question, &names.len().to_string());
        loop {
            let line = self.line(&question, "").await;
            let line = line.map_err(|_| Failure::new(Code::MfaRequired).about("SELECT_CHALLENGE"))?;
            match line.parse::<usize>() {
                Ok(number) if (1..=names.len()).contains(&number) => return Ok(number - 1),
                _ => self.output.say(&self.words(Phrase::ANumber, "")),
            }
        }
    }

    pub(crate) fn words(&self, phrase: Phrase, about: &str) -> String {
        words::say(phrase, about, self.output.language())
    }

    /// The QR code for an authenticator app, and its secret for typing. Only onto a terminal: a log would keep it.
    pub(crate) fn show_totp(&self, secret: &SecretString, uri: &SecretString) -> Result<(), Failure> {
        if !can_ask() || !std::io::stderr().is_terminal() {
            return Err(Failure::new(Code::MfaRequired).about("MFA_SETUP"));
        }
        if let Ok(code) = QrCode::new(uri.expose_secret()) {
            self.output.say(&code.render::<Dense1x2>().build());
        }
        self.output.say(&self.words(Phrase::ScanOrType, secret.expose_secret()));
        Ok(())
    }

    async fn ask(&self, read: impl FnOnce() -> std::io::Result<String> + Send + 'static) -> Option<String> {
        if !can_ask() {
            return None;
        }
        self.output.clear();
        OPEN.store(true, Ordering::SeqCst);
        let answer = tokio::task::spawn_blocking(read).await;
        OPEN.store(false, Ordering::SeqCst);
        answer.ok()?.ok()
    }
}

/// Is somebody there to be asked?
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal()
}

#[cfg(windows)]
pub(crate) use fieldkey_win32::Echo;

/// The terminal's echo, as it was before a prompt turned it off.
#[cfg(unix)]
pub(crate) struct Echo(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Echo {
    pub(crate) fn remember() -> Self {
        Self(rustix::termios::tcgetattr(std::io::stdin()).ok())
    }

    pub(crate) fn restore(&self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs no echo.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
