//! One sign-in, from the first message to the tokens, stopping wherever a person must answer.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use time::format_description::FormatItem;
use time::macros::format_description;

use super::challenge::{Answer, Challenge, Channel, FirstFactor, channels, required_attributes};
use super::device::{self, Proof, RememberedDevice};
use super::refusal::failure;
use super::secret_hash::ClientSecret;
use super::tokens::Tokens;
use crate::connection::Connection;
use crate::refusal::{Refusal, refusal};
use crate::srp::{self, Identity, Srp, UnsafeNumbers};

/// `Sat Nov 7 03:05:09 UTC 2026`: the server signs this very form, with an unpadded day.
const TIMESTAMP: &[FormatItem<'_>] = format_description!(
    "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] UTC [year]"
);

/// What the pool wants next.
#[derive(Debug)]
pub enum Reply {
    SignedIn,
    Challenge(Challenge),
}

/// A sign-in under way.
pub(crate) struct SignIn {
    connection: Arc<Connection>,
    client: ClientSecret,
    /// As the person typed it.
    user: String,
    /// The pool's own name for the person; the typed one until the pool has told.
    internal_user: String,
    password: SecretString,
    device: Option<RememberedDevice>,
    srp: Srp,
    session: Option<String>,
    standing: Option<ChallengeNameType>,
    tokens: Option<Tokens>,
}

/// InitiateAuth and RespondToAuthChallenge answer alike, in two types.
struct Wire {
    challenge: Option<ChallengeNameType>,
    session: Option<String>,
    parameters: HashMap<String, String>,
    result: Option<AuthenticationResultType>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("standing", &self.standing).finish_non_exhaustive()
    }
}

