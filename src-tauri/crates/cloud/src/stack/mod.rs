//! The site's stack, deployed in an engineer's name: what `aws cloudformation deploy` does, with the template inside.

mod parameters;
mod wait;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::SdkError;
use aws_sdk_cloudformation::types::{Capability, Stack as Described, StackStatus};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use fieldkey_core::{Code, Failure, Why};

use self::parameters::parameters;
pub use self::wait::Happening;
use crate::account::{Profile, Provider, Source, sign_in_required};
use crate::connection::sdk_config;
use crate::http::{Http, check_ca, host_of, is_safe};
use crate::refusal::{Refusal, refusal};

/// The stack's template, `stack/fieldkey.yaml`.
pub const TEMPLATE: &str = include_str!("../../../../../stack/fieldkey.yaml");

/// Where a stack lives.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The profile's if it is `None`.
    pub region: Option<String>,
    /// A local cloud's address, in the place of AWS's own.
    pub endpoint: Option<String>,
    /// The text of a CA file that is trusted besides the system's and Amazon's roots.
    pub extra_ca: Option<String>,
}

/// One stack in one account and region.
pub struct Stack {
    name: String,
    client: Client,
    host: String,
    source: Arc<Source>,
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, host, source, .. } = self;
        f.debug_struct("Stack")
            .field("name", name)
            .field("host", host)
            .field("profile", &source.profile)
            .finish_non_exhaustive()
    }
}

impl Stack {
    /// # Errors
    /// `usage` without a region, or for an address that would show credentials to the network.
    pub async fn new(name: &str, profile: Profile, place: &Place) -> Result<Self, Failure> {
        let Place { region, endpoint, extra_ca } = place;
        if let Some(pem) = extra_ca {
            check_ca(pem)?;
        }
        if let Some(url) = endpoint.as_ref().filter(|url| !is_safe(url)) {
            let why = Why::new(
                "must be an https:// address; http:// is only for this computer (localhost)",
                "https:// で始まるアドレスを指定してください。http:// はこのパソコン (localhost) でのみ使えます",
            );
            return Err(Failure::new(Code::Usage).about(url).because_of(why));
        }
        let region = match region {
            Some(region) => region.clone(),
            None => profile.region().await?.ok_or_else(|| no_region(&profile.name))?,
        };
        let http = Http::new(endpoint, extra_ca.as_deref())?;
        let config = sdk_config(&http, &region);
        let source = Arc::new(Source::new(profile, &config));
        let mut builder = aws_sdk_cloudformation::config::Builder::from(&config)
            .identity_cache(aws_sdk_cloudformation::config::IdentityCache::no_cache())
            .credentials_provider(Provider(Arc::clone(&source)).shared());
        builder.set_endpoint_url(endpoint.clone());
        let host = endpoint.as_deref().map_or_else(|| format!("cloudformation.{region}.amazonaws.com"), host_of);
        Ok(Self { name: name.to_owned(), client: Client::from_conf(builder.build()), host, source })
    }

