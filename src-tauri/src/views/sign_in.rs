//! Sign-in: what is asked and what is answered.

use std::collections::BTreeMap;

use fieldkey_cloud::{Answer as CloudAnswer, Challenge as CloudChallenge, Channel as CloudChannel};
use fieldkey_cloud::{FirstFactor as CloudFirstFactor, Reply as CloudReply};
use fieldkey_practise::{Challenge as Practised, Reply as PractiseReply};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::OperatorView;
use crate::qr;
use crate::site::Reply;

#[derive(Clone, Copy, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum Channel {
    Totp,
    Sms,
    Email,
}

#[derive(Clone, Copy, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum FirstFactor {
    Password,
    Email,
    Sms,
}

#[derive(Serialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export)]
pub(crate) enum Challenge {
    NewPassword {
        required_attributes: Vec<String>,
    },
    Code {
        channel: Channel,
        destination: Option<String>,
    },
    SelectMfa {
        options: Vec<Channel>,
    },
    /// `qr` is the `d` of an SVG path on a square of `qrSize`.
    TotpSetup {
        secret: String,
        uri: String,
        qr: String,
        qr_size: usize,
    },
    SelectFirstFactor {
        options: Vec<FirstFactor>,
    },
}

#[derive(Serialize, TS)]
#[serde(tag = "state", rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum SignIn {
    SignedIn { operator: OperatorView },
    Challenge { challenge: Challenge },
}

impl SignIn {
    pub(crate) fn new(reply: Reply, operator: Option<OperatorView>) -> Self {
        match reply {
            Reply::Real(CloudReply::Challenge(challenge)) => Self::Challenge { challenge: challenge.into() },
            Reply::Practise(PractiseReply::Challenge(challenge)) => Self::Challenge { challenge: challenge.into() },
            Reply::Real(CloudReply::SignedIn) | Reply::Practise(PractiseReply::SignedIn) => {
                Self::SignedIn { operator: operator.unwrap_or_default() }
            }
        }
    }
}

impl From<CloudChallenge> for Challenge {
    fn from(challenge: CloudChallenge) -> Self {
        match challenge {
            CloudChallenge::NewPassword { required_attributes } => Self::NewPassword { required_attributes },
            CloudChallenge::Code { channel, destination } => Self::Code { channel: channel.into(), destination },
            CloudChallenge::SelectMfa { options } => {
                Self::SelectMfa { options: options.into_iter().map(Channel::from).collect() }
            }
            CloudChallenge::TotpSetup { secret, uri } => {
                let (qr, qr_size) = qr::path(uri.expose_secret()).unwrap_or_default();
                let (secret, uri) = (secret.expose_secret().to_owned(), uri.expose_secret().to_owned());
                Self::TotpSetup { secret, uri, qr, qr_size }
            }
            CloudChallenge::SelectFirstFactor { options } => {
                Self::SelectFirstFactor { options: options.into_iter().map(FirstFactor::from).collect() }
            }
        }
    }
}

impl From<Practised> for Challenge {
    fn from(challenge: Practised) -> Self {
        match challenge {
            Practised::NewPassword => Self::NewPassword { required_attributes: vec![] },
            Practised::Code => Self::Code { channel: Channel::Totp, destination: None },
        }
    }
}

impl From<CloudChannel> for Channel {
    fn from(channel: CloudChannel) -> Self {
        match channel {
            CloudChannel::Totp => Self::Totp,
            CloudChannel::Sms => Self::Sms,
            CloudChannel::Email => Self::Email,
        }
    }
}

impl From<CloudFirstFactor> for FirstFactor {
    fn from(factor: CloudFirstFactor) -> Self {
        match factor {
            CloudFirstFactor::Password => Self::Password,
            CloudFirstFactor::Email => Self::Email,
            CloudFirstFactor::Sms => Self::Sms,
        }
    }
}

#[derive(Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export)]
pub(crate) enum Answer {
    NewPassword {
        #[ts(type = "string")]
        new_password: SecretString,
        attributes: BTreeMap<String, String>,
    },
    Code {
        #[ts(type = "string")]
        code: SecretString,
    },
    Mfa {
        channel: Channel,
    },
    FirstFactor {
        factor: FirstFactor,
    },
}

impl From<Answer> for CloudAnswer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::NewPassword { new_password, attributes } => Self::NewPassword { new_password, attributes },
            Answer::Code { code } => Self::Code(code),
            Answer::Mfa { channel } => Self::Mfa(match channel {
                Channel::Totp => CloudChannel::Totp,
                Channel::Sms => CloudChannel::Sms,
                Channel::Email => CloudChannel::Email,
            }),
            Answer::FirstFactor { factor } => Self::FirstFactor(match factor {
                FirstFactor::Password => CloudFirstFactor::Password,
                FirstFactor::Email => CloudFirstFactor::Email,
                FirstFactor::Sms => CloudFirstFactor::Sms,
            }),
        }
    }
}

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct SignInRequest {
    pub(crate) user: String,
    #[ts(type = "string")]
    pub(crate) password: SecretString,
    pub(crate) stay_signed_in: bool,
}

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct NewPasswordRequest {
    pub(crate) user: String,
    #[ts(type = "string")]
    pub(crate) code: SecretString,
    #[ts(type = "string")]
    pub(crate) new_password: SecretString,
}

/// Where the code for a new password went.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct CodeSent {
    pub(crate) destination: Option<String>,
}
