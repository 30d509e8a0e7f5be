//! SRP proofs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use time::macros::format_description;
use time::{Duration, PrimitiveDateTime};

use super::super::srp::{Exchange, Shape, Verifier};
use super::{INTERNAL, Pool, Refused, State, denied, random_token, refuse, text};

/// An SRP exchange whose proof is awaited; the secret block is its handle.
pub(super) struct Proving {
    pub(super) exchange: Exchange,
    /// AWS gives none with PASSWORD_VERIFIER of USER_SRP_AUTH.
    pub(super) session: Option<String>,
    pub(super) device: Option<String>,
}

impl Pool {
    /// PASSWORD_VERIFIER.
    pub(super) fn verify_password(
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

    /// The signature over scope, name, secret block and time.
    pub(super) fn check_proof(&self, state: &mut State, body: &Value, names: &[&str; 2]) -> Result<(), Refused> {
        let responses = &body["ChallengeResponses"];
        if text(responses, "USERNAME") != INTERNAL {
            return denied("Incorrect username or password.");
        }
        let block = text(responses, "PASSWORD_CLAIM_SECRET_BLOCK");
        let Some(proving) = state.exchanges.remove(block) else { return denied("Incorrect username or password.") };
        if body["Session"].as_str() != proving.session.as_deref() {
            return denied("Invalid session for the user.");
        }
        if responses["DEVICE_KEY"].as_str() != proving.device.as_deref() {
            return denied("Invalid device key given.");
        }
        let timestamp = text(responses, "TIMESTAMP");
        self.check_timestamp(timestamp)?;
        let decode = |text: &str| BASE64_STANDARD.decode(text).unwrap_or_default();
        let signature = decode(text(responses, "PASSWORD_CLAIM_SIGNATURE"));
        let block = decode(block);
        let message = [names[0].as_bytes(), names[1].as_bytes(), &block, timestamp.as_bytes()];
        if proving.exchange.accepts(&signature, &message) {
            state.wrong_passwords = 0;
            return Ok(());
        }
        state.wrong_passwords += 1;
        denied("Incorrect username or password.")
    }

    fn check_timestamp(&self, text: &str) -> Result<(), Refused> {
        let form = format_description!(
            "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] UTC [year]"
        );
        match PrimitiveDateTime::parse(text, form) {
            Ok(time) if time.format(form).is_ok_and(|canonical| canonical == text) => {
                let age = self.now() - time.assume_utc();
                if age.abs() < Duration::seconds(30) { Ok(()) } else { denied("Incorrect username or password.") }
            }
            _ => {
                refuse("InvalidParameterException", "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
            }
        }
    }
}

pub(super) fn begin(srp_a: &str, verifier: &Verifier, shape: Shape) -> Result<Exchange, Refused> {
    Exchange::begin(srp_a, verifier, shape).or_else(|why| refuse("InvalidParameterException", why))
}
