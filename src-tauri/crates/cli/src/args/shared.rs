//! Words that several commands share.

use std::path::PathBuf;

use clap::ValueEnum;
use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{KeySource, x509};

use super::driver::DriverName;

// A doc comment above one of these groups would become the help of the commands that use it.

// Which site, and who works there.
#[derive(clap::Args)]
pub(crate) struct Who {
    /// The site file, or the name of a site of this computer
    #[arg(long, value_name = "FILE")]
    pub(crate) site: PathBuf,
    #[command(flatten)]
    pub(crate) signer: Signer,
}

// An operator or an engineer.
#[derive(clap::Args)]
pub(crate) struct Signer {
    /// Who signs in. The password is asked for, or taken from FIELDKEY_PASSWORD; a first sign-in's new one from
    /// FIELDKEY_NEW_PASSWORD, an authenticator app's code from FIELDKEY_TOTP
    #[arg(long, value_name = "EMAIL")]
    pub(crate) user: Option<String>,
    /// Work with this profile of AWS's configuration files instead of signing in, for engineers
    #[arg(long, value_name = "PROFILE")]
    pub(crate) aws_profile: Option<String>,
}

// The device in hand.
#[derive(clap::Args)]
pub(crate) struct Device {
    /// The device's serial number
    #[arg(long, value_name = "SN")]
    pub(crate) serial_number: String,
    /// Where it is: `drive:PATH` or `serial:PORT`, with `?key=value` settings behind it
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: String,
    /// How to talk to the device: for a drive `drive`, `greengrass`, `device-client` or `site`; on a serial port it is
    /// found out without this
    #[arg(long, value_parser = DriverName, hide_possible_values = true)]
    pub(crate) driver: Option<String>,
    /// A further parameter of the provisioning template; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) param: Vec<(String, String)>,
}

// A thing, by either name.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Named {
    /// The thing's name
    #[arg(long, value_name = "NAME")]
    pub(crate) thing: Option<String>,
    /// The device's serial number, of which the site makes the thing's name
    #[arg(long, value_name = "SN")]
    pub(crate) serial_number: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Key {
    Device,
    Host,
    Aws,
}

impl From<Key> for KeySource {
    fn from(key: Key) -> Self {
        match key {
            Key::Device => Self::Device,
            Key::Host => Self::Host,
            Key::Aws => Self::Aws,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum KeyType {
    #[value(name = "p-256")]
    P256,
    #[value(name = "rsa-2048")]
    Rsa2048,
}

impl From<KeyType> for x509::KeyType {
    fn from(key_type: KeyType) -> Self {
        match key_type {
            KeyType::P256 => Self::P256,
            KeyType::Rsa2048 => Self::Rsa2048,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Status {
    Active,
    Inactive,
}

impl From<Status> for CertificateStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Inactive => Self::Inactive,
        }
    }
}

pub(super) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("KEY=VALUE is expected".into()),
    }
}
