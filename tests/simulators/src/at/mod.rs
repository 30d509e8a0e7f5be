//! Modems with AT commands: what all of them do alike, and one module for each kind.

mod esp_at;
mod quectel;
mod simcom;
mod simcom_fs;
mod terminal;
mod ublox;

use std::collections::BTreeMap;
use std::time::Duration;

pub use esp_at::EspAt;
pub use quectel::Quectel;
pub use simcom::SimCom;
pub use simcom_fs::SimComFs;
pub use terminal::{AtModem, Manner};
pub use ublox::{Dialect, Ublox, decoded};

/// What one kind of modem does with commands. Its terminal does the rest.
pub trait Model: Send {
    /// A command that is not every modem's.
    fn command(&mut self, command: &str) -> Reply;

    /// All bytes of a payload are here.
    fn payload(&mut self, payload: Vec<u8>) -> Reply;

    /// The payload stopped coming. What was there so far.
    fn broken_off(&mut self, _: Vec<u8>) -> Reply {
        Reply::error("50")
    }

    /// It lost its power.
    fn restarted(&mut self) {}

    fn stored(&self) -> BTreeMap<String, Vec<u8>>;

    /// What it says when it has started.
    fn banner(&self) -> &'static str {
        "\r\nRDY\r\n"
    }

    /// Reports that nobody asked for.
    fn reports(&self) -> &'static [&'static str] {
        &["+CREG: 1", "+CSQ: 17,99", "log: link a > b", "+CEREG: 2"]
    }

    /// What a command ends with; what else ends lines means nothing.
    fn line_end(&self) -> u8 {
        b'\r'
    }

    fn has_error_numbers(&self) -> bool {
        true
    }
}

/// An answer.
#[derive(Default)]
pub struct Reply {
    /// Before the last line.
    pub(crate) said: Vec<u8>,
    pub(crate) end: End,
}

#[derive(Default)]
pub(crate) enum End {
    #[default]
    Ok,
    /// With a number, where the modem has such.
    Error(String),
    Data(Data),
}

/// Bytes that a modem waits for.
pub(crate) struct Data {
    pub(crate) count: usize,
    pub(crate) prompt: &'static str,
    /// After so long without any it gives up.
    pub(crate) patience: Option<Duration>,
    /// It says so after each so many bytes.
    pub(crate) acknowledge: Option<usize>,
}

impl Reply {
    pub(crate) fn ok() -> Self {
        Self::default()
    }

    pub(crate) fn error(number: &str) -> Self {
        Self { said: vec![], end: End::Error(number.into()) }
    }

    /// A line, then OK.
    pub(crate) fn line(line: impl AsRef<str>) -> Self {
        Self::ok().and(line)
    }

    pub(crate) fn and(mut self, line: impl AsRef<str>) -> Self {
        self.said.extend(format!("\r\n{}\r\n", line.as_ref()).bytes());
        self
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.said.extend_from_slice(bytes);
        self
    }

    pub(crate) fn data(data: Data) -> Self {
        Self { said: vec![], end: End::Data(data) }
    }
}

/// The arguments of `AT+X=…`, without their quotes. `None` for another command.
pub(crate) fn arguments(command: &str, name: &str) -> Option<Vec<String>> {
    let rest = command.strip_prefix(name)?.strip_prefix('=')?;
    Some(rest.split(',').map(|argument| argument.trim_matches('"').to_owned()).collect())
}

/// The sum of what is stored.
pub(crate) fn used(store: &BTreeMap<String, Vec<u8>>) -> usize {
    store.values().map(Vec::len).sum()
}
