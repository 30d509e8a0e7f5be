//! What crosses to the page and back. Passwords and codes come in; no secret goes out but the one that an
//! authenticator app must learn.

use std::collections::BTreeMap;

use fieldkey_cloud::{Answer as CloudAnswer, Challenge as CloudChallenge, Channel as CloudChannel, WhoIsIt};
use fieldkey_cloud::{FirstFactor as CloudFirstFactor, Reply};
use fieldkey_core::{Event, FailureView, Job, Provisioned, Site, Status, Step};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::qr;

#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct SiteView {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) serial_number_pattern: String,
    pub(crate) thing_name_prefix: String,
}

impl SiteView {
    pub(crate) fn new(path: &std::path::Path, site: &Site) -> Self {
        Self {
            path: path.display().to_string(),
            name: site.name.clone(),
            region: site.region.clone(),
            serial_number_pattern: site.serial_number_pattern.clone(),
            thing_name_prefix: site.thing_name_prefix.clone(),
        }
    }
}

#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct OperatorView {
    pub(crate) name: String,
    /// The keychain keeps the session; otherwise it ends with the program.
    pub(crate) kept: bool,
}

impl From<WhoIsIt> for OperatorView {
    fn from(who: WhoIsIt) -> Self {
        Self { name: who.name, kept: who.kept }
    }
}

/// What the page needs to begin.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct Start {
    pub(crate) site: Option<SiteView>,
    /// Why the site opened last could not be opened again, or its operator not be signed in.
    pub(crate) failure: Option<FailureView>,
    pub(crate) operator: Option<OperatorView>,
    /// Chosen on the command line.
    pub(crate) target: Option<String>,
    #[ts(type = "\"en\" | \"ja\"")]
    pub(crate) language: &'static str,
    /// There is a keychain to stay signed in with.
    pub(crate) keychain: bool,
}

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
    pub(crate) fn new(reply: Reply, who: Option<WhoIsIt>) -> Self {
        match reply {
            Reply::SignedIn => {
                let who = who.unwrap_or(WhoIsIt { name: String::new(), kept: false });
                Self::SignedIn { operator: who.into() }
            }
            Reply::Challenge(challenge) => Self::Challenge { challenge: challenge.into() },
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

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct ProvisionRequest {
    pub(crate) serial_number: String,
    pub(crate) target: String,
    pub(crate) replace: bool,
}

/// A run's event. The order is promised by core.
#[derive(Clone, Serialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum RunEvent {
    Started {
        run: String,
        job: Job,
    },
    Step {
        step: Step,
        status: Status,
        detail: Map<String, Value>,
        #[ts(type = "number | null")]
        ms: Option<u64>,
    },
    Finished {
        run: String,
        result: Provisioned,
    },
    Failed {
        run: String,
        failure: FailureView,
    },
}

impl From<&Event> for RunEvent {
    fn from(event: &Event) -> Self {
        match event.clone() {
            Event::Started { run, job } => Self::Started { run, job },
            Event::Step { step, status, detail, ms } => Self::Step { step, status, detail, ms },
            Event::Finished { run, result } => Self::Finished { run, result },
            Event::Failed { run, failure } => Self::Failed { run, failure: failure.view() },
        }
    }
}
