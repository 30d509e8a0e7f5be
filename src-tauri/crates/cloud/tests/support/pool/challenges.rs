//! RespondToAuthChallenge, and which question follows which.

use serde_json::{Value, json};

use super::super::totp;
use super::{EMAIL, INTERNAL, NAME, Pool, Refused, State, denied, random_token, refuse, send, text};

/// A question under way. Its token serves for one right answer.
#[derive(Clone, Debug)]
pub(super) struct Session {
    challenge: String,
    code: Option<String>,
    device: Option<String>,
    /// The secret that AssociateSoftwareToken made.
    app: Option<String>,
    app_verified: bool,
    expired: bool,
    /// The pool has not told its own name for the person yet: the typed one goes on.
    by_typed_name: bool,
}

impl Pool {
    /// Time goes by until no question can be answered any more.
    pub(crate) fn expire_sessions(&self) {
        self.state().sessions.values_mut().for_each(|session| session.expired = true);
    }

    pub(super) fn ask(&self, state: &mut State, challenge: &str, parameters: Value, device: Option<&str>) -> Value {
        let token = random_token();
        let session = Session {
            challenge: challenge.to_owned(),
            code: None,
            device: device.map(str::to_owned),
            app: None,
            app_verified: false,
            expired: false,
            by_typed_name: false,
        };
        state.sessions.insert(token.clone(), session);
        json!({ "ChallengeName": challenge, "ChallengeParameters": parameters, "Session": token })
    }

    pub(super) fn respond(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        let challenge = text(body, "ChallengeName");
        let responses = &body["ChallengeResponses"];
        let username = text(responses, "USERNAME");
        self.check_secret_hash(username, &responses["SECRET_HASH"])?;
        match challenge {
            "PASSWORD_VERIFIER" => {
                let device = responses["DEVICE_KEY"].as_str();
                self.check_device(state, device)?;
                self.check_proof(state, body, &[NAME, INTERNAL])?;
                self.after_first_factor(state, device)
            }
            "DEVICE_PASSWORD_VERIFIER" => {
                let key = text(responses, "DEVICE_KEY");
                let group = self.check_device(state, Some(key))?.unwrap_or_default();
                self.check_proof(state, body, &[&group, key])?;
                Ok(self.issue(state, Some(key)))
            }
            "SELECT_CHALLENGE" => self.selected(state, body),
            _ => self.answered(state, body),
        }
    }

    fn answered(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        let challenge = text(body, "ChallengeName");
        let responses = &body["ChallengeResponses"];
        let session = take(state, body, challenge)?;
        if text(responses, "USERNAME") != if session.by_typed_name { EMAIL } else { INTERNAL } {
            return denied("Invalid session for the user.");
        }
        let device = session.device.as_deref();
        let outcome = match challenge {
            "NEW_PASSWORD_REQUIRED" => self.new_password(state, responses, device),
            "SOFTWARE_TOKEN_MFA" => {
                let secret = state.user.totp.clone().unwrap_or_default();
                let given = text(responses, "SOFTWARE_TOKEN_MFA_CODE");
                totp_step(&secret, given).and_then(|step| {
                    if std::mem::replace(&mut state.last_totp, step) == step {
                        return refuse("ExpiredCodeException", "Your software token has already been used once.");
                    }
                    Ok(self.issue(state, device))
                })
            }
            "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" => {
                if responses[format!("{challenge}_CODE")].as_str() == session.code.as_deref() {
                    Ok(self.issue(state, device))
                } else {
                    refuse("CodeMismatchException", "Invalid code or auth state for the user.")
                }
            }
            "SELECT_MFA_TYPE" => match state.user.second.iter().find(|kind| **kind == text(responses, "ANSWER")) {
                Some(kind) => Ok(self.second_factor(state, kind, device)),
                None => refuse("InvalidParameterException", "Invalid MFA type"),
            },
            "MFA_SETUP" if session.app_verified => Ok(self.issue(state, device)),
            "DEVICE_SRP_AUTH" => self.device_srp(state, responses),
            other => denied(format!("Invalid session for the user: {other}")),
        };
        if outcome.is_err() {
            restore(state, body, session);
        }
        outcome
    }

    /// SELECT_CHALLENGE: by one's own name or the one that was typed, as the pool has told no other yet.
    fn selected(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        let responses = &body["ChallengeResponses"];
        let answer = text(responses, "ANSWER");
        if !text(responses, "USERNAME").eq_ignore_ascii_case(EMAIL) || !state.user.first.contains(&answer) {
            return denied("Invalid session for the user.");
        }
        let session = take(state, body, "SELECT_CHALLENGE")?;
        let device = session.device.as_deref();
        match answer {
            "PASSWORD_SRP" => self.verify_password(state, responses, true, device),
            "PASSWORD" if text(responses, "PASSWORD") == state.user.password => self.after_first_factor(state, device),
            "PASSWORD" => denied("Incorrect username or password."),
            kind => {
                let mut asked = self.second_factor(state, kind, device);
                if let Some(session) = state.sessions.get_mut(text(&asked, "Session")) {
                    session.by_typed_name = true;
                }
                asked["ChallengeParameters"].as_object_mut().expect("parameters").remove("USERNAME");
                Ok(asked)
            }
        }
    }

