//! One site's clients: one HTTP client with its pool, one clock, explicit credentials or none.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use fieldkey_core::site::Endpoints;
use fieldkey_core::{Failure, Site};

use crate::clock::Clock;
use crate::http::{Ask, CONNECT, Http, host_of};
use crate::patience::{Patience, retries};

/// For a page that anybody may read.
const FOR_A_PAGE: Duration = Duration::from_secs(5);

/// What every client of the SDK has in common: no credentials, and no retries that nobody wants.
pub(crate) fn sdk_config(http: &Http, region: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .http_client(http.client())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .retry_config(retries())
        .timeout_config(timeouts())
        .build()
}

pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build()
}

/// The way to one site.
pub(crate) struct Connection {
    pub(crate) site: Site,
    pub(crate) clock: Clock,
    pub(crate) idp: aws_sdk_cognitoidentityprovider::Client,
    pub(crate) identity: aws_sdk_cognitoidentity::Client,
    pub(crate) http: Http,
    pub(crate) config: SdkConfig,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("site", &self.site.name).field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Connection {
    /// `extra_ca` is trusted besides the system's and Amazon's roots.
    pub(crate) fn new(site: &Site, extra_ca: Option<&str>) -> Result<Self, Failure> {
        let others = site.endpoints.iter().flat_map(|e| [&e.cognito_idp, &e.cognito_identity, &e.iot, &e.sts, &e.s3]);
        let http = Http::new(others.flatten(), extra_ca)?;
        let config = sdk_config(&http, &site.region);
        let clock = Clock::default();
        let endpoints = site.endpoints.clone().unwrap_or_default();

        let mut idp = aws_sdk_cognitoidentityprovider::config::Builder::from(&config)
            .interceptor(clock.clone())
            .retry_classifier(Patience);
        idp.set_endpoint_url(endpoints.cognito_idp);
        let mut identity = aws_sdk_cognitoidentity::config::Builder::from(&config)
            .interceptor(clock.clone())
            .retry_classifier(Patience);
        identity.set_endpoint_url(endpoints.cognito_identity);
        Ok(Self {
            site: site.clone(),
            clock,
            idp: aws_sdk_cognitoidentityprovider::Client::from_conf(idp.build()),
            identity: aws_sdk_cognitoidentity::Client::from_conf(identity.build()),
            http,
            config,
        })
    }

    /// AWS IoT with somebody's credentials. The provider caches for itself, so that sign-out leaves no
    /// second copy behind.
    pub(crate) fn iot(&self, credentials: SharedCredentialsProvider) -> aws_sdk_iot::Client {
        let mut iot = aws_sdk_iot::config::Builder::from(&self.config)
            .interceptor(self.clock.clone())
            .retry_classifier(Patience)
            .identity_cache(aws_sdk_iot::config::IdentityCache::no_cache())
            .credentials_provider(credentials);
        iot.set_endpoint_url(self.endpoints().and_then(|e| e.iot.clone()));
        aws_sdk_iot::Client::from_conf(iot.build())
    }

    pub(crate) fn endpoints(&self) -> Option<&Endpoints> {
        self.site.endpoints.as_ref()
    }

    /// Is there a user pool of the site's ID? A sign-in names only the client, so a wrong pool ID looks like a
    /// wrong password; but every pool publishes its keys. In doubt there is.
    pub(crate) async fn has_user_pool(&self) -> bool {
        let regional = || format!("https://cognito-idp.{}.amazonaws.com", self.site.region);
        let base = self.endpoints().and_then(|e| e.cognito_idp.clone()).unwrap_or_else(regional);
        let url = format!("{}/{}/.well-known/jwks.json", base.trim_end_matches('/'), self.site.user_pool_id);
        match self.http.ask(Ask { url: &url, patience: FOR_A_PAGE, ..Ask::default() }).await {
            Ok(page) => !((400..500).contains(&page.status) && page.body.contains("does not exist")),
            Err(_) => true,
        }
    }

    /// The user pool's host, for people.
    pub(crate) fn idp_host(&self) -> String {
        self.host("cognito-idp", self.endpoints().and_then(|e| e.cognito_idp.as_deref()))
    }

    pub(crate) fn identity_host(&self) -> String {
        self.host("cognito-identity", self.endpoints().and_then(|e| e.cognito_identity.as_deref()))
    }

    pub(crate) fn iot_host(&self) -> String {
        self.host("iot", self.endpoints().and_then(|e| e.iot.as_deref()))
    }

    pub(crate) fn host(&self, service: &str, other: Option<&str>) -> String {
        match other {
            Some(url) => host_of(url),
            None => format!("{service}.{}.amazonaws.com", self.site.region),
        }
    }
}
