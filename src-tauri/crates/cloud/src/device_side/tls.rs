//! mTLS as AWS IoT speaks it: a client certificate is shown, and the server is told by name whom one wants.
//! <https://docs.aws.amazon.com/iot/latest/developerguide/transport-security.html>

use std::net::IpAddr;
use std::sync::Arc;

use fieldkey_core::{Code, Failure, Identity, Why};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};

use crate::http::AMAZON_ROOTS;

/// What is shown to the other side, and whom it is shown to.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) certificate_id: &'a str,
    pub(super) certificate_pem: &'a str,
    /// PKCS#8, PKCS#1 or SEC 1.
    pub(super) private_key_pem: &'a SecretString,
    /// Whom to trust.
    pub(super) ca_pem: &'a str,
}

impl<'a> Shown<'a> {
    /// # Errors
    /// `certificate-unsupported` where the device keeps its key to itself.
    pub(super) fn of(identity: &'a Identity) -> Result<Self, Failure> {
        let Identity { certificate_id, certificate_pem, ca_pem, .. } = identity;
        Ok(Self { certificate_id, certificate_pem, private_key_pem: identity.private_key()?, ca_pem })
    }
}

/// Trusts those whom the device trusts. Where that is a root of Amazon's it is all four: which of them stands
/// behind an endpoint depends on the ciphers.
///
/// # Errors
/// `certificate-invalid`, `key-mismatch` or `certificate-unsupported`, about what cannot be used.
pub(super) fn config(shown: &Shown<'_>) -> Result<ClientConfig, Failure> {
    let own = certificates(shown.ca_pem, "ca")?;
    let amazon = amazon_roots();
    let siblings = if own.iter().any(|root| amazon.contains(root)) { amazon } else { vec![] };
    trusting(shown, own.into_iter().chain(siblings))
}

/// Trusts Amazon's roots besides.
pub(super) fn config_for_aws(shown: &Shown<'_>) -> Result<ClientConfig, Failure> {
    let own = certificates(shown.ca_pem, "ca")?;
    trusting(shown, own.into_iter().chain(amazon_roots()))
}

fn trusting(
    shown: &Shown<'_>,
    trusted: impl Iterator<Item = CertificateDer<'static>>,
) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trusted);
    let chain = certificates(shown.certificate_pem, "certificate")?;
    let key = PrivateKeyDer::from_pem_slice(shown.private_key_pem.expose_secret().as_bytes())
        .map_err(|_| Failure::new(Code::CertificateInvalid).about("privateKey"))?;
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_root_certificates(roots).with_client_auth_cert(chain, key))
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => Failure::new(Code::KeyMismatch).about(shown.certificate_id),
            rustls::Error::InvalidCertificate(_) => Failure::new(Code::CertificateInvalid).about("certificate"),
            // Ring signs with RSA of 2048 bits and more, P-256, P-384 and Ed25519.
            _ => Failure::new(Code::CertificateUnsupported)
                .about(shown.certificate_id)
                .because_of(Why::new("Fieldkey cannot sign with its key", "この鍵では Fieldkey から署名できません")),
        })
}

fn amazon_roots() -> Vec<CertificateDer<'static>> {
    AMAZON_ROOTS.iter().filter_map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).ok()).collect()
}

fn certificates(pem: &str, about: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let read = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    read.ok().filter(|read| !read.is_empty()).ok_or_else(|| Failure::new(Code::CertificateInvalid).about(about))
}

/// The name by which AWS IoT tells its endpoints apart (SNI).
///
/// # Errors
/// `wrong-endpoint` for an address, which is no name.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, Failure> {
    let refuse = |en, ja| Err(Failure::new(Code::WrongEndpoint).about(host).because_of(Why::new(en, ja)));
    if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return refuse(
            "it is an IP address; AWS IoT wants to be asked by name",
            "IP アドレスではなくホスト名を指定する必要があります",
        );
    }
    match ServerName::try_from(host.to_owned()) {
        Ok(name) => Ok(name),
        Err(_) => refuse("it is not a host name", "ホスト名として正しくありません"),
    }
}
