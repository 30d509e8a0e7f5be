//! The words about the device in hand and the identity it is to have, as core takes them.

use std::path::PathBuf;

use fieldkey_core::{Code, Enroll, Failure, Step, Target, Via, Why};
use fieldkey_device::Means;
use secrecy::SecretString;

use crate::args::{self, Device, Key, KeyType, Signer};
use crate::opened::Opened;
use crate::output::Output;
use crate::prompt::{self, Prompt};
use crate::words::Phrase;

/// The variable with a device's own password.
const PASSWORD: &str = "FIELDKEY_DEVICE_PASSWORD";

/// The device in hand, at a site that may have a layout of its own.
///
/// # Errors
/// `usage` for words that make no target.
pub(crate) async fn open(device: &Device, site: &Opened, output: &Output) -> Result<Box<dyn Target>, Failure> {
    let means = Means { layout: site.site().layout.as_ref(), ca_pem: Some(site.ca_pem()), ..Means::default() };
    at(&device.target, device.driver.as_deref(), means, output).await
}

/// `means`: what the site says; a device's own password and further drivers are found here.
///
/// # Errors
/// `usage` for words that make no target.
pub(crate) async fn at(
    target: &str,
    driver: Option<&str>,
    means: Means<'_>,
    output: &Output,
) -> Result<Box<dyn Target>, Failure> {
    let (password, drivers) = (password(target, output).await?, drivers()?);
    let means = Means { password: password.as_ref(), drivers: drivers.as_deref(), ..means };
    fieldkey_device::open(target, driver, &means).map_err(|failure| failure.at(Step::Target))
}

/// Of the person that the target's settings name, who logs in on the device.
async fn password(target: &str, output: &Output) -> Result<Option<SecretString>, Failure> {
    if let Some(password) = prompt::environment(PASSWORD) {
        return Ok(Some(password));
    }
    let settings = target.strip_prefix("serial:").and_then(|rest| rest.split_once('?')).map(|(_, settings)| settings);
    let user =
        settings.into_iter().flat_map(|settings| settings.split('&')).find_map(|pair| pair.strip_prefix("user="));
    match user {
        Some(user) if prompt::can_ask() => {
            let prompt = Prompt { output };
            let question = prompt.words(Phrase::DevicePassword, user);
            prompt.secret(&question, Code::Usage, PASSWORD).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// The folder of further drivers: `FIELDKEY_DRIVERS`, else where people keep theirs.
fn drivers() -> Result<Option<PathBuf>, Failure> {
    let Some(named) = std::env::var_os(DRIVERS).filter(|folder| !folder.is_empty()).map(PathBuf::from) else {
        return Ok(fieldkey_device::own_drivers());
    };
    if !named.is_dir() {
        let why = Why::new(
            format!("`{}` is no folder", named.display()),
            format!("`{}` はフォルダーではありません", named.display()),
        );
        return Err(usage(DRIVERS, why));
    }
    Ok(Some(named))
}

/// The variable with the folder of further drivers.
const DRIVERS: &str = "FIELDKEY_DRIVERS";

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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::args::Args;

    #[test]
    fn completions_offer_every_driver_that_is_built_in() {
        let known = fieldkey_device::built_in_drivers();
        let names = known.drive.iter().chain(&known.serial).map(|driver| driver.name.clone());
        // A site's own layout is none that every site has.
        let mut names: Vec<String> = names.chain(["site".to_owned()]).collect();
        names.sort_unstable();
        for job in ["provision", "enroll", "reissue"] {
            let command = Args::command();
            let job = command.find_subcommand(job).expect("a job");
            let driver = job.get_arguments().find(|arg| arg.get_id() == "driver").expect("an argument");
            let offered = driver.get_possible_values();
            let mut offered: Vec<_> = offered.iter().map(|value| value.get_name().to_owned()).collect();
            offered.sort_unstable();
            assert_eq!(offered, names);
        }
    }
}
