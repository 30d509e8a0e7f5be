//! The way through the network: whom to trust, and which proxy to ask.

use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use fieldkey_core::{Code, Failure, Site, Why};

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

/// For what is asked beside the SDK.
const PATIENCE: Duration = Duration::from_secs(5);

/// TLS and proxy of one site.
pub(crate) struct Http {
    tls: TlsContext,
    proxy: ProxyConfig,
}

impl Http {
    /// `extra_ca` is trusted besides the system's and Amazon's roots.
    pub(crate) fn new(site: &Site, extra_ca: Option<&str>) -> Result<Self, Failure> {
        let mut roots = TrustStore::default();
        for pem in AMAZON_ROOTS.into_iter().chain(extra_ca) {
            roots.add_pem_certificate(pem);
        }
        let tls = TlsContext::builder()
            .with_trust_store(roots)
            .build()
            .map_err(|error| Failure::new(Code::SiteInvalid).about("caFile").because(error.to_string()))?;
        let endpoints = site.endpoints.clone().unwrap_or_default();
        let plain = [endpoints.cognito_idp, endpoints.cognito_identity, endpoints.iot];
        // Plain HTTP is for this computer only, and no proxy leads there.
        let local = plain.iter().flatten().any(|url| url.starts_with("http://"));
        let proxy = if local { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
        Ok(Self { tls, proxy })
    }

    /// A client for the SDK, with its own pool of connections.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let Self { tls, proxy } = self;
        let (tls, proxy) = (tls.clone(), proxy.clone());
        Builder::new().build_with_connector_fn(move |settings, runtime| {
            let mut connector = Connector::builder().proxy_config(proxy.clone());
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(runtime.and_then(|components| components.sleep_impl()));
            connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
        })
    }

    /// Status and text of a public page; `None` if it did not come.
    pub(crate) async fn get(&self, url: String) -> Option<(u16, String)> {
        let connector = Connector::builder().proxy_config(self.proxy.clone());
        let connector =
            connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(self.tls.clone()).build();
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).ok()?;
        let answer = async {
            let answer = connector.call(request).await.ok()?;
            let status = answer.status().as_u16();
            let body = aws_smithy_types::byte_stream::ByteStream::new(answer.into_body()).collect().await.ok()?;
            Some((status, String::from_utf8_lossy(&body.into_bytes()).into_owned()))
        };
        tokio::time::timeout(PATIENCE, answer).await.ok().flatten()
    }
}

/// Is this the text of at least one certificate that can be read?
///
/// # Errors
/// `site-invalid`: trusting nothing by mistake would only show as a riddle later.
pub(crate) fn check_ca(pem: &str) -> Result<(), Failure> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let refuse = |en: &str, ja: &str| Failure::new(Code::SiteInvalid).about("caFile").because_of(Why::new(en, ja));
    let mut store = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| refuse("not PEM", "PEM ではありません"))?;
        store
            .add(certificate)
            .map_err(|_| refuse("not a CA certificate that can be trusted", "信頼できる CA 証明書ではありません"))?;
    }
    if store.is_empty() { Err(refuse("holds no certificate", "証明書が入っていません")) } else { Ok(()) }
}
