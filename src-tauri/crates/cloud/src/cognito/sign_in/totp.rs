//! Setting up an authenticator app in the middle of a sign-in.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::types::{ChallengeNameType, VerifySoftwareTokenResponseType};
use fieldkey_core::{Code, Failure};
use secrecy::SecretString;

use super::SignIn;
use super::exchange::Wire;
use crate::cognito::challenge::{Challenge, Channel, channels, digits};
use crate::cognito::refusal::failure;
use crate::refusal::refusal;

impl SignIn {
    /// AssociateSoftwareToken: the pool makes a secret for the app.
    pub(super) async fn offer_totp(&mut self, parameters: &HashMap<String, String>) -> Result<Challenge, Failure> {
        let can = channels(parameters, "MFAS_CAN_SETUP");
        if !can.is_empty() && !can.iter().any(|(channel, _)| *channel == Channel::Totp) {
            let words = "no authenticator app can be set up; ask for SMS or e-mail codes";
            return Err(Failure::new(Code::MfaRequired).about("MFA_SETUP").because(words));
        }
        let call = self.connection.idp.associate_software_token().set_session(self.session.clone());
        match call.send().await {
            Ok(answer) => {
                self.session = answer.session.or(self.session.take());
                let secret = answer.secret_code.ok_or_else(|| self.nonsense("the secret is missing"))?;
                let uri = otpauth(&self.connection.site.name, &self.attempt.user, &secret);
                Ok(Challenge::TotpSetup { secret: secret.into(), uri: uri.into() })
            }
            Err(error) => Err(failure(&refusal(error, &self.connection.idp_host())?, &self.connection)),
        }
    }

    /// VerifySoftwareToken with the app's first code, then on with the sign-in.
    pub(super) async fn set_up_totp(&mut self, code: &SecretString) -> Result<Wire, Failure> {
        let call = self
            .connection
            .idp
            .verify_software_token()
            .set_session(self.session.clone())
            .user_code(digits(code))
            .friendly_device_name("Fieldkey");
        match call.send().await {
            Ok(answer) => {
                self.session = answer.session.or(self.session.take());
                if answer.status == Some(VerifySoftwareTokenResponseType::Error) {
                    return Err(Failure::new(Code::WrongCode));
                }
                self.respond(&ChallengeNameType::MfaSetup, vec![]).await
            }
            Err(error) => Err(failure(&refusal(error, &self.connection.idp_host())?, &self.connection)),
        }
    }
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

    #[test]
    fn the_otpauth_uri_survives_a_scanner() {
        let uri = otpauth("東京", "a+b@example.com", "JBSWY3DP");
        assert!(uri.is_ascii(), "{uri}");
        assert!(
            uri.starts_with("otpauth://totp/Fieldkey%20%E6%9D%B1%E4%BA%AC:a%2Bb%40example.com?secret=JBSWY3DP&issuer=")
        );
    }
}
