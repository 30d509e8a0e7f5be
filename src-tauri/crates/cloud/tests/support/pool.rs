//! A Cognito user pool, for what MiniStack lacks: pools that remember devices, e-mail and SMS codes, SELECT_MFA_TYPE,
//! MFA_SETUP, USER_AUTH with SELECT_CHALLENGE, rotated refresh tokens, client secrets, lock-out and its texts.
//!
//! Speaks the operations of the real one, JSON in and JSON out, and refuses what the real one refuses.

mod challenges;
mod devices;
mod tokens;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use self::challenges::Session;
use self::devices::Device;
use self::tokens::Refresh;
use super::srp::{self, Exchange, Shape, Verifier};

pub(crate) const ID: &str = "ap-northeast-1_DoubleX1";
const NAME: &str = "DoubleX1";
pub(crate) const CLIENT: &str = "1h57kf5cpq17m0eml12EXAMPLE";
pub(crate) const SECRET: &str = "s3cr3t-of-the-app-client";

/// An exception's name and its message.
pub(crate) type Refused = (&'static str, String);

pub(crate) fn refuse<T>(name: &'static str, message: impl Into<String>) -> Result<T, Refused> {
    Err((name, message.into()))
}

fn denied<T>(message: impl Into<String>) -> Result<T, Refused> {
    refuse("NotAuthorizedException", message)
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Devices {
    #[default]
    Off,
    Always,
    /// The person decides: UpdateDeviceStatus.
    OptIn,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) secret: bool,
    pub(crate) flows: &'static [&'static str],
    /// USER_AUTH asks SELECT_CHALLENGE even where a preferred challenge is named.
    pub(crate) always_asks: bool,
    pub(crate) rotates: bool,
    /// From before GetTokensFromRefreshToken.
    pub(crate) old: bool,
    pub(crate) devices: Devices,
    /// Says already at InitiateAuth that it does not know a device; otherwise at PASSWORD_VERIFIER.
    pub(crate) knows_devices_early: bool,
    pub(crate) admin_only: bool,
    pub(crate) token_seconds: i64,
    /// Of the salts and of every B.
    pub(crate) shape: Shape,
    /// How far this pool's clock is ahead of the test's.
    pub(crate) ahead: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            secret: false,
            flows: &["USER_SRP_AUTH"],
            always_asks: false,
            rotates: false,
            old: false,
            devices: Devices::Off,
            knows_devices_early: false,
            admin_only: false,
            token_seconds: 3600,
            shape: Shape::Any,
            ahead: Duration::ZERO,
        }
    }
}

pub(crate) const EMAIL: &str = "Installer@example.com";
pub(crate) const PASSWORD: &str = "Correct-horse-7";
/// The pool's own name for the one who signs in.
pub(crate) const INTERNAL: &str = "5d9e0a1c-8b7f-4a52-9c1e-0123456789ab";

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) password: String,
    pub(crate) temporary: bool,
    pub(crate) required: &'static [&'static str],
    pub(crate) attributes: BTreeMap<String, String>,
    /// Second factors in the pool's words, and the secret of an authenticator app.
    pub(crate) second: &'static [&'static str],
    pub(crate) totp: Option<String>,
    pub(crate) must_set_up: &'static [&'static str],
    /// What USER_AUTH offers.
    pub(crate) first: &'static [&'static str],
}

impl Default for User {
    fn default() -> Self {
        Self {
            password: PASSWORD.into(),
            temporary: false,
            required: &[],
            attributes: BTreeMap::from([("email".into(), EMAIL.into())]),
            second: &[],
            totp: None,
            must_set_up: &[],
            first: &["PASSWORD_SRP", "PASSWORD"],
        }
    }
}

pub(crate) struct Pool {
    pub(crate) settings: Settings,
    state: Mutex<State>,
}

