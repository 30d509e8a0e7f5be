//! The shell's buffer for a credential, and how to fill it without losing bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::{Format, WITHIN, Zephyr, silent};
use crate::drivers::shell::PIECE;
use crate::serial::Line;

const STORED: &str = "Stored ";
const NO_ROOM: &str = "Not enough room";
const CLEARED: &str = "Credential buffer cleared";
const LOADS: &str = "Input credential";

/// What firmware says that takes the word for bytes.
const NO_LOAD: &str = "Stored 4 bytes.";

/// The end of raw bytes.
const END: &[u8] = b"\x03";

/// So often bytes may be lost before it is given up.
const TRIES: usize = 6;

/// Raw ones are lost whenever the system logs as they come. After so many tries they come in pieces, if they may.
const RAW_TRIES: usize = 3;

/// What came of filling it.
enum Filled {
    All,
    /// The device has another number of bytes.
    Lost,
    Full,
}

impl Zephyr {
    pub(super) fn clear(&mut self, line: &mut Line) -> Result<(), Failure> {
        // Older firmware says nothing when there is nothing to be cleared.
        self.run(line, "cred buf clear", WITHIN, &[CLEARED]).map(drop)
    }

    /// Would so many bytes of PEM fit? Filled with harmless bytes, and cleared.
    ///
    /// # Errors
    /// `target-full`.
    pub(super) fn prove(&mut self, line: &mut Line, pem: usize) -> Result<(), Failure> {
        let bytes = match self.format(line)? {
            Format::Bint => pem.div_ceil(3) * 4,
            Format::Strt => pem,
        };
        if bytes <= self.proved {
            return Ok(());
        }
        if !self.fill(line, &vec![b'A'; bytes])? {
            return self.prove(line, pem);
        }
        self.clear(line)
    }

    /// Brings a credential into the buffer. Returns the name of the format that it is in there.
    pub(super) fn load(&mut self, line: &mut Line, pem: &[u8]) -> Result<&'static str, Failure> {
        let (filled, format) = match self.format(line)? {
            Format::Bint => (self.fill(line, Zeroizing::new(STANDARD.encode(pem)).as_bytes())?, "bint"),
            Format::Strt => (self.fill(line, pem)?, "strt"),
        };
        if filled { Ok(format) } else { self.load(line, pem) }
    }

    /// Raw bytes where they come through, else base64.
    fn format(&mut self, line: &mut Line) -> Result<Format, Failure> {
        let loads = self.loads(line)?;
        match self.format {
            Some(Format::Strt) if !loads => {
                let why = Why::new(
                    "this firmware has no `cred buf load`, which `strt` needs",
                    "このファームウェアには `strt` に必要な `cred buf load` がありません",
                );
                Err(Failure::new(Code::Usage).about("?format=").because_of(why))
            }
            Some(format) => Ok(format),
            None if loads => Ok(Format::Strt),
            None => Ok(Format::Bint),
        }
    }

    /// Older firmware takes the word `load` for four bytes of a credential.
    fn loads(&mut self, line: &mut Line) -> Result<bool, Failure> {
        if let Some(loads) = self.loads {
            return Ok(loads);
        }
        self.ready(line)?;
        let Some(shell) = &self.shell else { return Err(silent(line)) };
        self.unsure = true;
        line.discard();
        line.send(b"cred buf load\r", WITHIN)?;
        let loads = shell.says(line, LOADS, NO_LOAD, WITHIN)?;
        if loads {
            line.discard();
            line.send(END, WITHIN)?;
            let done = |said: &str| said.contains(STORED);
            shell.answer(line, "", WITHIN, done)?.ok_or_else(|| silent(line))?;
        }
        self.unsure = false;
        self.clear(line)?;
        self.loads = Some(loads);
        Ok(loads)
    }

    /// False if raw bytes do not come through, and none are sent any more: the format may be another one now.
    fn fill(&mut self, line: &mut Line, bytes: &[u8]) -> Result<bool, Failure> {
        let loads = self.loads(line)?;
        let only_raw = self.format == Some(Format::Strt);
        for _ in 0..if loads && !only_raw { RAW_TRIES } else { TRIES } {
            let filled = if loads { self.pour(line, bytes)? } else { self.spoon(line, bytes)? };
            match filled {
                Filled::All => {
                    self.proved = self.proved.max(bytes.len());
                    return Ok(true);
                }
                Filled::Full => {
                    let count = bytes.len();
                    let why = Why::new(
                        format!(
                            "its buffer takes no credential of {count} bytes; CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE must be larger"
                        ),
                        format!(
                            "バッファーに {count} バイトの認証情報が入りません。CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE を大きくしてください"
                        ),
                    );
                    return Err(line.failure(Code::TargetFull).because_of(why));
                }
                Filled::Lost => {}
            }
        }
        if loads && !only_raw {
            self.loads = Some(false);
            return Ok(false);
        }
        let why = Why::new("the line loses bytes", "通信中にデータが失われています");
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }

    /// All of it as raw bytes.
    fn pour(&mut self, line: &mut Line, bytes: &[u8]) -> Result<Filled, Failure> {
        self.ready(line)?;
        let Some(shell) = &self.shell else { return Err(silent(line)) };
        self.unsure = true;
        line.discard();
        line.send(b"cred buf load\r", WITHIN)?;
        if !shell.says(line, LOADS, NO_LOAD, WITHIN)? {
            return Ok(Filled::Lost);
        }
        line.discard();
        line.send(bytes, WITHIN)?;
        line.send(END, WITHIN)?;
        let done = |said: &str| said.contains(STORED) || said.contains(NO_ROOM);
        let Some(said) = shell.answer(line, "", WITHIN, done)? else { return Ok(Filled::Lost) };
        // What came after the buffer was full was typed into the shell: the next command throws it away.
        self.unsure = said.contains(NO_ROOM);
        Ok(filled(&said, bytes.len()))
    }

    /// A spoonful at a time: each is counted by the device, and none is longer than what it can hold unread.
    fn spoon(&mut self, line: &mut Line, bytes: &[u8]) -> Result<Filled, Failure> {
        self.clear(line)?;
        for piece in bytes.chunks(PIECE) {
            let piece = Zeroizing::new(format!("cred buf {}", String::from_utf8_lossy(piece)));
            let said = match self.run(line, &piece, WITHIN, &[STORED, NO_ROOM]) {
                Ok(said) => said,
                Err(failure) if failure.code == Code::DeviceSilent => return Ok(Filled::Lost),
                Err(failure) => return Err(failure),
            };
            match filled(&said, piece.len() - "cred buf ".len()) {
                Filled::All => {}
                other => return Ok(other),
            }
        }
        Ok(Filled::All)
    }
}

fn filled(said: &str, expected: usize) -> Filled {
    if said.contains(NO_ROOM) {
        return Filled::Full;
    }
    let number = |line: &str| line.trim().strip_prefix(STORED)?.strip_suffix(" bytes.")?.parse::<usize>().ok();
    if said.lines().any(|line| number(line) == Some(expected)) { Filled::All } else { Filled::Lost }
}
