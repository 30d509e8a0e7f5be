//! HTTPS, and whom it trusts.

use std::sync::Arc;

use fieldkey_cloud::Aws;
use fieldkey_core::{Code, Failure};

use crate::support::aws::Double;
use crate::support::http::Server;
use crate::support::tls::Authority;
use crate::support::{expect_failure, sign_in, signed_in, site_at};

/// The double behind HTTPS at `localhost`.
fn behind(double: &Double, config: rustls::ServerConfig) -> Server {
    let shared = double.shared();
    Server::tls(config, move |request| shared.answer(request))
}

fn program(server: &Server, ca: Option<&str>) -> Aws {
    Aws::new(&site_at(&format!("https://localhost:{}", server.port)), ca, None, None).unwrap()
}

#[tokio::test]
async fn a_certificate_from_nowhere_is_not_trusted_and_not_tried_again() {
    let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let config = Arc::new(Authority::new().server("localhost"));
    let server = Server::accept(move |stream| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = rustls::StreamOwned::new(session, stream);
        let _ = std::io::Read::read(&mut stream, &mut [0]);
    });
    let failure = expect_failure(sign_in(&program(&server, None)).await, Code::TlsUntrusted);
    assert_eq!(failure.about, format!("localhost:{}", server.port));
    assert!(failure.reason.contains("UnknownIssuer"), "what a company's IT can act on: {failure}");
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1, "it would be as untrusted the second time");
}

#[tokio::test]
async fn the_site_s_own_ca_makes_it_trusted() {
    let (double, authority) = (Double::plain(), Authority::new());
    let server = behind(&double, authority.server("localhost"));
    signed_in(&program(&server, Some(&authority.pem()))).await;
    let bundle = format!("{}{}", Authority::new().pem(), authority.pem());
    signed_in(&program(&server, Some(&bundle))).await;
    expect_failure(sign_in(&program(&server, Some(&Authority::new().pem()))).await, Code::TlsUntrusted);
}

async fn refused(authority: &Authority, config: rustls::ServerConfig, code: Code) -> Failure {
    let server = behind(&Double::plain(), config);
    expect_failure(sign_in(&program(&server, Some(&authority.pem()))).await, code)
}

#[tokio::test]
async fn an_expired_certificate_says_when_it_expired() {
    let authority = Authority::new();
    let expired = authority.server_from_to("localhost", (2020, 1, 1), (2021, 2, 3));
    let failure = refused(&authority, expired, Code::TlsUntrusted).await;
    assert!(failure.reason.starts_with("it expired on 2021-02-03"), "{failure}");
}

#[tokio::test]
async fn a_certificate_from_the_future_means_a_clock_in_the_past() {
    let authority = Authority::new();
    let future = authority.server_from_to("localhost", (2090, 1, 1), (2099, 1, 1));
    let failure = refused(&authority, future, Code::ClockSkew).await;
    assert!(failure.reason.contains("begins on 2090-01-01"), "a laptop with an empty battery wakes in 1970: {failure}");
    assert_eq!(failure.about.len(), "2026-11-21".len(), "the date that this computer believes in: {failure}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let authority = Authority::new();
    let failure = refused(&authority, authority.server("portal.example"), Code::TlsUntrusted).await;
    assert!(failure.reason.contains("portal.example"), "whoever answered there: {failure}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_no_certificate_s_fault() {
    let server = Server::plain(|_| crate::support::http::Reply::new(400, "plain HTTP"));
    expect_failure(sign_in(&program(&server, None)).await, Code::Offline);
}

#[test]
fn a_ca_file_that_would_trust_nobody_is_refused_at_once() {
    let garbled = Authority::new().pem().replacen("MI", "AA", 1);
    for text in ["", "not PEM", &garbled] {
        let outcome = Aws::new(&site_at("https://localhost"), Some(text), None, None);
        assert_eq!(expect_failure(outcome, Code::SiteInvalid).about, "caFile", "{text:.40}");
    }
}

const NO_ROOTS: &str = "FIELDKEY_TEST_NO_ROOTS";

/// The other process, whose system has no certificates.
#[tokio::test]
async fn where_the_system_trusts_nobody() {
    if std::env::var_os(NO_ROOTS).is_none() {
        return;
    }
    let (double, authority) = (Double::plain(), Authority::new());
    let server = behind(&double, authority.server("localhost"));
    signed_in(&program(&server, Some(&authority.pem()))).await;
    let failure = expect_failure(sign_in(&program(&server, None)).await, Code::TlsUntrusted);
    assert!(failure.reason.contains("UnknownIssuer") && failure.reason.contains("ca-certificates"), "{failure}");
    assert!(failure.reason_ja.is_some_and(|reason| reason.contains("CA 証明書がありません")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_without_ca_certificates_is_told_so_and_the_site_s_own_ca_still_does() {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "tls::where_the_system_trusts_nobody", "--nocapture"]).env(NO_ROOTS, "");
    let output = command.env("SSL_CERT_FILE", "/dev/null").env_remove("SSL_CERT_DIR").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
