//! Forgotten and new passwords.

use serde_json::{Value, json};

use super::super::srp::Verifier;
use super::{INTERNAL, NAME, Pool, Refused, State, denied, refuse, send, text};

impl Pool {
    pub(super) fn forgot_password(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        self.check_secret_hash(text(body, "Username"), &body["SecretHash"])?;
        if self.settings.admin_only {
            return denied("Contact administrator to reset password.");
        }
        let code = send(state);
        state.reset_code = Some(code);
        let details = json!({"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "i***@e***"});
        Ok(json!({ "CodeDeliveryDetails": details }))
    }

    pub(super) fn confirm_forgot_password(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
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

    pub(super) fn set_password(&self, state: &mut State, password: &str) -> Result<(), Refused> {
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