    /// Makes or updates the stack, and waits until it stands. Parameters that are not given keep their values.
    /// `tell` hears of every resource. Returns the outputs.
    ///
    /// # Errors
    /// `usage` for parameters that the template does not have; `stack-failed` with the resources' own reasons.
    pub async fn deploy(
        &self,
        given: &BTreeMap<String, String>,
        tell: &(dyn Fn(&Happening) + Send + Sync),
    ) -> Result<BTreeMap<String, String>, Failure> {
        let before = self.describe().await?;
        let status = before.as_ref().and_then(|stack| stack.stack_status.clone());
        let exists = match status {
            None | Some(StackStatus::DeleteComplete | StackStatus::ReviewInProgress) => false,
            Some(status) if is_lost(&status) => {
                let why = Why::new(format!("{status}: delete it first"), format!("{status}: 先に削除してください"));
                return Err(self.failed().because_of(why));
            }
            Some(status) if is_under_way(&status) => {
                let why = Why::new(format!("{status}: wait for it"), format!("{status}: 完了をお待ちください"));
                return Err(self.failed().because_of(why));
            }
            Some(_) => true,
        };
        let parameters = parameters(given, before.as_ref().filter(|_| exists))?;
        let capabilities = [Capability::CapabilityIam, Capability::CapabilityNamedIam];
        let mut seen = if exists { self.events_so_far().await? } else { Default::default() };
        if exists {
            let call = self.client.update_stack().stack_name(&self.name).template_body(TEMPLATE);
            let call = call.set_parameters(Some(parameters)).set_capabilities(Some(capabilities.into())).send();
            match self.call(call).await? {
                Err(refusal) if refusal.says("no updates are to be performed") => return self.outputs().await,
                answer => answer.map(drop).map_err(|refusal| self.refused(&refusal, "cloudformation:UpdateStack"))?,
            }
        } else {
            let call = self.client.create_stack().stack_name(&self.name).template_body(TEMPLATE);
            let call = call.set_parameters(Some(parameters)).set_capabilities(Some(capabilities.into())).send();
            let answer = self.call(call).await?;
            answer.map(drop).map_err(|refusal| self.refused(&refusal, "cloudformation:CreateStack"))?;
        }
        let stands = self.wait(&mut seen, tell).await?;
        Ok(outputs(&stands))
    }

    /// The outputs of the stack as it stands: the site file's keys, capitalised.
    ///
    /// # Errors
    /// `stack-failed` if there is no such stack.
    pub async fn outputs(&self) -> Result<BTreeMap<String, String>, Failure> {
        let missing = Why::new("there is no such stack here", "そのスタックはここにありません");
        let stack = self.describe().await?.ok_or_else(|| self.failed().because_of(missing))?;
        Ok(outputs(&stack))
    }

    async fn describe(&self) -> Result<Option<Described>, Failure> {
        match self.call(self.client.describe_stacks().stack_name(&self.name).send()).await? {
            Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
            Err(refusal) if refusal.says("does not exist") => Ok(None),
            Err(refusal) => Err(self.refused(&refusal, "cloudformation:DescribeStacks")),
        }
    }

    async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Result<T, Refusal>, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match call.await {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => refusal(error, &self.host).map(Err),
        }
    }

    fn refused(&self, refusal: &Refusal, action: &str) -> Failure {
        let of_the_keys = matches!(refusal.name.as_str(), "InvalidClientTokenId" | "SignatureDoesNotMatch");
        match refusal.common(&self.host) {
            Some(failure) if failure.code == Code::SessionExpired => self.sign_in_required(&failure.reason),
            Some(failure) if failure.code == Code::NotAllowed => failure.about(action),
            Some(failure) => failure,
            None if of_the_keys => self.sign_in_required(&refusal.failure(Code::SignInRequired).reason),
            None => Failure { about: self.name.clone(), ..refusal.failure(Code::StackFailed) },
        }
    }

    fn sign_in_required(&self, words: &str) -> Failure {
        sign_in_required(&self.source.profile.name, false, words)
    }

    fn failed(&self) -> Failure {
        Failure::new(Code::StackFailed).about(&self.name)
    }
}

fn no_region(profile: &str) -> Failure {
    let why = Why::new(
        "name the region: neither the call nor the profile does",
        "リージョンを指定してください。プロファイルにもありません",
    );
    Failure::new(Code::Usage).about(format!("--aws-profile {profile}")).because_of(why)
}

/// It never stood, and can only be deleted.
fn is_lost(status: &StackStatus) -> bool {
    use StackStatus::{CreateFailed, DeleteFailed, RollbackComplete, RollbackFailed};
    matches!(status, CreateFailed | DeleteFailed | RollbackComplete | RollbackFailed)
}

fn is_under_way(status: &StackStatus) -> bool {
    status.as_str().ends_with("_IN_PROGRESS")
}

fn outputs(stack: &Described) -> BTreeMap<String, String> {
    let outputs = stack.outputs().iter();
    outputs.filter_map(|output| Some((output.output_key.clone()?, output.output_value.clone()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::TEMPLATE;

    #[test]
    fn the_template_fits_into_a_call() {
        assert!(TEMPLATE.len() <= 51_200, "CloudFormation takes no more without a bucket: {}", TEMPLATE.len());
    }
}
