//! Where does the console stand? Found out by keys that harm nobody.

use fieldkey_core::{Code, Failure, Why};

use super::pace::Pace;
use super::text::{last_line, settled};
use crate::serial::Line;

/// What is typed to see what answers, the gentlest first. A line that somebody left half-typed must not be carried out:
/// the cursor goes to its end (Ctrl-E) and all before it is erased (Ctrl-U), which getty, the tty and the shells'
/// editors take alike.
const PROBES: [&[u8]; 4] = [
    b"\x05\x15\r",
    // A pager, and a pager's help
    b"qq\x05\x15\r",
    // Output that somebody held back (Ctrl-Q; an editor takes it for a quote of the next key, so that comes twice);
    // a command that waits for more
    b"\x11\x15\x15\x03\x05\x15\r",
    // And what came of that
    b"\x05\x15\r",
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Login,
    Password,
    BootLoader,
    /// The reader of a session of ours that broke off.
    Reader,
    Shell,
    Elsewhere,
}

/// Finds out whether somebody has to log in first. Elsewhere and password prompts are left behind.
///
/// # Errors
/// `device-silent`; `device-rejected` where it talks, but neither as a login nor as a shell.
pub(super) fn find(line: &mut Line, pace: &Pace, token: &str) -> Result<Place, Failure> {
    hear_out(line, pace)?;
    let mut heard = false;
    for probe in PROBES {
        line.discard();
        line.send(probe, pace.answer)?;
        let until = line.now() + pace.answer / 2;
        if !line.wait(until)? {
            continue;
        }
        heard = true;
        let mut said = settled(line, pace.quiet, pace.login)?;
        if said.trim().is_empty() {
            // Somebody's password, missing, is being pondered? Nothing is typed meanwhile: it might be taken for a name.
            let until = line.now() + pace.answer * 2;
            line.wait(until)?;
            said = settled(line, pace.quiet, pace.login)?;
        }
        match place(&said) {
            Place::Password => return past_password(line, pace),
            Place::Reader => {
                line.send(b"\n0\n", pace.answer)?;
                settled(line, pace.quiet, pace.answer)?;
                // It ends, and a login of that session's with it.
                line.discard();
                line.send(b"\r", pace.answer)?;
                if place(&settled(line, pace.quiet * 2, pace.answer)?) == Place::Login {
                    return Ok(Place::Login);
                }
            }
            Place::Elsewhere | Place::Shell => {}
            place => return Ok(place),
        }
        if is_shell(line, pace, token)? {
            return Ok(Place::Shell);
        }
    }
    if !heard {
        return Err(line.silent(Why::new("nothing answers on the console", "コンソールから応答がありません")));
    }
    let why = Why::new("neither a login nor a shell answers", "ログイン画面でもシェルでもありません");
    Err(line.failure(Code::DeviceRejected).because_of(why))
}

/// Has a shell work something out, so that an echo is no answer.
pub(super) fn is_shell(line: &mut Line, pace: &Pace, token: &str) -> Result<bool, Failure> {
    line.discard();
    line.send(format!(" true;echo \"<{token}:$?:{token}>\"\r").as_bytes(), pace.answer)?;
    Ok(line.until(format!("<{token}:0:{token}>").as_bytes(), pace.answer)?.is_some())
}

/// What it stands at, by its last line.
pub(super) fn place(said: &str) -> Place {
    let last = last_line(said).to_ascii_lowercase();
    if last.ends_with("login:") || last.ends_with("username:") {
        Place::Login
    } else if last.ends_with("password:") {
        Place::Password
    } else if last.ends_with("=>") || last.ends_with("u-boot>") {
        Place::BootLoader
    } else if last.starts_with("<fk") && last.ends_with('>') {
        Place::Reader
    } else {
        Place::Elsewhere
    }
}

/// A device that starts up is let alone: a key pressed then may keep it in its boot loader.
fn hear_out(line: &mut Line, pace: &Pace) -> Result<(), Failure> {
    let mut said = settled(line, pace.quiet, pace.boot)?;
    for _ in 0..10 {
        if !last_line(&said).to_ascii_lowercase().contains("autoboot") {
            break;
        }
        // It counts seconds.
        line.discard();
        said = settled(line, pace.quiet * 10, pace.boot)?;
    }
    Ok(())
}

/// Somebody gave a name and left. No password is a wrong one, after which it asks for a name again.
fn past_password(line: &mut Line, pace: &Pace) -> Result<Place, Failure> {
    line.discard();
    line.send(b"\r", pace.answer)?;
    let end = line.now() + pace.login;
    while line.now() < end {
        if place(&settled(line, pace.quiet, pace.login)?) == Place::Login {
            return Ok(Place::Login);
        }
        let until = end.min(line.now() + pace.answer);
        line.wait(until)?;
    }
    let why = Why::new("it goes on asking for a password", "パスワードの入力待ちのままです");
    Err(line.failure(Code::DeviceRejected).because_of(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_where_a_console_stands() {
        assert_eq!(place("Welcome to Buildroot\n\nbuildroot login: "), Place::Login);
        assert_eq!(place("board login: root\nPassword: "), Place::Password);
        assert_eq!(place("Last login: Mon Jan  1 00:00:00 on ttyS0\n# "), Place::Elsewhere, "that is a greeting");
        assert_eq!(place("U-Boot 2024.01\n=> "), Place::BootLoader);
        assert_eq!(place("\n<fk0123456789abcdef?>\n"), Place::Reader);
        assert_eq!(place(""), Place::Elsewhere);
    }
}
