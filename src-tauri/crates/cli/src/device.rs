//! The words about the device in hand and the identity it is to have, as core takes them.

use fieldkey_core::{Code, Enroll, Failure, Step, Target, Via, Why};

use crate::args::{self, Device, Key, KeyType, Signer};

/// # Errors
/// `usage` for words that make no target.
pub(crate) fn open(device: &Device) -> Result<Box<dyn Target>, Failure> {
    fieldkey_device::open(&device.target, device.driver.as_deref()).map_err(|failure| failure.at(Step::Target))
}

/// What the call says of a new identity.
pub(crate) struct NewIdentity<'a> {
    pub(crate) device: &'a Device,
    pub(crate) via: args::Via,
    pub(crate) key: Key,
    pub(crate) key_type: Option<KeyType>,
    pub(crate) replace: bool,
}

impl NewIdentity<'_> {
    /// Do the words go together?
    ///
    /// # Errors
    /// `usage`.
    pub(crate) fn check(&self, signer: &Signer) -> Result<(), Failure> {
        let engineer = signer.aws_profile.is_some();
        match self.via {
            args::Via::Direct if !engineer => {
                let why = Why::new("it needs --aws-profile", "--aws-profile が必要です");
                Err(usage("--via direct", why))
            }
            args::Via::Api if engineer => {
                let why = Why::new(
                    "the certificate API knows operators only; with --aws-profile it is --via direct",
                    "証明書 API はオペレーター専用です。--aws-profile では --via direct を指定してください",
                );
                Err(usage("--via api --aws-profile", why))
            }
            args::Via::Api | args::Via::Direct if !self.device.param.is_empty() => {
                let why = Why::new(
                    "only the provisioning template has parameters: --via claim",
                    "パラメーターはプロビジョニングテンプレートのものです。--via claim でのみ指定できます",
                );
                Err(usage("--param", why))
            }
            args::Via::Claim | args::Via::Api | args::Via::Direct => Ok(()),
        }
    }

    pub(crate) fn request(&self, run: String) -> Enroll {
        Enroll {
            run,
            serial_number: self.device.serial_number.clone(),
            parameters: self.device.param.iter().cloned().collect(),
            replace: self.replace,
            via: match self.via {
                args::Via::Claim => Via::Claim,
                args::Via::Api | args::Via::Direct => Via::Request,
            },
            key: self.key.into(),
            key_type: self.key_type.map(Into::into),
        }
    }
}

pub(crate) fn usage(about: &str, why: Why) -> Failure {
    Failure::new(Code::Usage).about(about).because_of(why).at(Step::Site)
}
