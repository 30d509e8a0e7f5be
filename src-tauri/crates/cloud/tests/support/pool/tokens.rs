//! What a finished sign-in yields, and how long it serves.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::Duration;

use super::{INTERNAL, Pool, Refused, State, denied, random_token, refuse, text};

#[derive(Clone, Debug)]
pub(super) struct Refresh {
    device: Option<String>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    Good,
    /// Another took its place.
    Rotated,
    Revoked,
}

impl Pool {
    /// Every ID token is over from now on.
    pub(crate) fn expire_id_tokens(&self) {
        let now = self.now();
        self.state().ids.values_mut().for_each(|expiry| *expiry = now);
    }

    /// An administrator puts the person into other groups.
    pub(crate) fn move_to(&self, groups: &'static [&'static str]) {
        self.state().user.groups = groups;
    }

    /// # Errors
    /// What an identity pool says against an ID token.
    pub(crate) fn check_id_token(&self, token: &str) -> Result<(), Refused> {
        match self.state().ids.get(token) {
            Some(expiry) if *expiry > self.now() => Ok(()),
            Some(expiry) => {
                let (now, then) = (self.now().unix_timestamp(), expiry.unix_timestamp());
                denied(format!("Invalid login token. Token expired: {now} >= {then}"))
            }
            None => denied("Invalid login token. Not a valid OpenId Connect identity token."),
        }
    }

    /// Ends every refresh token, as an administrator does.
    pub(crate) fn revoke_all(&self) {
        self.state().refresh.values_mut().for_each(|token| token.standing = Standing::Revoked);
    }

    /// How many refresh tokens are good.
    pub(crate) fn good_refresh_tokens(&self) -> usize {
        self.state().refresh.values().filter(|token| token.standing == Standing::Good).count()
    }

    pub(super) fn issue(&self, state: &mut State, device: Option<&str>) -> Value {
        let new_device = if device.is_none() { self.new_device(state) } else { None };
        let key = device.map(str::to_owned).or(new_device.as_ref().map(|(key, _)| key.clone()));
        let mut result = self.result(state, key.clone());
        let refresh = random_token();
        state.refresh.insert(refresh.clone(), Refresh { device: key, standing: Standing::Good });
        result["RefreshToken"] = json!(refresh);
        if let Some((_, metadata)) = new_device {
            result["NewDeviceMetadata"] = metadata;
        }
        json!({ "AuthenticationResult": result, "ChallengeParameters": {} })
    }

    fn result(&self, state: &mut State, device: Option<String>) -> Value {
        let seconds = self.settings.token_seconds;
        let mut claims = json!({ "cognito:username": INTERNAL });
        if !state.user.groups.is_empty() {
            claims["cognito:groups"] = json!(state.user.groups);
        }
        let (access, id) = (jwt(&json!({"username": INTERNAL})), jwt(&claims));
        state.access.insert(access.clone(), device);
        state.ids.insert(id.clone(), self.now() + Duration::seconds(seconds));
        json!({ "AccessToken": access, "IdToken": id, "ExpiresIn": seconds, "TokenType": "Bearer" })
    }

    pub(super) fn tokens_from_refresh_token(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        self.check_client_secret(&body["ClientSecret"])?;
        self.refreshed(state, text(body, "RefreshToken"), body["DeviceKey"].as_str())
    }

    pub(super) fn refresh_token_auth(&self, state: &mut State, parameters: &Value) -> Result<Value, Refused> {
        if self.settings.rotates {
            return refuse("InvalidParameterException", "REFRESH_TOKEN_AUTH is not enabled for the client.");
        }
        self.check_secret_hash(INTERNAL, &parameters["SECRET_HASH"])?;
        self.refreshed(state, text(parameters, "REFRESH_TOKEN"), parameters["DEVICE_KEY"].as_str())
    }

    fn refreshed(&self, state: &mut State, token: &str, device: Option<&str>) -> Result<Value, Refused> {
        let Some(found) = state.refresh.get_mut(token) else { return denied("Invalid Refresh Token.") };
        match found.standing {
            Standing::Good => {}
            Standing::Rotated => return refuse("RefreshTokenReuseException", "Refresh token has been used already"),
            Standing::Revoked => return denied("Refresh Token has been revoked"),
        }
        if found.device.as_deref() != device {
            return denied("Invalid Refresh Token.");
        }
        if self.settings.rotates {
            found.standing = Standing::Rotated;
        }
        let known = found.clone();
        if let Some(key) = device {
            self.check_device(state, Some(key))?;
        }
        let mut result = self.result(state, known.device.clone());
        if self.settings.rotates {
            let next = random_token();
            state.refresh.insert(next.clone(), Refresh { standing: Standing::Good, ..known });
            result["RefreshToken"] = json!(next);
        }
        Ok(json!({ "AuthenticationResult": result }))
    }

    pub(super) fn revoke_token(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        self.check_client_secret(&body["ClientSecret"])?;
        if let Some(token) = state.refresh.get_mut(text(body, "Token")) {
            token.standing = Standing::Revoked;
        }
        Ok(json!({}))
    }
}

/// A token whose signature nobody here checks.
fn jwt(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&json!({"alg": "RS256"})), part(claims), random_token())
}
