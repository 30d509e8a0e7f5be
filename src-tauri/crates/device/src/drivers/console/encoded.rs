//! A file as text, for a device that has no `rz`; and files from the device.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fieldkey_core::{Code, Failure};
use zeroize::Zeroizing;

use super::complaint;
use super::shell::Shell;
use super::text::without_log;
use crate::serial::Line;

/// So many bytes go at once: as base64 with its line ends they are half of what a tty keeps for a program that does
/// not read yet (4096), so nothing is lost on a line without flow control, however busy the device is.
const CHUNK: usize = 1536;

/// Characters in a line of base64: with room below what decoders and ttys take.
const WIDTH: usize = 512;

/// The longest command with bytes in it. busybox reads lines of 1024.
const COMMAND: usize = 800;

/// Appends to a file by base64 on a decoder's standard input. `None` if the decoder did not come to an end.
///
/// # Errors
/// What the shell said when it could not store it: `target-full`, `target-read-only`, `target-permission`.
pub(super) fn decoded(
    shell: &mut Shell,
    line: &mut Line,
    decoder: &str,
    name: &str,
    bytes: &[u8],
) -> Result<Option<()>, Failure> {
    for chunk in bytes.chunks(CHUNK) {
        if !shell.open(line, &format!("o=$({{ {decoder} >>'{name}';}} 2>&1);s=$?"))? {
            return Ok(None);
        }
        let text = Zeroizing::new(STANDARD.encode(chunk));
        let mut lines = Zeroizing::new(Vec::with_capacity(text.len() + text.len() / WIDTH + 2));
        for part in text.as_bytes().chunks(WIDTH) {
            lines.extend_from_slice(part);
            lines.push(b'\n');
        }
        // The end of input
        lines.push(0x04);
        let within = shell.pace().answer;
        line.send(&lines, within)?;
        let Some(answer) = shell.ended(line, within)? else { return Ok(None) };
        if !answer.succeeded() {
            return said_why(line, &answer.text);
        }
    }
    Ok(Some(()))
}

/// Appends to a file by octal numbers, in commands that are built into the shell.
pub(super) fn printed(shell: &mut Shell, line: &mut Line, name: &str, bytes: &[u8]) -> Result<Option<()>, Failure> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut text = Zeroizing::new(String::with_capacity(COMMAND + 4));
        let mut count = 0;
        for byte in rest {
            if text.len() >= COMMAND {
                break;
            }
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => text.push(char::from(*byte)),
                _ => text.push_str(&format!("\\{byte:03o}")),
            }
            count += 1;
        }
        let within = shell.patience();
        let command = Zeroizing::new(format!("printf '{}' >>'{name}'", *text));
        let answer = shell.run_secret(line, &command, within)?;
        if !answer.succeeded() {
            return said_why(line, &answer.text);
        }
        rest = rest.get(count..).unwrap_or_default();
    }
    Ok(Some(()))
}

/// What a program writes to standard output when it is given the file: text that bytes can be made of. `None` if it did
/// not come through.
pub(super) fn output(shell: &mut Shell, line: &mut Line, command: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let patience = shell.patience();
    if !shell.open(line, &format!("{command};s=$?;o="))? {
        return Ok(None);
    }
    // Each piece that comes is another reason to wait, but not for ever.
    let last = line.now() + patience;
    let (end, within) = (shell.answer_begins(), shell.pace().answer);
    loop {
        if let Some(at) = line.seen().windows(end.len()).position(|part| part == end.as_bytes()) {
            let said = line.take(at);
            return Ok(shell.ended(line, within)?.map(|_| said));
        }
        let until = last.min(line.now() + within);
        if !line.wait(until)? {
            return Ok(None);
        }
    }
}

/// Bytes from base64, as programs wrap it.
pub(super) fn from_base64(said: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = packed(said);
    // Sized at once, so that no copy is left behind.
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let count = STANDARD.decode_slice(&*text, &mut bytes).ok()?;
    bytes.truncate(count);
    Some(bytes)
}

/// Bytes from two hex digits each, as programs lay them out.
pub(super) fn from_hex(said: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let digits = packed(said);
    let mut bytes = Zeroizing::new(vec![0; digits.len() / 2]);
    hex::decode_to_slice(&*digits, &mut bytes).ok()?;
    Some(bytes)
}

fn packed(said: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = without_log(&Zeroizing::new(String::from_utf8_lossy(said).into_owned()));
    Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect())
}

/// Only words that are known are passed on: the text is about secret bytes.
fn said_why(line: &Line, text: &str) -> Result<Option<()>, Failure> {
    match complaint::known(text) {
        Some((words, code)) if code != Code::TargetRefused => Err(line.failure(code).because(words)),
        _ => Ok(None),
    }
}
