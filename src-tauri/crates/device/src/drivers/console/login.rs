//! Logging in, once.

use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::pace::Pace;
use super::place::{Place, is_shell, place};
use super::text::{is_prompt, settled, without_log};
use crate::serial::Line;

/// Gives the name and, if asked for it, the password. Returns whether it was asked for one.
///
/// A password is sent only after a question for it, which turns the echo off. `inside` is true from the moment that what
/// was sent may have opened a shell, and false again once it is known that it has not: after failures, too.
///
/// # Errors
/// `device-login` for a name or a password that the device does not take, or that is missing: nothing is tried twice.
/// `device-rejected` for a password that it wants changed. `device-silent`.
pub(super) fn log_in(
    line: &mut Line,
    pace: &Pace,
    token: &str,
    user: Option<&str>,
    password: Option<&SecretString>,
    inside: &mut bool,
) -> Result<bool, Failure> {
    let Some(user) = user else {
        let why = Why::new("it asks who logs in", "ユーザー名を求めています");
        return Err(line.failure(Code::DeviceLogin).because_of(why));
    };
    *inside = true;
    enter(line, pace, user)?;
    *inside = outcome(line, pace, token, pace.login)? == Place::Shell;
    if *inside {
        return Ok(false);
    }
    let Some(password) = password else {
        let why = Why::new(
            format!("it asks for the password of user {user}"),
            format!("ユーザー {user} のパスワードを求めています"),
        );
        return Err(line.failure(Code::DeviceLogin).because_of(why));
    };
    *inside = true;
    enter(line, pace, password.expose_secret())?;
    let place = outcome(line, pace, token, pace.login)?;
    *inside = place == Place::Shell;
    match place {
        Place::Shell => Ok(true),
        Place::Password => {
            let why = Why::new("it wants the password changed first", "先にパスワードの変更を求めています");
            Err(line.failure(Code::DeviceRejected).because_of(why))
        }
        _ => Err(refused(line, user)),
    }
}

/// Leaves a shell that a login may have opened: one that was broken off may still be on its way there. Where a name or a
/// password is asked for there is none, and nothing is typed.
pub(super) fn log_out(line: &mut Line, pace: &Pace, token: &str) -> Result<(), Failure> {
    match outcome(line, pace, token, pace.login / 2) {
        Ok(Place::Login | Place::Password) => Ok(()),
        _ => {
            // A shell throws away with Ctrl-C what came close behind it.
            line.send(b"\x03", pace.answer)?;
            settled(line, pace.quiet, pace.answer)?;
            line.send(b"\x05\x15 exit\r", pace.answer)
        }
    }
}

fn enter(line: &mut Line, pace: &Pace, word: &str) -> Result<(), Failure> {
    let mut keys = Zeroizing::new(Vec::with_capacity(word.len() + 1));
    keys.extend_from_slice(word.as_bytes());
    keys.push(b'\r');
    line.discard();
    line.send(&keys, pace.answer)
}

/// Waits for what comes of it: a shell, a question for a password, or the question for a name once more.
fn outcome(line: &mut Line, pace: &Pace, token: &str, within: Duration) -> Result<Place, Failure> {
    let (begun, mut asked) = (line.now(), false);
    while line.now() < begun + within {
        // The kernel's log may stand between a question and its end.
        let said = without_log(&settled(line, pace.quiet, within)?);
        if said.to_ascii_lowercase().contains("incorrect") {
            return Ok(Place::Login);
        }
        match place(&said) {
            Place::Login => return Ok(Place::Login),
            // What a line ends with that is over was no question, but a greeting, say: a shell would show what it got.
            Place::Password if !said.ends_with('\n') => return Ok(Place::Password),
            _ => {}
        }
        // A line typed before a shell is there might be taken for a password: the prompt is waited for, or a long time.
        if is_prompt(&said) || (!asked && line.now() > begun + within / 2) {
            asked = true;
            if is_shell(line, pace, token)? {
                return Ok(Place::Shell);
            }
        }
        let until = line.now() + pace.quiet;
        line.wait(until)?;
    }
    Err(line.silent(Why::new("the login does not answer", "ログインの応答がありません")))
}

fn refused(line: &Line, user: &str) -> Failure {
    let why =
        Why::new(format!("it refused the login of user {user}"), format!("ユーザー {user} のログインが拒否されました"));
    line.failure(Code::DeviceLogin).because_of(why)
}
