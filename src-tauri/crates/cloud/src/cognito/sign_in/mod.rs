//! One sign-in, from the first message to the tokens, stopping wherever a person must answer.

mod exchange;
mod proof;
mod questions;
mod totp;

use std::sync::Arc;

use aws_sdk_cognitoidentityprovider::types::ChallengeNameType;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};

use self::exchange::Wire;
use self::questions::code_channel;
use super::challenge::{Answer, Challenge, Channel, FirstFactor, digits};
use super::device::RememberedDevice;
use super::secret_hash::ClientSecret;
use super::tokens::Tokens;
use crate::connection::Connection;
use crate::srp::Srp;

/// What the pool wants next.
#[derive(Debug)]
pub enum Reply {
    SignedIn,
    Challenge(Challenge),
}

/// Who wants to sign in, and with what.
pub(crate) struct Attempt {
    /// As the person typed it.
    pub(crate) user: String,
    pub(crate) password: SecretString,
    /// They want to be signed in tomorrow, too.
    pub(crate) stay: bool,
    pub(crate) device: Option<RememberedDevice>,
}

/// A finished sign-in.
pub(crate) struct SignedIn {
    pub(crate) user: String,
    pub(crate) stay: bool,
    /// The pool's own name for the person.
    pub(crate) internal_user: String,
    pub(crate) tokens: Tokens,
    pub(crate) device: Option<RememberedDevice>,
}

/// A sign-in under way.
pub(crate) struct SignIn {
    connection: Arc<Connection>,
    client: ClientSecret,
    attempt: Attempt,
    /// The pool's own name for the person; the typed one until the pool has told.
    internal_user: String,
    /// Made anew for every exchange.
    srp: Option<Srp>,
    session: Option<String>,
    /// The question that waits for an answer, and the pool's own words for what can be chosen.
    standing: Option<ChallengeNameType>,
    choices: Vec<(Channel, String)>,
    tokens: Option<Tokens>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("standing", &self.standing).finish_non_exhaustive()
    }
}

impl SignIn {
    pub(crate) fn new(connection: Arc<Connection>, client: ClientSecret, attempt: Attempt) -> Self {
        let internal_user = attempt.user.clone();
        Self {
            connection,
            client,
            attempt,
            internal_user,
            srp: None,
            session: None,
            standing: None,
            choices: vec![],
            tokens: None,
        }
    }

    /// The tokens, once [`Reply::SignedIn`] was said.
    pub(crate) fn finish(self) -> Option<SignedIn> {
        let Attempt { user, stay, device, .. } = self.attempt;
        let internal_user = self.internal_user;
        self.tokens.map(|tokens| SignedIn { user, stay, internal_user, tokens, device })
    }

    /// No question stands: what failed cannot be answered again.
    pub(crate) fn is_over(&self) -> bool {
        self.standing.is_none()
    }

    pub(crate) async fn begin(&mut self) -> Result<Reply, Failure> {
        let wire = self.initiate().await?;
        self.follow(wire).await
    }

    /// # Errors
    /// The challenge stands on unless [`Self::is_over`]: answer again.
    pub(crate) async fn answer(&mut self, answer: Answer) -> Result<Reply, Failure> {
        let Some(standing) = self.standing.clone() else { return Err(Failure::new(Code::SessionExpired)) };
        match self.pass_on(&standing, answer).await {
            Ok(wire) => {
                self.standing = None;
                self.follow(wire).await
            }
            Err(failure) => {
                if ends(failure.code) {
                    self.standing = None;
                }
                Err(failure)
            }
        }
    }

    async fn pass_on(&mut self, standing: &ChallengeNameType, answer: Answer) -> Result<Wire, Failure> {
        let responses = match (standing, answer) {
            (ChallengeNameType::NewPasswordRequired, Answer::NewPassword { new_password, attributes }) => {
                let mut responses = vec![("NEW_PASSWORD".to_owned(), new_password.expose_secret().to_owned())];
                let named = attributes.into_iter().map(|(name, value)| (format!("userAttributes.{name}"), value));
                responses.extend(named);
                responses
            }
            (ChallengeNameType::MfaSetup, Answer::Code(code)) => return self.set_up_totp(&code).await,
            (name, Answer::Code(code)) if code_channel(name).is_some() => {
                vec![(format!("{}_CODE", name.as_str()), digits(&code))]
            }
            (ChallengeNameType::SelectMfaType, Answer::Mfa(channel)) => {
                let chosen = self.choices.iter().find(|(offered, _)| *offered == channel);
                let (_, word) = chosen.ok_or_else(|| unfitting("this second factor was not offered"))?;
                vec![("ANSWER".into(), word.clone())]
            }
            (ChallengeNameType::SelectChallenge, Answer::FirstFactor(factor)) => {
                let mut responses = vec![("ANSWER".into(), factor.wire().into())];
                if factor == FirstFactor::Password {
                    responses.push(("PASSWORD".into(), self.attempt.password.expose_secret().to_owned()));
                }
                responses
            }
            (name, _) => return Err(unfitting(name.as_str())),
        };
        self.respond(standing, responses).await
    }

    fn nonsense(&self, why: &str) -> Failure {
        Failure::new(Code::ServiceError).about(self.connection.idp_host()).because(why)
    }
}

/// After these the pool takes no further answer. After all others, such as a wrong code or a broken connection,
/// the same question can be answered again.
fn ends(code: Code) -> bool {
    matches!(
        code,
        Code::SessionExpired
            | Code::WrongPassword
            | Code::TooManyAttempts
            | Code::AccountDisabled
            | Code::InvitationExpired
            | Code::UserUnconfirmed
            | Code::PasswordResetRequired
            | Code::ClientNotFound
            | Code::UserPoolNotFound
            | Code::SrpDisabled
    )
}

fn unfitting(what: &str) -> Failure {
    Failure::new(Code::Usage).about(what).because("the answer does not fit the question")
}
