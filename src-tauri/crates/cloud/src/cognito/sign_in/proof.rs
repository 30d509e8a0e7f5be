//! The SRP proofs: that the person knows the password, and that this computer is the remembered one.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::types::ChallengeNameType;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fieldkey_core::{Code, Failure};
use secrecy::ExposeSecret;
use time::format_description::FormatItem;
use time::macros::format_description;

use super::SignIn;
use super::exchange::Wire;
use crate::srp::{self, Identity, Srp, UnsafeNumbers};

/// `Sat Nov 7 03:05:09 UTC 2026`: the server signs this very form, with an unpadded day.
const TIMESTAMP: &[FormatItem<'_>] = format_description!(
    "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] UTC [year]"
);

impl SignIn {
    /// SRP_A of a new secret number.
    pub(super) fn fresh_srp(&mut self) -> Result<String, Failure> {
        let srp = Srp::new().map_err(|error| Failure::new(Code::ServiceError).because(error.to_string()))?;
        let srp_a = srp.public_hex();
        self.srp = Some(srp);
        Ok(srp_a)
    }

    pub(super) async fn prove_password(&mut self, parameters: &HashMap<String, String>) -> Result<Wire, Failure> {
        let id = parameters.get("USER_ID_FOR_SRP").unwrap_or(&self.internal_user);
        let pool_id = &self.connection.site.user_pool_id;
        let pool = pool_id.split_once('_').map_or(pool_id.as_str(), |(_, name)| name);
        let identity = Identity::new(pool, id, self.attempt.password.expose_secret());
        let responses = self.signed(parameters, &identity, pool, id)?;
        self.respond(&ChallengeNameType::PasswordVerifier, responses).await
    }

    pub(super) async fn prove_device(&mut self, parameters: &HashMap<String, String>) -> Result<Wire, Failure> {
        let device = self.attempt.device.as_ref();
        let device = device.ok_or_else(|| self.nonsense("an unknown device is asked for"))?;
        let responses = self.signed(parameters, &device.identity(), &device.group_key, &device.key)?;
        self.respond(&ChallengeNameType::DevicePasswordVerifier, responses).await
    }

    fn signed(
        &self,
        parameters: &HashMap<String, String>,
        identity: &Identity,
        scope: &str,
        id: &str,
    ) -> Result<Vec<(String, String)>, Failure> {
        let parameter = |key: &str| parameters.get(key).ok_or_else(|| self.nonsense("SRP parameters are missing"));
        let (salt, b, secret_block) = (parameter("SALT")?, parameter("SRP_B")?, parameter("SECRET_BLOCK")?);
        let srp = self.srp.as_ref().ok_or_else(|| self.nonsense("an SRP proof out of turn"))?;
        let key = srp.key(identity, salt, b);
        let key = key.map_err(|UnsafeNumbers| self.nonsense("unsafe SRP numbers"))?;
        let block = BASE64_STANDARD.decode(secret_block);
        let block = block.map_err(|_| self.nonsense("an unreadable SECRET_BLOCK"))?;
        let timestamp = self.connection.clock.now().format(TIMESTAMP).unwrap_or_default();
        let signature = srp::mac(key.as_ref(), &[scope.as_bytes(), id.as_bytes(), &block, timestamp.as_bytes()]);
        Ok(vec![
            ("PASSWORD_CLAIM_SIGNATURE".into(), BASE64_STANDARD.encode(signature)),
            ("PASSWORD_CLAIM_SECRET_BLOCK".into(), secret_block.clone()),
            ("TIMESTAMP".into(), timestamp),
        ])
    }
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
}
