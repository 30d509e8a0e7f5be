//! The jobs that write onto a device.

use clap::ValueEnum;

use super::{Device, Key, KeyType, Who};

#[derive(clap::Args)]
pub(crate) struct Provision {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) device: Device,
    /// Overwrite an identity or a live claim that is on the target
    #[arg(long)]
    pub(crate) replace: bool,
    /// Wait so long for the device to register itself; not at all without this, never longer than the claim lives
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<u64>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Enroll {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) device: Device,
    /// Where the certificate comes from: with a claim over MQTT, from the site's certificate API, or directly from
    /// AWS with --aws-profile
    #[arg(long, value_name = "WAY")]
    pub(crate) via: Via,
    /// Where the key is made
    #[arg(long, value_name = "WHERE", default_value = "host")]
    pub(crate) key: Key,
    /// What kind of key; the site's if this is missing
    #[arg(long, value_name = "TYPE")]
    pub(crate) key_type: Option<KeyType>,
    /// Put another identity in the place of one that is on the target
    #[arg(long)]
    pub(crate) replace: bool,
    /// The policy to attach to the certificate, with --aws-profile
    #[arg(long, value_name = "NAME", requires = "aws_profile")]
    pub(crate) policy: Option<String>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Reissue {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) device: Device,
    /// How the device gets its new identity: as `enroll` does it, or with a claim that it uses itself
    #[arg(long, value_name = "WAY")]
    pub(crate) via: Again,
    /// Somebody else may have the old key: deactivate the old certificates before anything else
    #[arg(long)]
    pub(crate) compromised: bool,
    /// Wait so long for the device to register itself, with --via provision; never longer than the claim lives
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<u64>,
    /// Where the key is made
    #[arg(long, value_name = "WHERE", default_value = "host")]
    pub(crate) key: Key,
    /// What kind of key; the site's if this is missing
    #[arg(long, value_name = "TYPE")]
    pub(crate) key_type: Option<KeyType>,
    /// The policy to attach to the certificate, with --aws-profile
    #[arg(long, value_name = "NAME", requires = "aws_profile")]
    pub(crate) policy: Option<String>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Via {
    Claim,
    Api,
    Direct,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Again {
    Claim,
    Api,
    Direct,
    Provision,
}

impl Again {
    /// `None` where the device does its part itself.
    pub(crate) fn via(self) -> Option<Via> {
        match self {
            Self::Claim => Some(Via::Claim),
            Self::Api => Some(Via::Api),
            Self::Direct => Some(Via::Direct),
            Self::Provision => None,
        }
    }
}
