//! The way through the network: whom to trust, and which proxy to ask.

use std::sync::LazyLock;
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use fieldkey_core::{Code, Failure, Why};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::refusal::unreachable_host;

/// The four roots behind AWS's own endpoints, so that they are trusted even where the system's list is old.
/// Amazon Trust Services, <https://www.amazontrust.com/repository/>.
pub(crate) const AMAZON_ROOTS: [&str; 4] = [
    AMAZON_ROOT_CA_1,
    include_str!("../roots/AmazonRootCA2.pem"),
    include_str!("../roots/AmazonRootCA3.pem"),
    include_str!("../roots/AmazonRootCA4.pem"),
];

/// What devices trust when they connect to AWS IoT.
pub const AMAZON_ROOT_CA_1: &str = include_str!("../roots/AmazonRootCA1.pem");

/// As long as the SDK's clients take to connect.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// Nothing that is asked beside the SDK is answered with more.
const LIMIT: usize = 1 << 20;

/// What is asked beside the SDK.
#[derive(Default)]
pub(crate) struct Ask<'a> {
    /// `GET` if it is empty.
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) bearer: Option<&'a SecretString>,
    /// JSON.
    pub(crate) body: Option<String>,
    /// For all of it, from the first byte out to the last one in.
    pub(crate) patience: Duration,
}

/// Whatever came back over HTTP.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// TLS and proxy of one site.
pub(crate) struct Http {
    tls: TlsContext,
    proxy: ProxyConfig,
}

impl Http {
    /// `extra_ca` is trusted besides the system's and Amazon's roots. `endpoints`: what is spoken to in the place of
    /// AWS's own.
    pub(crate) fn new<'a>(
        endpoints: impl IntoIterator<Item = &'a String>,
        extra_ca: Option<&str>,
    ) -> Result<Self, Failure> {
        // Told to take the system's and finding none, the SDK panics in a debug build.
        let mut roots = TrustStore::empty().with_native_roots(system_has_roots());
        for pem in AMAZON_ROOTS.into_iter().chain(extra_ca) {
            roots.add_pem_certificate(pem);
        }
        let tls = TlsContext::builder()
            .with_trust_store(roots)
            .build()
            .map_err(|error| Failure::new(Code::SiteInvalid).about("caFile").because(error.to_string()))?;
        let local = endpoints.into_iter().any(|url| is_plain(url));
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

    /// Asks once, over a connection of its own.
    ///
    /// # Errors
    /// `offline`, `tls-untrusted`, `clock-skew`: no answer came, or not the whole of it.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Heard, Failure> {
        let host = host_of(ask.url);
        let patience = ask.patience;
        let heard = tokio::time::timeout(patience, self.ask_patiently(ask, &host)).await;
        heard.unwrap_or_else(|_| {
            let why = Why::new("no answer in time", "時間内に応答がありませんでした");
            Err(Failure::new(Code::Offline).about(&host).because_of(why))
        })
    }

    async fn ask_patiently(&self, ask: Ask<'_>, host: &str) -> Result<Heard, Failure> {
        let nonsense = |en: &str, ja: &str| Failure::new(Code::ServiceError).about(host).because_of(Why::new(en, ja));
        let unsendable = || nonsense("the request could not be built", "リクエストを作成できませんでした");
        let mut request = HttpRequest::new(ask.body.as_ref().map_or_else(SdkBody::empty, |body| body.as_str().into()));
        if !ask.method.is_empty() {
            request.set_method(ask.method).map_err(|_| unsendable())?;
        }
        request.set_uri(ask.url).map_err(|_| unsendable())?;
        let json = ask.body.is_some().then_some(("content-type", "application/json".to_owned()));
        let bearer = ask.bearer.map(|token| ("authorization", format!("Bearer {}", token.expose_secret())));
        for (name, value) in json.into_iter().chain(bearer) {
            request.headers_mut().try_insert(name, value).map_err(|_| unsendable())?;
        }
        let proxy = if is_plain(ask.url) { ProxyConfig::disabled() } else { self.proxy.clone() };
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
        let connector = Connector::builder().proxy_config(proxy).connector_settings(settings);
        let connector = connector.sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new());
        let connector =
            connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(self.tls.clone()).build();
        let answer = connector.call(request).await;
        let answer = answer.map_err(|error| seen_from_here(unreachable_host(&error, host)).about(host))?;
        let status = answer.status().as_u16();
        let (mut stream, mut body) = (ByteStream::new(answer.into_body()), vec![]);
        while let Some(piece) = stream.next().await {
            body.extend(piece.map_err(|_| {
                let why =
                    Why::new("the connection broke off in the middle of the answer", "応答の途中で接続が切れました");
                Failure::new(Code::Offline).about(host).because_of(why)
            })?);
            if body.len() > LIMIT {
                return Err(nonsense("the answer does not end", "応答が終わりません"));
            }
        }
        Ok(Heard { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// Has this system certificates of CAs? Windows and macOS always have; a bare Linux has none until `ca-certificates` is
/// installed. AWS's own endpoints are trusted all the same.
fn system_has_roots() -> bool {
    static FOUND: LazyLock<bool> = LazyLock::new(|| {
        let found = rustls_native_certs::load_native_certs().certs;
        rustls::RootCertStore::empty().add_parsable_certificates(found).0 > 0
    });
    cfg!(not(target_os = "linux")) || *FOUND
}

/// Where a call has failed because nobody here vouches for the other side: is it this system that knows nobody?
pub(crate) fn seen_from_here(failure: Failure) -> Failure {
    if failure.code != Code::TlsUntrusted || system_has_roots() {
        return failure;
    }
    failure.and(&Why::new(
        "this system has no CA certificates: install its package `ca-certificates`",
        "このシステムには CA 証明書がありません。`ca-certificates` パッケージをインストールしてください",
    ))
}

/// Plain HTTP is for this computer only, and no proxy leads there.
fn is_plain(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// May credentials and tokens travel there? HTTPS, or this computer.
pub(crate) fn is_safe(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        None => false,
        Some(_) if url.scheme() == "https" => true,
        Some(_) if url.scheme() != "http" => false,
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
    }
}

/// Host and port, as people know them.
pub(crate) fn host_of(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority).to_owned()
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
