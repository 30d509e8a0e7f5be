//! Pools that remember devices: this computer's own SRP identity beside the person's.

use aws_sdk_cognitoidentityprovider::types::{
    DeviceRememberedStatusType, DeviceSecretVerifierConfigType, NewDeviceMetadataType,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

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
}

impl RememberedDevice {
    pub(crate) fn identity(&self) -> Identity {
        Identity::new(&self.group_key, &self.key, self.password.expose_secret())
    }
}

/// Makes this computer known to the pool, which otherwise takes back neither the device nor the refresh token
/// that was issued to it. `None` if the answer lacks the keys.
///
/// `lasting`: the person wants to be remembered here, where the pool leaves that to them.
pub(super) async fn confirm(
    connection: &Connection,
    access_token: &SecretString,
    metadata: NewDeviceMetadataType,
    lasting: bool,
) -> Result<Option<RememberedDevice>, Failure> {
    let (Some(key), Some(group_key)) = (metadata.device_key, metadata.device_group_key) else { return Ok(None) };
    let mut random = Zeroizing::new([0; 56]);
    getrandom::fill(random.as_mut()).map_err(|error| Failure::new(Code::ServiceError).because(error.to_string()))?;
    let (password, salt) = random.split_at(40);
    let password = SecretString::from(BASE64_STANDARD.encode(password));
    let device = RememberedDevice { key, group_key, password };
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
        Ok(answer) if answer.user_confirmation_necessary && lasting => {
            let update = connection
                .idp
                .update_device_status()
                .access_token(access_token.expose_secret())
                .device_key(&device.key)
                .device_remembered_status(DeviceRememberedStatusType::Remembered);
            if let Err(error) = update.send().await {
                return Err(failure(&refusal(error, &connection.idp_host())?, connection));
            }
            Ok(Some(device))
        }
        Ok(_) => Ok(Some(device)),
        Err(error) => Err(failure(&refusal(error, &connection.idp_host())?, connection)),
    }
}
