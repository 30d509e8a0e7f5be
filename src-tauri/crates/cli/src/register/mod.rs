//! `fieldkey register`.

mod preview;

use std::path::Path;

use fieldkey_core::x509::{self, CertificateFile};
use fieldkey_core::{Code, Failure, Job, Language, Ports, Register, Step, Why};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::device::usage;
use crate::job::Call;
use crate::opened::Opened;
use crate::output::Output;
use crate::prompt::Prompt;
use crate::words::Phrase;
use crate::{Ended, args, bounded};

/// No certificate comes with more beside it.
const LIMIT: u64 = 1 << 20;

/// Wrong passwords are asked for again so often.
const TRIES: u32 = 3;

pub(crate) async fn run(args: args::Register, language: Language) -> Result<(), Ended> {
    let (Some(site), Some(thing), false) = (&args.site, &args.thing, args.preview) else {
        return Ok(preview::run(&args, language).await?);
    };
    let prepare = async |output: &Output| {
        let files = Files::read(&args, output).await?;
        Ok((Opened::at(site, &args.signer, args.policy.as_deref()).await?, files))
    };
    let work = async |run, opened: &Opened, files: Files, ports: Ports<'_>| {
        let Files { name, certificate, private_key, password } = files;
        let (thing_name, status) = (thing.clone(), args.status.into());
        let request = Register { run, thing_name, name, certificate, private_key, password, status };
        fieldkey_core::register(request, opened.site(), ports).await.map(drop)
    };
    Call::new(Job::Register, args.json, language).carry_out(prepare, work).await
}

/// The files of the call, and the password that opens them.
struct Files {
    name: String,
    certificate: SecretSlice<u8>,
    /// With the name of its file.
    private_key: Option<(String, SecretSlice<u8>)>,
    password: Option<SecretString>,
}

impl Files {
    async fn read(args: &args::Register, output: &Output) -> Result<Self, Failure> {
        let certificate = read(&args.certificate).await?;
        let private_key = match &args.private_key {
            Some(path) => Some((path.display().to_string(), read(path).await?)),
            None => None,
        };
        let name = args.certificate.display().to_string();
        let files = Self { name, certificate, private_key, password: None };
        match &args.password_env {
            Some(variable) => Ok(Self { password: Some(from_environment(variable)?), ..files }),
            None => files.with_a_password_if_need_be(output).await,
        }
    }

    fn key_name(&self) -> Option<&str> {
        self.private_key.as_ref().map(|(name, _)| name.as_str())
    }

    /// What is in them. A password may have been made slow to try, and Ctrl-C is not to wait for it.
    async fn open(self) -> Result<(Self, Result<CertificateFile, Failure>), Failure> {
        let work = tokio::task::spawn_blocking(move || {
            let key = self.private_key.as_ref().map(|(_, key)| key.expose_secret());
            let opened = x509::read(self.certificate.expose_secret(), key, self.password.as_ref());
            let opened = opened
                .map_err(|failure| fieldkey_core::about_the_file(failure, &self.name, self.key_name()).at(Step::Read));
            (self, opened)
        });
        work.await.map_err(|error| Failure::broken_off(&error).at(Step::Read))
    }

    /// Without one, with an empty one, and then the person is asked.
    async fn with_a_password_if_need_be(self, output: &Output) -> Result<Self, Failure> {
        let is_closed = |opened: &Result<_, Failure>| matches!(opened, Err(f) if f.code == Code::P12Password);
        let (mut files, mut opened) = self.open().await?;
        let mut tries = 0;
        while is_closed(&opened) && tries <= TRIES {
            let password = if tries == 0 { SecretString::default() } else { files.ask(tries > 1, output).await? };
            (files, opened) = Self { password: Some(password), ..files }.open().await?;
            tries += 1;
        }
        // Whatever is wrong with it now, the job says.
        Ok(files)
    }

    async fn ask(&self, again: bool, output: &Output) -> Result<SecretString, Failure> {
        if again {
            output.notice(&Failure::new(Code::P12Password).about(&self.name));
        }
        let prompt = Prompt { output };
        let question = prompt.words(Phrase::FilePassword, &self.name);
        prompt.secret(&question, Code::P12Password, &self.name).await.map_err(|failure| {
            let why = Why::new(
                "without a terminal: --password-env VAR",
                "ターミナルがない場合は --password-env VAR で指定してください",
            );
            failure.because_of(why).at(Step::Read)
        })
    }
}

/// Somewhere on a network a file may make a process wait, and Ctrl-C is not to wait with it.
async fn read(path: &Path) -> Result<SecretSlice<u8>, Failure> {
    let path = path.to_owned();
    let work = tokio::task::spawn_blocking(move || bounded::file(&path, LIMIT, Code::CertificateInvalid));
    let bytes = work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)));
    bytes.map(SecretSlice::from).map_err(|failure| failure.at(Step::Read))
}

fn from_environment(variable: &str) -> Result<SecretString, Failure> {
    std::env::var(variable).map(SecretString::from).map_err(|_| {
        let why = Why::new("there is no such variable", "その環境変数は設定されていません");
        usage(&format!("--password-env {variable}"), why)
    })
}
