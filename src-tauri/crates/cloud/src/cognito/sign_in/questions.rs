//! From the pool's answers to what comes next: a call that a program can make, a question for the person, or the
//! tokens.

use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType};
use fieldkey_core::{Code, Failure};

use super::exchange::Wire;
use super::{Reply, SignIn};
use crate::cognito::challenge::{Challenge, Channel, FirstFactor, channels, required_attributes};
use crate::cognito::device;
use crate::cognito::tokens::Tokens;

impl SignIn {
    /// Answers what a program can answer, and stops at what only a person can.
    pub(super) async fn follow(&mut self, mut wire: Wire) -> Result<Reply, Failure> {
        loop {
            self.session = wire.session;
            if let Some(result) = wire.result {
                return self.signed_in(result).await;
            }
            let Some(name) = wire.challenge else { return Err(self.nonsense("neither challenge nor tokens")) };
            let parameters = &wire.parameters;
            if let Some(told) = parameters.get("USERNAME").or(parameters.get("USER_ID_FOR_SRP")) {
                self.internal_user.clone_from(told);
            }
            let challenge = match &name {
                ChallengeNameType::PasswordVerifier => {
                    wire = self.prove_password(parameters).await?;
                    continue;
                }
                ChallengeNameType::DeviceSrpAuth => {
                    let srp_a = self.fresh_srp()?;
                    wire = self.respond(&name, vec![("SRP_A".into(), srp_a)]).await?;
                    continue;
                }
                ChallengeNameType::DevicePasswordVerifier => {
                    wire = self.prove_device(parameters).await?;
                    continue;
                }
                ChallengeNameType::SelectChallenge if wire.offers.contains(&ChallengeNameType::PasswordSrp) => {
                    let srp_a = self.fresh_srp()?;
                    let responses = vec![("ANSWER".into(), "PASSWORD_SRP".into()), ("SRP_A".into(), srp_a)];
                    wire = self.respond(&name, responses).await?;
                    continue;
                }
                ChallengeNameType::SelectChallenge => {
                    let names = wire.offers.iter().map(ChallengeNameType::as_str);
                    Challenge::SelectFirstFactor { options: names.filter_map(FirstFactor::from_wire).collect() }
                }
                ChallengeNameType::MfaSetup => self.offer_totp(parameters).await?,
                ChallengeNameType::NewPasswordRequired => {
                    Challenge::NewPassword { required_attributes: required_attributes(parameters) }
                }
                ChallengeNameType::SelectMfaType => {
                    self.choices = channels(parameters, "MFAS_CAN_CHOOSE");
                    Challenge::SelectMfa { options: self.choices.iter().map(|(channel, _)| *channel).collect() }
                }
                name => match code_channel(name) {
                    Some(channel) => {
                        let destination = parameters.get("CODE_DELIVERY_DESTINATION").cloned();
                        Challenge::Code { channel, destination }
                    }
                    None => return Err(unsupported(name)),
                },
            };
            if matches!(&challenge, Challenge::SelectMfa { options } if options.is_empty())
                || matches!(&challenge, Challenge::SelectFirstFactor { options } if options.is_empty())
            {
                return Err(unsupported(&name));
            }
            self.standing = Some(name);
            return Ok(Reply::Challenge(challenge));
        }
    }

    async fn signed_in(&mut self, mut result: AuthenticationResultType) -> Result<Reply, Failure> {
        let new_device = result.new_device_metadata.take();
        let tokens = Tokens::from_wire(result, self.connection.clock.now());
        let tokens = tokens.ok_or_else(|| self.nonsense("tokens are missing"))?;
        if let Some(name) = tokens.username() {
            self.internal_user = name;
        }
        if let Some(metadata) = new_device {
            let lasting = self.attempt.stay;
            let confirmed = device::confirm(&self.connection, &tokens.access, metadata, lasting).await;
            // The person is signed in all the same; the session is only shorter than it could be.
            self.attempt.device = confirmed.unwrap_or_else(|failure| {
                tracing::warn!(code = %failure.code, "the pool did not take this computer as a device");
                None
            });
        }
        self.tokens = Some(tokens);
        Ok(Reply::SignedIn)
    }
}

pub(super) fn code_channel(name: &ChallengeNameType) -> Option<Channel> {
    Channel::from_wire(name.as_str())
}

fn unsupported(name: &ChallengeNameType) -> Failure {
    Failure::new(Code::SignInRefused).because(format!("the challenge {} is not supported", name.as_str()))
}
