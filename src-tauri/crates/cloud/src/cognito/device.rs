//! Pools that remember devices: this computer's own SRP identity beside the person's.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::types::{DeviceRememberedStatusType, DeviceSecretVerifierConfigType, NewDeviceMetadataType};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};

use super::refusal::failure;
use crate::connection::Connection;
use crate::refusal::refusal;
use crate::srp::{self, Identity};

/// What a pool knows this computer by. Kept with the refresh token, which is worthless without it.
#[derive(Clone, Debug)]
pub(crate) struct RememberedDevice {
    pub(crate) key: String,
    pub(crate) group_key: String,
    pub(crate) password: SecretString,
    /// The user's internal name: DEVICE_SRP_AUTH takes no alias.
    pub(crate) user: String,
}

impl RememberedDevice {
    pub(crate) fn identity(&self) -> Identity {
        Identity::new(&self.group_key, &self.key, self.password.expose_secret())
    }
}

/// Registers this computer with the pool after the first sign-in: ConfirmDevice, and UpdateDeviceStatus where
/// the pool leaves it to the person. `None` if the answer lacks the keys.
pub(crate) async fn remember(
    connection: &Connection,
    access_token: &SecretString,
    metadata: NewDeviceMetadataType,
    user: &str,
) -> Result<Option<RememberedDevice>, Failure> {
    let (Some(key), Some(group_key)) = (metadata.device_key, metadata.device_group_key) else { return Ok(None) };
    let mut random = zeroize::Zeroizing::new([0; 56]);
    getrandom::fill(random.as_mut()).map_err(|error| Failure::new(Code::ServiceError).because(error.to_string()))?;
    let (password, salt) = random.split_at(40);
    let password = SecretString::from(BASE64_STANDARD.encode(password));
    let device = RememberedDevice { key, group_key, password, user: user.to_owned() };
    let verifier = DeviceSecretVerifierConfigType::builder()
        .password_verifier(BASE64_STANDARD.encode(device.identity().verifier(salt)))
        .salt(BASE64_STANDARD.encode(srp::pad(salt)))
        .build();
    let confirmed = connection
        .idp
        .confirm_device()
        .access_token(access_token.expose_secret())
        .device_key(&device.key)
        .device_secret_verifier_config(verifier)
        .device_name("Fieldkey")
        .send()
        .await;
    match confirmed {
        Ok(answer) if answer.user_confirmation_necessary => {
            let update = connection
                .idp
                .update_device_status()
                .access_token(access_token.expose_secret())
                .device_key(&device.key)
                .device_remembered_status(DeviceRememberedStatusType::Remembered);
            if let Err(error) = update.send().await {
                return Err(failure(&refusal(error, &connection.idp_host())?, connection));
            }
        }
        Ok(_) => {}
        Err(error) => return Err(failure(&refusal(error, &connection.idp_host())?, connection)),
    }
    Ok(Some(device))
}

/// The pool's numbers for an SRP proof, from a challenge's parameters.
pub(crate) struct Proof<'a> {
    pub(crate) salt: &'a str,
    pub(crate) b: &'a str,
    pub(crate) secret_block: &'a str,
}

impl<'a> Proof<'a> {
    pub(crate) fn from_wire(parameters: &'a HashMap<String, String>) -> Option<Self> {
        Some(Self {
            salt: parameters.get("SALT")?,
            b: parameters.get("SRP_B")?,
            secret_block: parameters.get("SECRET_BLOCK")?,
        })
    }
}
