//! Remembered devices.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::srp::Verifier;
use super::proofs::{Proving, begin};
use super::{Devices, INTERNAL, Pool, Refused, State, denied, random_token, refuse, text};

#[derive(Debug)]
pub(super) struct Device {
    pub(super) group: String,
    /// From ConfirmDevice.
    pub(super) verifier: Option<Verifier>,
    pub(super) remembered: bool,
}

impl Pool {
    /// An administrator, or the person on another machine, forgets every device.
    pub(crate) fn forget_devices(&self) {
        self.state().devices.clear();
    }

    /// How many devices are remembered.
    pub(crate) fn remembered(&self) -> usize {
        self.state().devices.values().filter(|device| device.remembered).count()
    }

    pub(super) fn new_device(&self, state: &mut State) -> Option<(String, Value)> {
        if self.settings.devices == Devices::Off {
            return None;
        }
        let (key, group) = (format!("ap-northeast-1_{}", random_token()), format!("-{}", &random_token()[..8]));
        let metadata = json!({ "DeviceKey": key, "DeviceGroupKey": group });
        state.devices.insert(key.clone(), Device { group, verifier: None, remembered: false });
        Some((key, metadata))
    }

    /// The group of a device that is known.
    pub(super) fn check_device(&self, state: &State, key: Option<&str>) -> Result<Option<String>, Refused> {
        let Some(key) = key else { return Ok(None) };
        match state.devices.get(key) {
            Some(device) if device.verifier.is_some() => Ok(Some(device.group.clone())),
            _ => refuse("ResourceNotFoundException", "Device does not exist."),
        }
    }

    pub(super) fn confirm_device(&self, state: &mut State, body: &Value) -> Result<Value, Refused> {
        let key = text(body, "DeviceKey");
        if state.access.get(text(body, "AccessToken")) != Some(&Some(key.to_owned())) {
            return denied("Invalid Access Token");
        }
        let number = |name: &str| BASE64_STANDARD.decode(text(&body["DeviceSecretVerifierConfig"], name));
        let (Ok(salt), Ok(verifier)) = (number("Salt"), number("PasswordVerifier")) else {
            return refuse("InvalidParameterException", "Invalid device verifier: not Base64");
        };
        let verifier = Verifier::of_device(&salt, &verifier).or_else(|why| refuse("InvalidParameterException", why))?;
        let asks = self.settings.devices == Devices::OptIn;
        if let Some(device) = state.devices.get_mut(key) {
            device.verifier = Some(verifier);
            device.remembered = !asks;
        }
        Ok(json!({ "UserConfirmationNecessary": asks }))
    }

    pub(super) fn update_device_status(state: &mut State, body: &Value) -> Result<Value, Refused> {
        let key = text(body, "DeviceKey");
        if state.access.get(text(body, "AccessToken")) != Some(&Some(key.to_owned())) {
            return denied("Invalid Access Token");
        }
        if let Some(device) = state.devices.get_mut(key) {
            device.remembered = text(body, "DeviceRememberedStatus") == "remembered";
        }
        Ok(json!({}))
    }

    /// DEVICE_SRP_AUTH: the second exchange, against what ConfirmDevice left.
    pub(super) fn device_srp(&self, state: &mut State, responses: &Value) -> Result<Value, Refused> {
        let key = text(responses, "DEVICE_KEY");
        let device = state.devices.get(key).and_then(|device| device.verifier.clone());
        let Some(verifier) = device else { return refuse("ResourceNotFoundException", "Device does not exist.") };
        let exchange = begin(text(responses, "SRP_A"), &verifier, self.settings.shape)?;
        let (block, session) = (BASE64_STANDARD.encode(random_token()), random_token());
        let asked = json!({
            "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "SALT": verifier.salt.to_str_radix(16),
                "SRP_B": self.settings.shape.hex(&exchange.b_public),
                "SECRET_BLOCK": block,
                "DEVICE_KEY": key,
                "USERNAME": INTERNAL,
            },
            "Session": session,
        });
        state.exchanges.insert(block, Proving { exchange, session: Some(session), device: Some(key.to_owned()) });
        Ok(asked)
    }
}
