//! A Cognito user pool, for what MiniStack lacks: pools that remember devices, e-mail and SMS codes, SELECT_MFA_TYPE,
//! MFA_SETUP, USER_AUTH with SELECT_CHALLENGE, rotated refresh tokens, client secrets, lock-out and its texts.
//!
//! Speaks the operations of the real one, JSON in and JSON out, and refuses what the real one refuses.

mod challenges;
mod devices;
mod passwords;
mod proofs;
mod settings;
mod tokens;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;

use self::challenges::Session;
use self::devices::Device;
use self::proofs::Proving;
pub(crate) use self::settings::{Devices, EMAIL, INTERNAL, PASSWORD, Settings, User};
use self::tokens::Refresh;
use super::srp::{self, Verifier};

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

    /// The hash covers the very USERNAME of the same request.
    fn check_secret_hash(&self, username: &str, given: &Value) -> Result<(), Refused> {
        let right = BASE64_STANDARD.encode(srp::mac(SECRET.as_bytes(), &[username.as_bytes(), CLIENT.as_bytes()]));
        match (self.settings.secret, given.as_str()) {
            (false, None) => Ok(()),
            (true, Some(given)) if given == right => Ok(()),
            (true, Some(_)) => denied(format!("Unable to verify secret hash for client {CLIENT}")),
            (true, None) => {
                denied(format!("Client {CLIENT} is configured with secret but SECRET_HASH was not received"))
            }
            (false, Some(_)) => {
                refuse("InvalidParameterException", "a secret hash was received, but there is no secret")
            }
        }
    }

    fn check_client_secret(&self, given: &Value) -> Result<(), Refused> {
        if given.as_str() == self.settings.secret.then_some(SECRET) {
            return Ok(());
        }
        refuse("NotAuthorizedException", "Invalid client secret")
    }
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
