//! What a pool is like, and who has an account there.

use std::collections::BTreeMap;

use time::Duration;

use super::super::srp::Shape;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Devices {
    #[default]
    Off,
    Always,
    /// The person decides: UpdateDeviceStatus.
    OptIn,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) secret: bool,
    pub(crate) flows: &'static [&'static str],
    /// USER_AUTH asks SELECT_CHALLENGE even where a preferred challenge is named.
    pub(crate) always_asks: bool,
    pub(crate) rotates: bool,
    /// From before GetTokensFromRefreshToken.
    pub(crate) old: bool,
    pub(crate) devices: Devices,
    /// Says already at InitiateAuth that it does not know a device; otherwise at PASSWORD_VERIFIER.
    pub(crate) knows_devices_early: bool,
    pub(crate) admin_only: bool,
    pub(crate) token_seconds: i64,
    /// Of the salts and of every B.
    pub(crate) shape: Shape,
    /// How far this pool's clock is ahead of the test's.
    pub(crate) ahead: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            secret: false,
            flows: &["USER_SRP_AUTH"],
            always_asks: false,
            rotates: false,
            old: false,
            devices: Devices::Off,
            knows_devices_early: false,
            admin_only: false,
            token_seconds: 3600,
            shape: Shape::Any,
            ahead: Duration::ZERO,
        }
    }
}

pub(crate) const EMAIL: &str = "Installer@example.com";
pub(crate) const PASSWORD: &str = "Correct-horse-7";
/// The pool's own name for the one who signs in.
pub(crate) const INTERNAL: &str = "5d9e0a1c-8b7f-4a52-9c1e-0123456789ab";

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) password: String,
    pub(crate) temporary: bool,
    pub(crate) required: &'static [&'static str],
    pub(crate) attributes: BTreeMap<String, String>,
    /// Second factors in the pool's words, and the secret of an authenticator app.
    pub(crate) second: &'static [&'static str],
    pub(crate) totp: Option<String>,
    pub(crate) must_set_up: &'static [&'static str],
    pub(crate) groups: &'static [&'static str],
    /// What USER_AUTH offers.
    pub(crate) first: &'static [&'static str],
}

impl Default for User {
    fn default() -> Self {
        Self {
            password: PASSWORD.into(),
            temporary: false,
            required: &[],
            attributes: BTreeMap::from([("email".into(), EMAIL.into())]),
            second: &[],
            totp: None,
            must_set_up: &[],
            groups: &[],
            first: &["PASSWORD_SRP", "PASSWORD"],
        }
    }
}
