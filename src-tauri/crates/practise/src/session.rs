//! Signing in, as a user pool asks for it.
//!
//! Any e-mail address is somebody's here, and any password of 8 characters or more is theirs. What stands before the
//! `@` chooses what is asked besides, every time anew, so that it can be practised again:
//!
//! | user | what happens |
//! |---|---|
//! | `new@…` | the password was a temporary one: [`Challenge::NewPassword`] |
//! | `mfa@…` | a second factor: [`Challenge::Code`], answered with [`SHOWN_CODE`] |
//! | `installer@…` | may do what installers may; everybody else is of the help desk, too |
//! | others | signed in at once |

use fieldkey_core::ports::{Groups, SignedIn};
use fieldkey_core::{Code, Failure, HELPDESK, INSTALLERS, Why};
use secrecy::{ExposeSecret, SecretString};

use crate::{Practise, held};

/// The code that every question for a code takes. The window shows it, since no app and no mail does.
pub const SHOWN_CODE: &str = "123456";

const SHORTEST_PASSWORD: usize = 8;

/// How far the sign-in is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    SignedIn,
    Challenge(Challenge),
}

/// What the person is asked besides the password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Challenge {
    /// A new password instead of the temporary one; no attributes are required.
    NewPassword,
    /// The code that an authenticator app shows.
    Code,
}

#[derive(Debug)]
pub enum Answer {
    NewPassword(SecretString),
    Code(SecretString),
}

#[derive(Default)]
pub(crate) struct Session {
    under_way: Option<(String, Challenge)>,
    user: Option<String>,
}

impl Practise {
    /// Who is signed in.
    pub fn who(&self) -> Option<String> {
        held(&self.0.session).user.clone()
    }

    /// Begins a sign-in; another one under way is forgotten, and so is whoever was signed in.
    ///
    /// # Errors
    /// `wrong-password` for what is no e-mail address, and for a password that is too short.
    pub async fn sign_in(&self, user: &str, password: &SecretString) -> Result<Reply, Failure> {
        self.0.clock.takes(700).await;
        let user = user.trim();
        let mut session = held(&self.0.session);
        *session = Session::default();
        let (name, place) = user.split_once('@').unwrap_or_default();
        if name.is_empty() || place.is_empty() || is_short(password) {
            return Err(Failure::new(Code::WrongPassword));
        }
        let challenge = match name.to_ascii_lowercase().as_str() {
            "new" => Challenge::NewPassword,
            "mfa" => Challenge::Code,
            _ => {
                session.user = Some(user.to_owned());
                return Ok(Reply::SignedIn);
            }
        };
        session.under_way = Some((user.to_owned(), challenge));
        Ok(Reply::Challenge(challenge))
    }

    /// Answers the challenge that stands.
    ///
    /// # Errors
    /// After `wrong-code` and `password-policy` the same challenge can be answered again; `session-expired` where
    /// no such challenge stands.
    pub async fn answer(&self, answer: Answer) -> Result<Reply, Failure> {
        self.0.clock.takes(500).await;
        let mut session = held(&self.0.session);
        match (&session.under_way, &answer) {
            (Some((_, Challenge::NewPassword)), Answer::NewPassword(password)) => check_new(password)?,
            (Some((_, Challenge::Code)), Answer::Code(code)) => check_code(code)?,
            _ => return Err(Failure::new(Code::SessionExpired)),
        }
        session.user = session.under_way.take().map(|(user, _)| user);
        Ok(Reply::SignedIn)
    }

    /// Pretends to send a code for a new password; returns the masked address that it went to.
    ///
    /// # Errors
    /// `password-reset-forbidden` for what is no e-mail address.
    pub async fn forgot_password(&self, user: &str) -> Result<Option<String>, Failure> {
        self.0.clock.takes(700).await;
        let masked = user.trim().split_once('@').and_then(|(name, place)| {
            let first = |text: &str| text.chars().next();
            Some(format!("{}***@{}***", first(name)?, first(place)?))
        });
        masked.map(Some).ok_or_else(|| Failure::new(Code::PasswordResetForbidden))
    }

    /// Sets a new password with [`SHOWN_CODE`].
    ///
    /// # Errors
    /// `wrong-code`, `password-policy`.
    pub async fn confirm_forgot_password(&self, code: &SecretString, new: &SecretString) -> Result<(), Failure> {
        self.0.clock.takes(700).await;
        check_code(code)?;
        check_new(new)
    }

    pub fn sign_out(&self) {
        *held(&self.0.session) = Session::default();
    }

    /// # Errors
    /// `sign-in-required`
    pub(crate) fn signed_in(&self) -> Result<SignedIn, Failure> {
        let name = self.who().ok_or_else(|| Failure::new(Code::SignInRequired))?;
        let is_installer = name.split('@').next().is_some_and(|name| name.eq_ignore_ascii_case("installer"));
        let groups: &[&str] = if is_installer { &[INSTALLERS] } else { &[INSTALLERS, HELPDESK] };
        Ok(SignedIn { groups: Groups::Of(groups.iter().map(|&group| group.to_owned()).collect()), name })
    }
}

fn is_short(password: &SecretString) -> bool {
    password.expose_secret().chars().count() < SHORTEST_PASSWORD
}

fn check_new(password: &SecretString) -> Result<(), Failure> {
    let why = || {
        Why::new(
            format!("at least {SHORTEST_PASSWORD} characters"),
            format!("{SHORTEST_PASSWORD} 文字以上にしてください"),
        )
    };
    if is_short(password) { Err(Failure::new(Code::PasswordPolicy).because_of(why())) } else { Ok(()) }
}

/// People copy codes with the space that their app shows in the middle.
fn check_code(code: &SecretString) -> Result<(), Failure> {
    let is_it = code.expose_secret().chars().filter(|c| !c.is_whitespace()).eq(SHOWN_CODE.chars());
    if is_it { Ok(()) } else { Err(Failure::new(Code::WrongCode)) }
}