impl SignIn {
    pub(crate) fn new(
        connection: Arc<Connection>,
        client: ClientSecret,
        user: &str,
        password: SecretString,
        device: Option<RememberedDevice>,
    ) -> Result<Self, Failure> {
        let srp = Srp::new().map_err(|error| Failure::new(Code::ServiceError).because(error.to_string()))?;
        let user = user.trim().to_owned();
        let internal_user = user.clone();
        Ok(Self {
            connection,
            client,
            user,
            internal_user,
            password,
            device,
            srp,
            session: None,
            standing: None,
            tokens: None,
        })
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The tokens, once [`Reply::SignedIn`] was said, and the device to remember with them.
    pub(crate) fn finish(self) -> Option<(Tokens, Option<RememberedDevice>, String)> {
        self.tokens.map(|tokens| (tokens, self.device, self.internal_user))
    }

    pub(crate) async fn begin(&mut self) -> Result<Reply, Failure> {
        let wire = self.initiate().await?;
        self.follow(wire).await
    }

    /// # Errors
    /// `wrong-code` and `password-policy` leave the challenge standing: answer again.
    pub(crate) async fn answer(&mut self, answer: Answer) -> Result<Reply, Failure> {
        let Some(standing) = self.standing.clone() else { return Err(Failure::new(Code::SessionExpired)) };
        let wire = match (&standing, answer) {
            (ChallengeNameType::NewPasswordRequired, Answer::NewPassword { new_password, attributes }) => {
                let mut responses = vec![("NEW_PASSWORD".to_owned(), new_password.expose_secret().to_owned())];
                let named = attributes.into_iter().map(|(name, value)| (format!("userAttributes.{name}"), value));
                responses.extend(named);
                self.respond(&standing, responses).await?
            }
            (ChallengeNameType::MfaSetup, Answer::Code(code)) => self.set_up_totp(&code).await?,
            (name, Answer::Code(code)) => {
                let key = format!("{}_CODE", name.as_str());
                self.respond(name, vec![(key, code.expose_secret().trim().to_owned())]).await?
            }
            (ChallengeNameType::SelectMfaType, Answer::Mfa(channel)) => {
                self.respond(&standing, vec![("ANSWER".into(), channel.wire().into())]).await?
            }
            (ChallengeNameType::SelectChallenge, Answer::FirstFactor(factor)) => {
                let mut responses = vec![("ANSWER".into(), factor.wire().into())];
                if factor == FirstFactor::Password {
                    responses.push(("PASSWORD".into(), self.password.expose_secret().to_owned()));
                }
                self.respond(&standing, responses).await?
            }
            (_, Answer::NewPassword { .. } | Answer::Mfa(_) | Answer::FirstFactor(_)) => {
                return Err(Failure::new(Code::SessionExpired));
            }
        };
        self.follow(wire).await
    }

    /// Answers what a program can answer, and stops at what only a person can.
    async fn follow(&mut self, mut wire: Wire) -> Result<Reply, Failure> {
        loop {
            self.session = wire.session.take();
            if let Some(result) = wire.result.take() {
                return self.signed_in(result).await;
            }
            let Some(name) = wire.challenge.take() else { return Err(self.nonsense("neither challenge nor tokens")) };
            let parameters = &wire.parameters;
            let challenge = match &name {
                ChallengeNameType::PasswordVerifier => {
                    let wire_next = self.prove_password(parameters).await?;
                    wire = wire_next;
                    continue;
                }
                ChallengeNameType::DeviceSrpAuth => {
                    let srp_a = self.srp.public_hex();
                    wire = self.respond(&name, vec![("SRP_A".into(), srp_a)]).await?;
                    continue;
                }
                ChallengeNameType::DevicePasswordVerifier => {
                    wire = self.prove_device(parameters).await?;
                    continue;
                }
                ChallengeNameType::SelectChallenge => {
                    let names: Vec<&str> = offered(parameters);
                    if names.contains(&"PASSWORD_SRP") {
                        let responses = vec![("ANSWER".into(), "PASSWORD_SRP".into()), ("SRP_A".into(), self.srp.public_hex())];
                        wire = self.respond(&name, responses).await?;
                        continue;
                    }
                    let options: Vec<_> = names.into_iter().filter_map(FirstFactor::from_wire).collect();
                    if options.is_empty() {
                        return Err(self.unsupported(&name));
                    }
                    Challenge::SelectFirstFactor { options }
                }
                ChallengeNameType::MfaSetup => self.offer_totp(parameters).await?,
                ChallengeNameType::NewPasswordRequired => {
                    Challenge::NewPassword { required_attributes: required_attributes(parameters) }
                }
                ChallengeNameType::SelectMfaType => {
                    Challenge::SelectMfa { options: channels(parameters, "MFAS_CAN_CHOOSE") }
                }
                name => match code_channel(name) {
                    Some(channel) => {
                        let destination = parameters.get("CODE_DELIVERY_DESTINATION").cloned();
                        Challenge::Code { channel, destination }
                    }
                    None => return Err(self.unsupported(name)),
                },
            };
            self.standing = Some(name);
            return Ok(Reply::Challenge(challenge));
        }
    }

    /// USER_SRP_AUTH; where the client has only the newer USER_AUTH, that with SRP preferred.
    async fn initiate(&mut self) -> Result<Wire, Failure> {
        match self.initiate_as(AuthFlowType::UserSrpAuth).await? {
            Ok(wire) => Ok(wire),
            Err(refusal) if refusal.says("USER_SRP_AUTH is not enabled") => {
                let newer = self.initiate_as(AuthFlowType::UserAuth).await?;
                // Neither is on: the first refusal names what the site should turn on.
                newer.map_err(|_| failure(&refusal, &self.connection))
            }
            Err(refusal) => Err(failure(&refusal, &self.connection)),
        }
    }

    async fn initiate_as(&self, flow: AuthFlowType) -> Result<Result<Wire, Refusal>, Failure> {
        let mut call = self
            .connection
            .idp
            .initiate_auth()
            .client_id(&self.client.client_id)
            .auth_parameters("USERNAME", &self.user)
            .auth_parameters("SRP_A", self.srp.public_hex());
        if flow == AuthFlowType::UserAuth {
            call = call.auth_parameters("PREFERRED_CHALLENGE", "PASSWORD_SRP");
        }
        if let Some(hash) = self.client.hash(&self.user) {
            call = call.auth_parameters("SECRET_HASH", hash);
        }
        if let Some(device) = &self.device {
            call = call.auth_parameters("DEVICE_KEY", &device.key);
        }
        match call.auth_flow(flow).send().await {
            Ok(answer) => Ok(Ok(Wire {
                challenge: answer.challenge_name,
                session: answer.session,
                // USER_AUTH lists what it offers beside the parameters, not in them.
                parameters: with_offers(answer.challenge_parameters, answer.available_challenges),
                result: answer.authentication_result,
            })),
            Err(error) => refusal(error, &self.connection.idp_host()).map(Err),
        }
    }

    async fn respond(&mut self, name: &ChallengeNameType, responses: Vec<(String, String)>) -> Result<Wire, Failure> {
        let user = match (&self.device, name) {
            (Some(device), ChallengeNameType::DeviceSrpAuth | ChallengeNameType::DevicePasswordVerifier) => &device.user,
            _ => &self.internal_user,
        };
        let mut call = self
            .connection
            .idp
            .respond_to_auth_challenge()
            .client_id(&self.client.client_id)
            .challenge_name(name.clone())
            .set_session(self.session.clone())
            .challenge_responses("USERNAME", user);
        if let Some(hash) = self.client.hash(user) {
            call = call.challenge_responses("SECRET_HASH", hash);
        }
        if let Some(device) = &self.device {
            call = call.challenge_responses("DEVICE_KEY", &device.key);
        }
        for (key, value) in responses {
            call = call.challenge_responses(key, value);
        }
        match call.send().await {
            Ok(answer) => Ok(Wire {
                challenge: answer.challenge_name,
                session: answer.session,
                parameters: answer.challenge_parameters.unwrap_or_default(),
                result: answer.authentication_result,
            }),
            Err(error) => {
                let refusal = refusal(error, &self.connection.idp_host())?;
                if self.device.is_some() && refusal.name == "ResourceNotFoundException" && refusal.says("device") {
                    // The pool forgot this computer: sign in as from a new one.
                    self.device = None;
                    return self.initiate().await;
                }
                Err(failure(&refusal, &self.connection))
            }
        }
    }

    async fn prove_password(&mut self, parameters: &HashMap<String, String>) -> Result<Wire, Failure> {
        let proof = Proof::from_wire(parameters).ok_or_else(|| self.nonsense("SRP parameters are missing"))?;
        let id = parameters.get("USER_ID_FOR_SRP").or(parameters.get("USERNAME")).unwrap_or(&self.user).clone();
        self.internal_user = parameters.get("USERNAME").unwrap_or(&id).clone();
        let pool_id = &self.connection.site.user_pool_id;
        let pool = pool_id.split_once('_').map_or(pool_id.as_str(), |(_, name)| name).to_owned();
        let identity = Identity::new(&pool, &id, self.password.expose_secret());
        let responses = self.signed(&proof, &identity, &pool, &id)?;
        self.respond(&ChallengeNameType::PasswordVerifier, responses).await
    }

    async fn prove_device(&mut self, parameters: &HashMap<String, String>) -> Result<Wire, Failure> {
        let device = self.device.clone().ok_or_else(|| self.nonsense("an unknown device is asked for"))?;
        let proof = Proof::from_wire(parameters).ok_or_else(|| self.nonsense("SRP parameters are missing"))?;
        let responses = self.signed(&proof, &device.identity(), &device.group_key, &device.key)?;
        self.respond(&ChallengeNameType::DevicePasswordVerifier, responses).await
    }

    fn signed(&self, proof: &Proof<'_>, identity: &Identity, scope: &str, id: &str) -> Result<Vec<(String, String)>, Failure> {
        let key = self.srp.key(identity, proof.salt, proof.b);
        let key = key.map_err(|UnsafeNumbers| self.nonsense("unsafe SRP numbers"))?;
        let block = BASE64_STANDARD.decode(proof.secret_block);
        let block = block.map_err(|_| self.nonsense("an unreadable SECRET_BLOCK"))?;
        let timestamp = self.connection.clock.now().format(TIMESTAMP).unwrap_or_default();
        let signature = srp::mac(key.as_ref(), &[scope.as_bytes(), id.as_bytes(), &block, timestamp.as_bytes()]);
        Ok(vec![
            ("PASSWORD_CLAIM_SIGNATURE".into(), BASE64_STANDARD.encode(signature)),
            ("PASSWORD_CLAIM_SECRET_BLOCK".into(), proof.secret_block.into()),
            ("TIMESTAMP".into(), timestamp),
        ])
    }

    async fn offer_totp(&mut self, parameters: &HashMap<String, String>) -> Result<Challenge, Failure> {
        let can = channels(parameters, "MFAS_CAN_SETUP");
        if !can.is_empty() && !can.contains(&Channel::Totp) {
            let words = "no authenticator app can be set up; ask for SMS or e-mail codes";
            return Err(Failure::new(Code::MfaRequired).about("MFA_SETUP").because(words));
        }
        let call = self.connection.idp.associate_software_token().set_session(self.session.clone());
        match call.send().await {
            Ok(answer) => {
                self.session = answer.session;
                let secret = answer.secret_code.ok_or_else(|| self.nonsense("the secret is missing"))?;
                let uri = otpauth(&self.connection.site.name, &self.user, &secret);
                Ok(Challenge::TotpSetup { secret: secret.into(), uri: uri.into() })
            }
            Err(error) => Err(failure(&refusal(error, &self.connection.idp_host())?, &self.connection)),
        }
    }

    async fn set_up_totp(&mut self, code: &SecretString) -> Result<Wire, Failure> {
        let call = self
            .connection
            .idp
            .verify_software_token()
            .set_session(self.session.clone())
            .user_code(code.expose_secret().trim())
            .friendly_device_name("Fieldkey");
        match call.send().await {
            Ok(answer) => {
                self.session = answer.session;
                self.respond(&ChallengeNameType::MfaSetup, vec![]).await
            }
            Err(error) => Err(failure(&refusal(error, &self.connection.idp_host())?, &self.connection)),
        }
    }

    async fn signed_in(&mut self, mut result: AuthenticationResultType) -> Result<Reply, Failure> {
        let new_device = result.new_device_metadata.take();
        let tokens = Tokens::from_wire(result).ok_or_else(|| self.nonsense("tokens are missing"))?;
        if let Some(metadata) = new_device {
            self.device = device::remember(&self.connection, &tokens.access, metadata, &self.internal_user).await?;
        }
        self.tokens = Some(tokens);
        self.standing = None;
        Ok(Reply::SignedIn)
    }

    fn nonsense(&self, why: &str) -> Failure {
        Failure::new(Code::ServiceError).about(self.connection.idp_host()).because(why)
    }

    fn unsupported(&self, name: &ChallengeNameType) -> Failure {
        Failure::new(Code::SignInRefused).because(format!("the challenge {} is not supported", name.as_str()))
    }
}

fn code_channel(name: &ChallengeNameType) -> Option<Channel> {
    match name {
        ChallengeNameType::SoftwareTokenMfa => Some(Channel::Totp),
        ChallengeNameType::SmsMfa | ChallengeNameType::SmsOtp => Some(Channel::Sms),
        ChallengeNameType::EmailOtp => Some(Channel::Email),
        _ => None,
    }
}

/// Where [`with_offers`] puts them; no parameter of Cognito's is called so.
const OFFERED: &str = "AVAILABLE_CHALLENGES";

fn with_offers(
    parameters: Option<HashMap<String, String>>,
    offers: Option<Vec<ChallengeNameType>>,
) -> HashMap<String, String> {
    let mut parameters = parameters.unwrap_or_default();
    if let Some(offers) = offers {
        let names: Vec<&str> = offers.iter().map(ChallengeNameType::as_str).collect();
        parameters.insert(OFFERED.into(), names.join(" "));
    }
    parameters
}

fn offered(parameters: &HashMap<String, String>) -> Vec<&str> {
    parameters.get(OFFERED).map(|names| names.split(' ').collect()).unwrap_or_default()
}

/// The text behind the QR code, as authenticator apps read it
/// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
fn otpauth(site: &str, user: &str, secret: &str) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let (site, user) = (encode(&format!("Fieldkey {site}")), encode(user));
    format!("otpauth://totp/{site}:{user}?secret={secret}&issuer={site}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    #[test]
    fn the_timestamp_is_the_canonical_form() {
        let at = OffsetDateTime::from_unix_timestamp(1_546_322_769).expect("in range");
        assert_eq!(at.format(TIMESTAMP).expect("formats"), "Tue Jan 1 06:06:09 UTC 2019");
    }

    #[test]
    fn the_otpauth_uri_survives_a_scanner() {
        let uri = otpauth("東京", "a+b@example.com", "JBSWY3DP");
        assert!(uri.is_ascii(), "{uri}");
        assert!(uri.starts_with("otpauth://totp/Fieldkey%20%E6%9D%B1%E4%BA%AC:a%2Bb%40example.com?secret=JBSWY3DP&issuer="));
    }
}