struct State {
    user: User,
    verifier: Verifier,
    wrong_passwords: u32,
    last_totp: u64,
    exchanges: HashMap<String, Proving>,
    sessions: HashMap<String, Session>,
    spent: HashSet<String>,
    sent: Vec<String>,
    devices: HashMap<String, Device>,
    access: HashMap<String, Option<String>>,
    ids: HashMap<String, OffsetDateTime>,
    refresh: HashMap<String, Refresh>,
    reset_code: Option<String>,
}

/// An SRP exchange whose proof is awaited; the secret block is its handle.
struct Proving {
    exchange: Exchange,
    /// AWS gives none with PASSWORD_VERIFIER of USER_SRP_AUTH.
    session: Option<String>,
    device: Option<String>,
}

impl Pool {
    pub(crate) fn new(settings: Settings, user: User) -> Self {
        let state = State {
            verifier: Verifier::of_password(NAME, INTERNAL, &user.password, settings.shape),
            user,
            wrong_passwords: 0,
            last_totp: 0,
            exchanges: HashMap::new(),
            sessions: HashMap::new(),
            spent: HashSet::new(),
            sent: vec![],
            devices: HashMap::new(),
            access: HashMap::new(),
            ids: HashMap::new(),
            refresh: HashMap::new(),
            reset_code: None,
        };
        Self { settings, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.settings.ahead
    }

    /// What a person reads in their mail.
    pub(crate) fn last_code(&self) -> String {
        self.state().sent.last().cloned().expect("a code was sent")
    }

    pub(crate) fn user(&self) -> User {
        self.state().user.clone()
    }

    pub(crate) fn call(&self, operation: &str, body: &Value) -> Result<Value, Refused> {
        let mut state = self.state();
        if let Some(client) = body["ClientId"].as_str()
            && client != CLIENT
        {
            return refuse("ResourceNotFoundException", format!("User pool client {client} does not exist."));
        }
        match operation {
            "InitiateAuth" => self.initiate(&mut state, body),
            "RespondToAuthChallenge" => self.respond(&mut state, body),
            "AssociateSoftwareToken" => Self::associate_software_token(&mut state, body),
            "VerifySoftwareToken" => Self::verify_software_token(&mut state, body),
            "ConfirmDevice" => self.confirm_device(&mut state, body),
            "UpdateDeviceStatus" => Self::update_device_status(&mut state, body),
            "GetTokensFromRefreshToken" if !self.settings.old => self.tokens_from_refresh_token(&mut state, body),
            "RevokeToken" => self.revoke_token(&mut state, body),
            "ForgotPassword" => self.forgot_password(&mut state, body),
            "ConfirmForgotPassword" => self.confirm_forgot_password(&mut state, body),
            _ => refuse("UnknownOperationException", ""),
        }
    }

    fn initiate(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        let flow = text(body, "AuthFlow");
        let parameters = &body["AuthParameters"];
        if flow == "REFRESH_TOKEN_AUTH" {
            return self.refresh_token_auth(state, parameters);
        }
        if !self.settings.flows.contains(&flow) {
            return refuse("InvalidParameterException", format!("{flow} is not enabled for the client."));
        }
        let username = text(parameters, "USERNAME");
        self.check_secret_hash(username, &parameters["SECRET_HASH"])?;
        if !username.eq_ignore_ascii_case(EMAIL) && username != INTERNAL {
            return refuse("UserNotFoundException", "User does not exist.");
        }
        if state.wrong_passwords >= 5 {
            return denied("Password attempts exceeded");
        }
        let device = parameters["DEVICE_KEY"].as_str();
        if self.settings.knows_devices_early {
            self.check_device(state, device)?;
        }
        if flow == "USER_AUTH" {
            let wanted = parameters["PREFERRED_CHALLENGE"].as_str().unwrap_or_default();
            if wanted != "PASSWORD_SRP" || self.settings.always_asks || !state.user.first.contains(&wanted) {
                let offers = state.user.first;
                let mut asked = self.ask(state, "SELECT_CHALLENGE", json!({}), device);
                asked["AvailableChallenges"] = json!(offers);
                return Ok(asked);
            }
        }
        self.verify_password(state, parameters, flow == "USER_AUTH", device)
    }

    /// PASSWORD_VERIFIER.
    fn verify_password(
        &self,
        state: &mut State,
        parameters: &Value,
        with_session: bool,
        device: Option<&str>,
    ) -> Result<Value, Refused> {
        let shape = self.settings.shape;
        let exchange = begin(text(parameters, "SRP_A"), &state.verifier, shape)?;
        let session = with_session.then(random_token);
        let block = BASE64_STANDARD.encode(random_token());
        let mut asked = json!({
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "SALT": shape.hex(&state.verifier.salt),
                "SRP_B": shape.hex(&exchange.b_public),
                "SECRET_BLOCK": block,
                "USERNAME": INTERNAL,
                "USER_ID_FOR_SRP": INTERNAL,
            },
        });
        if let Some(session) = &session {
            asked["Session"] = json!(session);
        }
        let device = device.map(str::to_owned);
        state.exchanges.insert(block, Proving { exchange, session, device });
        Ok(asked)
    }