    pub(super) fn after_first_factor(&self, state: &mut State, device: Option<&str>) -> Result<Value, Refused> {
        if state.user.temporary {
            let required: Vec<String> =
                state.user.required.iter().map(|name| format!("userAttributes.{name}")).collect();
            let parameters = json!({
                "USER_ID_FOR_SRP": INTERNAL,
                "requiredAttributes": json!(required).to_string(),
                "userAttributes": json!(state.user.attributes).to_string(),
            });
            return Ok(self.ask(state, "NEW_PASSWORD_REQUIRED", parameters, device));
        }
        if device.is_some_and(|key| state.devices.get(key).is_some_and(|device| device.remembered)) {
            return Ok(self.ask(state, "DEVICE_SRP_AUTH", json!({}), device));
        }
        if !state.user.must_set_up.is_empty() {
            let parameters = json!({ "MFAS_CAN_SETUP": json!(state.user.must_set_up).to_string() });
            return Ok(self.ask(state, "MFA_SETUP", parameters, device));
        }
        match state.user.second {
            [] => Ok(self.issue(state, device)),
            [only] => Ok(self.second_factor(state, only, device)),
            several => {
                let parameters = json!({ "MFAS_CAN_CHOOSE": json!(several).to_string() });
                Ok(self.ask(state, "SELECT_MFA_TYPE", parameters, device))
            }
        }
    }

    fn second_factor(&self, state: &mut State, kind: &str, device: Option<&str>) -> Value {
        let (medium, destination) = match kind {
            "SOFTWARE_TOKEN_MFA" => return self.ask(state, kind, json!({}), device),
            "EMAIL_OTP" => ("EMAIL", "i***@e***"),
            _ => ("SMS", "+*******1234"),
        };
        let parameters = json!({ "CODE_DELIVERY_DELIVERY_MEDIUM": medium, "CODE_DELIVERY_DESTINATION": destination, "USERNAME": INTERNAL });
        let code = send(state);
        let asked = self.ask(state, kind, parameters, device);
        if let Some(session) = state.sessions.get_mut(text(&asked, "Session")) {
            session.code = Some(code);
        }
        asked
    }

    fn new_password(&self, state: &mut State, responses: &Value, device: Option<&str>) -> Result<Value, Refused> {
        for name in state.user.required {
            if responses[format!("userAttributes.{name}")].as_str().is_none_or(str::is_empty) {
                return refuse("InvalidParameterException", format!("Invalid attributes given, {name} is missing"));
            }
        }
        let given = responses.as_object().into_iter().flatten();
        let given: Vec<_> =
            given.filter_map(|(key, value)| Some((key.strip_prefix("userAttributes.")?, value))).collect();
        if given.iter().any(|(name, _)| state.user.attributes.contains_key(*name)) {
            return denied("Cannot modify an already provided email");
        }
        self.set_password(state, text(responses, "NEW_PASSWORD"))?;
        for (name, value) in given {
            state.user.attributes.insert(name.to_owned(), value.as_str().unwrap_or_default().to_owned());
        }
        self.after_first_factor(state, device)
    }

    pub(super) fn associate_software_token(state: &mut State, body: &Value) -> Result<Value, Refused> {
        let mut session = take(state, body, "MFA_SETUP")?;
        let secret = totp::encode(&hex::decode(&random_token()[..40]).expect("hex"));
        session.app = Some(secret.clone());
        Ok(json!({ "SecretCode": secret, "Session": renewed(state, session) }))
    }

    pub(super) fn verify_software_token(state: &mut State, body: &Value) -> Result<Value, Refused> {
        let mut session = take(state, body, "MFA_SETUP")?;
        let secret = session.app.clone().unwrap_or_default();
        match totp_step(&secret, text(body, "UserCode")) {
            Ok(step) => {
                state.last_totp = step;
                state.user.totp = Some(secret);
                (state.user.must_set_up, state.user.second) = (&[], &["SOFTWARE_TOKEN_MFA"]);
                session.app_verified = true;
                Ok(json!({ "Status": "SUCCESS", "Session": renewed(state, session) }))
            }
            Err(_) => {
                restore(state, body, session);
                refuse("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
            }
        }
    }
}

/// The step that a code belongs to; one to either side is tolerated.
fn totp_step(secret: &str, given: &str) -> Result<u64, Refused> {
    let now = totp::step();
    let found = (now - 1..=now + 1).find(|step| totp::code(secret, *step) == given);
    found.ok_or_else(|| ("CodeMismatchException", "Invalid code received for user".to_owned()))
}

fn take(state: &mut State, body: &Value, challenge: &str) -> Result<Session, Refused> {
    let token = text(body, "Session");
    if state.spent.contains(token) {
        return denied("Invalid session for the user, session can only be used once.");
    }
    match state.sessions.remove(token) {
        Some(session) if session.expired => denied("Invalid session for the user, session is expired."),
        Some(session) if session.challenge == challenge => {
            state.spent.insert(token.to_owned());
            Ok(session)
        }
        _ => denied("Invalid session for the user."),
    }
}

/// A wrong answer leaves the question standing.
fn restore(state: &mut State, body: &Value, session: Session) {
    let token = text(body, "Session");
    state.spent.remove(token);
    state.sessions.insert(token.to_owned(), session);
}

fn renewed(state: &mut State, session: Session) -> String {
    let token = random_token();
    state.sessions.insert(token.clone(), session);
    token
}
