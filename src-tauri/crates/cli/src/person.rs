//! The person at the terminal, or the environment that stands in for them: signs in when a job asks.

use std::collections::BTreeMap;

use async_trait::async_trait;
use fieldkey_cloud::{Answer, Aws, Challenge, Channel, FirstFactor, Reply};
use fieldkey_core::ports::SignedIn;
use fieldkey_core::{Code, Failure, Feature, Operator, Why};
use secrecy::{ExposeSecret, SecretString};

use crate::organisation;
use crate::output::Output;
use crate::prompt::{self, Prompt};
use crate::words::Phrase;

/// Wrong codes and weak passwords are asked for again so often.
const TRIES: u32 = 3;

/// Whoever sits at the terminal.
pub(crate) struct Person<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) user: Option<&'a str>,
    pub(crate) output: &'a Output,
}

impl Person<'_> {
    async fn begin(&self, prompt: &Prompt<'_>) -> Result<(), Failure> {
        let user = match self.user {
            Some(user) => user.to_owned(),
            None => prompt.line(&prompt.words(Phrase::Email, ""), "").await.map_err(|_| {
                Failure::new(Code::Usage).about("--user EMAIL").because_of(Why::new("missing", "指定されていません"))
            })?,
        };
        match self.aws.resume(&user).await {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(failure) if failure.code == Code::SessionExpired => {}
            Err(failure) => return Err(failure),
        }
        let mut reply = self.with_password(&user, prompt).await?;
        let mut tries = 0;
        while let Reply::Challenge(challenge) = reply {
            let (answer, from_environment) = self.answer(&challenge, prompt).await?;
            reply = match self.aws.answer(answer).await {
                Ok(reply) => reply,
                Err(failure) => {
                    tries += 1;
                    let again = matches!(failure.code, Code::WrongCode | Code::PasswordPolicy);
                    if !again || from_environment || tries >= TRIES {
                        return Err(failure);
                    }
                    self.output.notice(&failure);
                    Reply::Challenge(challenge)
                }
            };
        }
        if self.aws.who().await.is_some_and(|who| !who.kept) {
            let by_policy = !organisation::here().rules().allows(Feature::StaySignedIn);
            let why = if by_policy { Phrase::NotKeptByPolicy } else { Phrase::NotKept };
            self.output.say(&prompt.words(why, ""));
        }
        Ok(())
    }

    async fn with_password(&self, user: &str, prompt: &Prompt<'_>) -> Result<Reply, Failure> {
        if let Some(password) = prompt::environment("FIELDKEY_PASSWORD") {
            return self.aws.sign_in(user, password, true).await;
        }
        let mut tries = 0;
        loop {
            let question = prompt.words(Phrase::Password, user);
            let password = prompt.secret(&question, Code::SignInRequired, "FIELDKEY_PASSWORD").await?;
            match self.aws.sign_in(user, password, true).await {
                Err(failure) if failure.code == Code::WrongPassword && tries + 1 < TRIES => {
                    tries += 1;
                    self.output.notice(&failure);
                }
                outcome => return outcome,
            }
        }
    }

    /// The answer, and whether it came from the environment, where asking again is no use.
    async fn answer(&self, challenge: &Challenge, prompt: &Prompt<'_>) -> Result<(Answer, bool), Failure> {
        Ok(match challenge {
            Challenge::NewPassword { required_attributes } => {
                let mut attributes = BTreeMap::new();
                for name in required_attributes {
                    let value = prompt.line(&format!("{name}: "), name).await?;
                    attributes.insert(name.clone(), value);
                }
                match prompt::environment("FIELDKEY_NEW_PASSWORD") {
                    Some(new_password) => (Answer::NewPassword { new_password, attributes }, true),
                    None => (Answer::NewPassword { new_password: self.new_password(prompt).await?, attributes }, false),
                }
            }
            Challenge::Code { channel: Channel::Totp, .. } => self.totp(prompt).await?,
            Challenge::Code { destination, .. } => {
                let question = match destination {
                    Some(place) => prompt.words(Phrase::CodeSent, place),
                    None => prompt.words(Phrase::CodeSentToYou, ""),
                };
                let place = destination.as_deref().unwrap_or("OTP");
                (Answer::Code(prompt.secret(&question, Code::MfaRequired, place).await?), false)
            }
            Challenge::SelectMfa { options } => {
                let names: Vec<Phrase> = options.iter().map(|channel| channel_name(*channel)).collect();
                let chosen = prompt.choose(Phrase::SecondFactor, &names).await?;
                (Answer::Mfa(options.get(chosen).copied().unwrap_or(Channel::Totp)), false)
            }
            Challenge::SelectFirstFactor { options } => {
                let names: Vec<Phrase> = options.iter().map(|factor| factor_name(*factor)).collect();
                let chosen = prompt.choose(Phrase::FirstFactor, &names).await?;
                (Answer::FirstFactor(options.get(chosen).copied().unwrap_or(FirstFactor::Password)), false)
            }
            Challenge::TotpSetup { secret, uri } => {
                prompt.show_totp(secret, uri)?;
                self.totp(prompt).await?
            }
        })
    }

    async fn totp(&self, prompt: &Prompt<'_>) -> Result<(Answer, bool), Failure> {
        if let Some(code) = prompt::environment("FIELDKEY_TOTP") {
            return Ok((Answer::Code(code), true));
        }
        let code = prompt.secret(&prompt.words(Phrase::CodeOfApp, ""), Code::MfaRequired, "TOTP").await?;
        Ok((Answer::Code(code), false))
    }

    async fn new_password(&self, prompt: &Prompt<'_>) -> Result<SecretString, Failure> {
        loop {
            let ask = async |phrase| {
                prompt.secret(&prompt.words(phrase, ""), Code::NewPasswordRequired, "FIELDKEY_NEW_PASSWORD").await
            };
            let (one, other) = (ask(Phrase::NewPassword).await?, ask(Phrase::OnceMore).await?);
            if one.expose_secret() == other.expose_secret() {
                return Ok(one);
            }
            self.output.say(&prompt.words(Phrase::NotTheSame, ""));
        }
    }
}

fn channel_name(channel: Channel) -> Phrase {
    match channel {
        Channel::Totp => Phrase::ByApp,
        Channel::Sms => Phrase::BySms,
        Channel::Email => Phrase::ByEmail,
    }
}

fn factor_name(factor: FirstFactor) -> Phrase {
    match factor {
        FirstFactor::Password => Phrase::ByPassword,
        FirstFactor::Sms => Phrase::BySms,
        FirstFactor::Email => Phrase::ByEmail,
    }
}

#[async_trait]
impl Operator for Person<'_> {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        self.begin(&Prompt { output: self.output }).await?;
        Operator::sign_in(self.aws).await
    }

    /// Nobody, until the job asks.
    fn standing(&self) -> Option<String> {
        self.aws.standing()
    }
}
