//! One site's clients: one HTTP client with its pool, one clock, explicit credentials or none.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use fieldkey_core::site::Endpoints;
use fieldkey_core::{Code, Failure, Site};

use crate::clock::Clock;
use crate::patience::{Patience, retries};

/// The four roots behind AWS's own endpoints, so that they are trusted even where the system's list is old.
/// Amazon Trust Services, <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: [&str; 4] = [
    AMAZON_ROOT_CA_1,
    include_str!("../roots/AmazonRootCA2.pem"),
    include_str!("../roots/AmazonRootCA3.pem"),
    include_str!("../roots/AmazonRootCA4.pem"),
];

/// What devices trust when they connect to AWS IoT.
pub const AMAZON_ROOT_CA_1: &str = include_str!("../roots/AmazonRootCA1.pem");

/// The way to one site.
pub(crate) struct Connection {
    pub(crate) site: Site,
    pub(crate) clock: Clock,
    pub(crate) idp: aws_sdk_cognitoidentityprovider::Client,
    pub(crate) identity: aws_sdk_cognitoidentity::Client,
    config: SdkConfig,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("site", &self.site.name).field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Connection {
    /// `extra_ca` is trusted besides the system's and Amazon's roots.
    pub(crate) fn new(site: &Site, extra_ca: Option<&str>) -> Result<Self, Failure> {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(site.region.clone()))
            .http_client(http_client(extra_ca)?)
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .retry_config(retries())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(10))
                    .operation_timeout(Duration::from_secs(30))
                    .build(),
            )
            .build();
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
            config,
        })
    }

    /// AWS IoT with an operator's credentials. The provider caches for itself, so that sign-out leaves no
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

    fn endpoints(&self) -> Option<&Endpoints> {
        self.site.endpoints.as_ref()
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

    fn host(&self, service: &str, other: Option<&str>) -> String {
        match other {
            Some(url) => url.split("//").last().unwrap_or(url).trim_end_matches('/').to_owned(),
            None => format!("{service}.{}.amazonaws.com", self.site.region),
        }
    }
}

fn http_client(extra_ca: Option<&str>) -> Result<SharedHttpClient, Failure> {
    let mut roots = TrustStore::default();
    for pem in AMAZON_ROOTS.into_iter().chain(extra_ca) {
        roots.add_pem_certificate(pem);
    }
    let tls = TlsContext::builder()
        .with_trust_store(roots)
        .build()
        .map_err(|error| Failure::new(Code::SiteInvalid).about("caFile").because(error.to_string()))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, runtime| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(runtime.and_then(|components| components.sleep_impl()));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
    }))
}

/// Is this the text of at least one certificate that can be read?
///
/// # Errors
/// `site-invalid`: trusting nothing by mistake would only show as a riddle later.
pub(crate) fn check_ca(pem: &str) -> Result<(), Failure> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let refuse = |why: &str| Failure::new(Code::SiteInvalid).about("caFile").because(why);
    let mut store = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| refuse("not PEM"))?;
        store.add(certificate).map_err(|_| refuse("not a CA certificate that can be trusted"))?;
    }
    if store.is_empty() { Err(refuse("holds no certificate")) } else { Ok(()) }
}