    /// The hash covers the very USERNAME of the same request.
    fn check_secret_hash(&self, username: &str, given: &Value) -> Result<(), Refused> {
        let right = BASE64_STANDARD.encode(srp::mac(SECRET.as_bytes(), &[username.as_bytes(), CLIENT.as_bytes()]));
        match (self.settings.secret, given.as_str()) {
            (false, None) => Ok(()),
            (true, Some(given)) if given == right => Ok(()),
            (true, Some(_)) => denied(format!("Unable to verify secret hash for client {CLIENT}")),
            (true, None) => denied(format!("Client {CLIENT} is configured with secret but SECRET_HASH was not received")),
            (false, Some(_)) => refuse("InvalidParameterException", "a secret hash was received, but there is no secret"),
        }
    }

    fn check_client_secret(&self, given: &Value) -> Result<(), Refused> {
        if given.as_str() == self.settings.secret.then_some(SECRET) {
            return Ok(());
        }
        refuse("NotAuthorizedException", "Invalid client secret")
    }

    fn forgot_password(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        self.check_secret_hash(text(body, "Username"), &body["SecretHash"])?;
        if self.settings.admin_only {
            return denied("Contact administrator to reset password.");
        }
        let code = send(state);
        state.reset_code = Some(code);
        let details = json!({"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "i***@e***"});
        Ok(json!({ "CodeDeliveryDetails": details }))
    }

    fn confirm_forgot_password(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        self.check_secret_hash(text(body, "Username"), &body["SecretHash"])?;
        match &state.reset_code {
            None => return refuse("ExpiredCodeException", "Invalid code provided, please request a code again."),
            Some(code) if code != text(body, "ConfirmationCode") => {
                return refuse("CodeMismatchException", "Invalid verification code provided, please try again.");
            }
            Some(_) => {}
        }
        self.set_password(state, text(body, "Password"))?;
        state.reset_code = None;
        Ok(json!({}))
    }

    fn set_password(&self, state: &mut State, password: &str) -> Result<(), Refused> {
        if password.len() < 8 {
            let why = "Password did not conform with policy: Password not long enough";
            return refuse("InvalidPasswordException", why);
        }
        state.verifier = Verifier::of_password(NAME, INTERNAL, password, self.settings.shape);
        password.clone_into(&mut state.user.password);
        state.user.temporary = false;
        Ok(())
    }
}

fn begin(srp_a: &str, verifier: &Verifier, shape: Shape) -> Result<Exchange, Refused> {
    Exchange::begin(srp_a, verifier, shape).or_else(|why| refuse("InvalidParameterException", why))
}

fn text<'a>(body: &'a Value, key: &str) -> &'a str {
    body[key].as_str().unwrap_or_default()
}

fn send(state: &mut State) -> String {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    let code = format!("{:08}", u32::from_be_bytes(bytes) % 100_000_000);
    state.sent.push(code.clone());
    code
}

fn random_token() -> String {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    hex::encode(bytes)
}
