//! An AWS profile, and the credentials behind it: keys, a role, IAM Identity Center, a process.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::os_shim_internal::{Env, Fs};
use fieldkey_core::{Code, Failure, Why};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::refusal::{no_credentials, usage};

/// A process behind a profile may ask the person something in a browser.
const PATIENCE: Duration = Duration::from_secs(120);

/// With less than this left, better ones are loaded.
const SPARE: time::Duration = time::Duration::seconds(60);

/// Profiles may name another one as their source.
const LONGEST_CHAIN: usize = 8;

/// An AWS profile, as `aws configure` writes it.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    /// Where it is written, if not in `~/.aws/config` and `~/.aws/credentials`.
    pub file: Option<PathBuf>,
}

impl Profile {
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), file: None }
    }

    /// The region that the profile names.
    pub(crate) async fn region(&self) -> Result<Option<String>, Failure> {
        Ok(self.read().await?.get("region").map(str::to_owned))
    }

    #[expect(deprecated, reason = "the types moved to a crate that aws-config does not pass on")]
    fn files(&self) -> aws_config::profile::profile_file::ProfileFiles {
        use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
        match &self.file {
            Some(path) => ProfileFiles::builder().with_file(ProfileFileKind::Config, path).build(),
            None => ProfileFiles::default(),
        }
    }

    /// # Errors
    /// `usage` if there is no such profile, or none can be read.
    async fn read(&self) -> Result<ProfileSet, Failure> {
        let name = Cow::Owned(self.name.clone());
        let set = aws_config::profile::load(&Fs::real(), &Env::real(), &self.files(), Some(name)).await;
        let set = set.map_err(|error| usage(&self.name).because(error.to_string()))?;
        if set.get_profile(&self.name).is_some() {
            return Ok(set);
        }
        let mut known: Vec<&str> = set.profiles().collect();
        known.sort_unstable();
        Err(usage(&self.name).because_of(match known.join(", ") {
            none if none.is_empty() => Why::new("there are no AWS profiles", "AWS プロファイルがありません"),
            known => Why::new(
                format!("there is no such AWS profile; there are: {known}"),
                format!("その AWS プロファイルはありません。あるもの: {known}"),
            ),
        }))
    }
}

/// Credentials of a profile, held until they end.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) profile: Profile,
    config: ProviderConfig,
    held: Mutex<Option<Credentials>>,
}

impl Source {
    /// `config`: the way there.
    pub(crate) fn new(profile: Profile, config: &SdkConfig) -> Self {
        let mut way = ProviderConfig::without_region().with_region(config.region().cloned());
        if let Some(client) = config.http_client() {
            way = way.with_http_client(client);
        }
        if let Some(sleep) = config.sleep_impl() {
            way = way.with_sleep_impl(sleep);
        }
        if let (Some(retries), Some(timeouts)) = (config.retry_config(), config.timeout_config()) {
            way = way.with_retry_config(retries.clone()).with_timeout_config(timeouts.clone());
        }
        Self { profile, config: way, held: Mutex::default() }
    }

    /// # Errors
    /// `usage` for a profile that is none or holds nothing, `sign-in-required` with what to run, `offline`,
    /// `not-allowed` for a role that may not be assumed.
    pub(crate) async fn credentials(&self) -> Result<Credentials, Failure> {
        let mut held = self.held.lock().await;
        if let Some(fresh) = held.as_ref().filter(|held| is_fresh(held)) {
            return Ok(fresh.clone());
        }
        let loaded = self.load().await?;
        *held = Some(loaded.clone());
        Ok(loaded)
    }

    /// AWS did not take them: the next call loads new ones.
    pub(crate) async fn distrust(&self) {
        *self.held.lock().await = None;
    }

    /// Anew each time: what the person did in the meantime (`aws sso login`) counts.
    async fn load(&self) -> Result<Credentials, Failure> {
        let set = self.profile.read().await?;
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&self.config)
            .profile_files(self.profile.files())
            .profile_name(&self.profile.name)
            .with_custom_provider("Ec2InstanceMetadata", Never)
            .with_custom_provider("EcsContainer", Never)
            .build();
        let loaded = tokio::time::timeout(PATIENCE, provider.provide_credentials()).await;
        let loaded = loaded.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(PATIENCE)));
        loaded.map_err(|error| no_credentials(&self.profile.name, &error, uses_sso(&set, &self.profile.name)))
    }
}

fn is_fresh(held: &Credentials) -> bool {
    held.expiry().is_none_or(|expiry| OffsetDateTime::from(expiry) > OffsetDateTime::now_utc().saturating_add(SPARE))
}

fn uses_sso(set: &ProfileSet, name: &str) -> bool {
    let source = |name: &&str| set.get_profile(name).and_then(|profile| profile.get("source_profile"));
    let mut chain = std::iter::successors(Some(name), source).take(LONGEST_CHAIN);
    chain.any(|name| {
        let profile = set.get_profile(name);
        profile.is_some_and(|profile| profile.get("sso_session").or(profile.get("sso_start_url")).is_some())
    })
}

/// What a machine is given, no person has chosen.
#[derive(Debug)]
struct Never;

impl ProvideCredentials for Never {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let why = Why::new(
            "credentials of a machine are not used, only a person's",
            "マシンの認証情報は使用しません。個人の認証情報が必要です",
        );
        let failure = Failure::new(Code::Usage).because_of(why);
        provider::future::ProvideCredentials::ready(Err(CredentialsError::provider_error(failure)))
    }
}

/// The SDK's view of a profile.
#[derive(Clone, Debug)]
pub(crate) struct Provider(pub(crate) std::sync::Arc<Source>);

impl Provider {
    pub(crate) fn shared(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.clone())
    }
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(async {
            self.0.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}
