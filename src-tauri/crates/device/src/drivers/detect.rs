//! Which driver fits the device at the other end? Asked with nothing that could change a device of any kind.

use std::time::Duration;

use fieldkey_core::{Failure, Why};

use super::framed::Framed;
use super::shell::plain;
use crate::serial::{Line, Setup};

/// A device that answers at all does so within this; most of them at once.
const ANSWER: Duration = Duration::from_millis(1_500);

/// A shell has its prompt ready.
const PROMPT: Duration = Duration::from_millis(600);

/// An answer has ended when nothing more has come for so long.
const PAUSE: Duration = Duration::from_millis(150);

/// A boot loader counts seconds, and not many.
const COUNT: Duration = Duration::from_millis(1_500);
const BOOT: Duration = Duration::from_secs(30);

/// No answer to these questions is longer; a device that logs without end is cut off.
const AT_MOST: Duration = Duration::from_secs(3);

/// Who made the modem, which one it is, and its firmware: each maker answers some of them.
const AT_QUESTIONS: [&str; 4] = ["ATI", "AT+CGMI", "AT+CGMM", "AT+GMR"];

/// What a device says to harmless questions.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// To an empty line.
    pub(crate) prompt: String,
    /// To a modem's questions, if it answers `AT` like one.
    pub(crate) at: Option<String>,
    /// Whether it answers a frame of Fieldkey's own protocol.
    pub(crate) framed: bool,
}

/// Listens to a device: first to what an empty line brings, then as a modem, then as one of our own.
///
/// # Errors
/// `device-silent` when it answers none of it.
pub(crate) fn listen(line: &mut Line) -> Result<Heard, Failure> {
    hear_out(line)?;
    let mut heard = Heard { prompt: ask(line, b"\r", PROMPT)?, ..Heard::default() };
    let prompt = heard.prompt.trim_end();
    if prompt.ends_with(":~$") && !prompt.lines().last().is_some_and(|last| last.contains('@')) {
        heard.at = Some(ask(line, b"at AT+CGMI\r", ANSWER)?);
    }
    if is_shell(&heard.prompt) {
        return Ok(heard);
    }
    let at = ask(line, b"\r\nAT\r\n", ANSWER)?;
    if is_modem(&at) {
        let mut all = at;
        for question in AT_QUESTIONS {
            all += &ask(line, format!("{question}\r\n").as_bytes(), ANSWER)?;
        }
        heard.at = Some(all);
        return Ok(heard);
    }
    // Last: its bytes are any bytes, and a quote among them would have some modems wait for another one.
    heard.framed = Framed::new(Setup::default().baud).answers(line)?;
    if heard.framed {
        return Ok(heard);
    }
    if heard.prompt.trim().is_empty() && at.trim().is_empty() {
        let why = Why::new(
            "neither to a shell's, a modem's nor Fieldkey's own hello",
            "シェル、モデム、Fieldkey のいずれの呼びかけにも応答がありません",
        );
        return Err(line.silent(why));
    }
    heard.prompt += &at;
    Ok(heard)
}

/// A prompt at the end, or a login: whatever waits there takes lines, and what is no command for it harms it not.
fn is_shell(prompt: &str) -> bool {
    let last = prompt.trim_end().lines().last().unwrap_or_default().trim();
    [">>>", "$", "#", "~$", "login:", "Password:"].iter().any(|end| last.ends_with(end))
}

fn is_modem(answer: &str) -> bool {
    answer.lines().any(|line| matches!(line.trim(), "OK" | "ERROR"))
}

/// A device that starts up is let alone: a key pressed while it counts down may keep it in its boot loader.
fn hear_out(line: &mut Line) -> Result<(), Failure> {
    let end = line.now() + BOOT;
    let mut said = said(line, PAUSE)?;
    while String::from_utf8_lossy(&said).to_ascii_lowercase().contains("autoboot") && line.now() < end {
        said = self::said(line, COUNT)?;
    }
    Ok(())
}

fn ask(line: &mut Line, question: &[u8], within: Duration) -> Result<String, Failure> {
    line.discard();
    line.send(question, ANSWER)?;
    Ok(plain(&said(line, within)?).to_string())
}

fn said(line: &mut Line, within: Duration) -> Result<Vec<u8>, Failure> {
    let end = line.now() + AT_MOST;
    let mut until = line.now() + within;
    while line.wait(until.min(end))? {
        until = line.now() + PAUSE;
    }
    let count = line.seen().len();
    Ok(line.take(count).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_modems_are_told_from_chatter() {
        for shell in ["\r\nMicroPython v1.27\r\n>>> ", "uart:~$ ", "buildroot login: ", "/ # "] {
            assert!(is_shell(shell), "{shell:?}");
        }
        for other in ["", "[00:00:01] <inf> app: started", "OK\r\n"] {
            assert!(!is_shell(other), "{other:?}");
        }
        assert!(is_modem("AT\r\r\nOK\r\n") && is_modem("\r\nERROR\r\n") && !is_modem("AT: command not found\r\n"));
    }
}
