//! `fieldkey claim …`: a claim for an installer somewhere else.

use std::path::Path;

use fieldkey_cloud::ClaimFolder;
use fieldkey_core::{
    ClaimFile, Code, ExportClaim, Failure, Feature, Job, Journal, Language, OpenClaim, Ports, Progress, Step, Target,
    Why,
};
use fieldkey_device::Means;
use secrecy::{ExposeSecret, SecretString};

use crate::args::{ClaimExport, ClaimOpen};
use crate::job::Call;
use crate::opened::Opened;
use crate::output::Output;
use crate::prompt::{self, Prompt};
use crate::words::Phrase;
use crate::{Ended, device, organisation};

/// The variable with the passphrase of a claim file.
const PASSPHRASE: &str = "FIELDKEY_PASSPHRASE";

pub(crate) async fn export(args: ClaimExport, language: Language) -> Result<(), Ended> {
    let prepare = async |output: &Output| {
        // Nobody is asked for a passphrase that is of no use.
        organisation::here().rules().allow(Feature::ClaimExport)?;
        let opened = Opened::at(&args.who.site, &args.who.signer, None).await?;
        Ok((opened, new_passphrase(output).await?))
    };
    let work = async |run, opened: &Opened, passphrase: SecretString, ports: Ports<'_>| {
        let request = ExportClaim {
            run,
            serial_number: args.serial_number.clone(),
            parameters: args.param.iter().cloned().collect(),
            passphrase,
        };
        let files = ClaimFolder::new(&args.output);
        let rules = organisation::here().rules();
        fieldkey_core::export_claim(&request, opened.site(), opened.ca_pem(), &files, rules, ports).await.map(drop)
    };
    Call::new(Job::ExportClaim, args.json, language).carry_out(prepare, work).await
}

pub(crate) async fn open(args: ClaimOpen, language: Language) -> Result<(), Ended> {
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy().into_owned();
    let prepare = async |output: &Output| {
        organisation::here().rules().allow(Feature::ClaimOpen)?;
        let file = opened(&args.file, &name, output).await.map_err(|failure| failure.at(Step::Read))?;
        // A site's own layout is not in the file; everything else that a driver needs is.
        let means = Means { ca_pem: Some(&file.bundle.ca_pem), ..Means::default() };
        let target = device::at(&args.in_hand.target, args.in_hand.driver.as_deref(), means, output).await?;
        Ok((file, target))
    };
    let work =
        async |run, (file, target): (ClaimFile, Box<dyn Target>), journal: &dyn Journal, progress: &dyn Progress| {
            let request = OpenClaim { run, name: name.clone(), file, replace: args.replace };
            let rules = organisation::here().rules();
            fieldkey_core::open_claim(request, target.as_ref(), rules, journal, progress).await.map(drop)
        };
    Call::new(Job::OpenClaim, args.json, language).offline(prepare, work).await
}

async fn opened(path: &Path, name: &str, output: &Output) -> Result<ClaimFile, Failure> {
    let bytes = ClaimFolder::read(path).await?;
    let passphrase = match prompt::environment(PASSPHRASE) {
        Some(passphrase) => passphrase,
        None => asked(Phrase::FilePassphrase, name, output).await?,
    };
    let name = name.to_owned();
    // scrypt takes its time, and Ctrl-C is not to wait for it.
    let work = tokio::task::spawn_blocking(move || fieldkey_core::unseal(&name, &bytes, &passphrase));
    work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
}

/// Typed twice; an empty one has Fieldkey suggest one, which is shown to be told on.
async fn new_passphrase(output: &Output) -> Result<SecretString, Failure> {
    if let Some(passphrase) = prompt::environment(PASSPHRASE) {
        return Ok(passphrase);
    }
    let prompt = Prompt { output };
    loop {
        let passphrase = asked(Phrase::NewPassphrase, "", output).await?;
        if passphrase.expose_secret().is_empty() {
            let suggested = fieldkey_core::suggested_passphrase()?;
            output.say(&prompt.words(Phrase::SuggestedPassphrase, suggested.expose_secret()));
            return Ok(suggested);
        }
        let again = asked(Phrase::OnceMore, "", output).await?;
        if again.expose_secret() == passphrase.expose_secret() {
            return Ok(passphrase);
        }
        output.say(&prompt.words(Phrase::NotTheSame, ""));
    }
}

async fn asked(question: Phrase, about: &str, output: &Output) -> Result<SecretString, Failure> {
    let prompt = Prompt { output };
    let asked = prompt.secret(&prompt.words(question, about), Code::Usage, PASSPHRASE).await;
    asked.map_err(|failure| {
        let why = Why::new("nobody can be asked here", "入力を求める相手がいません");
        failure.because_of(why).at(Step::Site)
    })
}
