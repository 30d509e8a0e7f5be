//! Certificates, private keys and CSRs: plain computation, no files and no network.

mod algorithm;
mod asn1;
mod certificate;
mod chain;
mod csr;
mod curve;
mod file;
mod form;
mod kdf;
mod mac;
mod name;
mod p12;
mod pairing;
mod pbe;
mod private_key;
mod refusal;
mod request;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ts_rs::TS;

use crate::Failure;

pub use crate::site::KeyForm;
pub use form::FormedKey;
pub(crate) use refusal::OF_THE_KEY;

/// What kind of key is made for an identity.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[ts(export)]
pub enum KeyType {
    #[default]
    #[serde(rename = "p-256")]
    P256,
    #[serde(rename = "rsa-2048")]
    Rsa2048,
}

/// The fields of a CSR's subject, beside its common name.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subject {
    /// Two letters, such as `JP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(regex(pattern = r"^[A-Z]{2}$"))]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(length(min = 1, max = 64))]
    pub state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(length(min = 1, max = 64))]
    pub locality: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(length(min = 1, max = 64))]
    pub organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(length(min = 1, max = 64))]
    pub organizational_unit: Option<String>,
}

/// A certificate, as people want to see it before they register it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Preview {
    /// Lower-case hex SHA-256 of its DER.
    pub certificate_id: String,
    pub subject: String,
    pub issuer: String,
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub not_after: OffsetDateTime,
    /// `P-256`, `RSA 2048`.
    pub key: String,
    /// `ECDSA-SHA256`.
    pub signature: String,
    /// Whether the private key beside it is its own; `null` without one.
    pub key_matches: Option<bool>,
}

/// A certificate that exists already, with what came beside it.
#[derive(Debug)]
pub struct CertificateFile {
    pub preview: Preview,
    pub certificate_pem: String,
    /// As PKCS#8 PEM.
    pub private_key_pem: Option<SecretString>,
}

/// A key that was just made, and the CSR for it.
#[derive(Debug)]
pub struct KeyAndCsr {
    /// As PKCS#8 PEM; `None` where the device made it, which keeps it.
    pub private_key_pem: Option<SecretString>,
    pub csr_pem: String,
}

/// Reads PEM, DER or PKCS#12, told apart by content; a password opens PKCS#12 and encrypted PKCS#8 keys.
///
/// Of several certificates, the one is meant whose key is at hand; without a key the first of a PEM, and the one that
/// is marked in a PKCS#12 (`localKeyId`). A private key of its own goes before one in the file.
///
/// # Errors
/// `certificate-invalid`, `p12-password`, `key-mismatch`; `certificate-unsupported` for a key that cannot be compared.
/// They are about nothing yet: the caller knows the file's name.
pub fn read(
    file: &[u8],
    private_key: Option<&[u8]>,
    password: Option<&SecretString>,
) -> Result<CertificateFile, Failure> {
    let mut contents = file::open(file, password)?;
    if let Some(private_key) = private_key {
        contents.keys = file::open(private_key, password).map_err(refusal::of_private_key)?.keys;
        if contents.keys.is_empty() {
            return Err(refusal::of_private_key(refusal::invalid("it holds none", "秘密鍵が含まれていません")));
        }
    }
    let pairing::Pair { certificate, key } = pairing::choose(contents)?;
    let parsed = certificate::parse(&certificate)?;
    let private_key_pem = key.as_ref().map(|key| key.to_pem(parsed.public_key())).transpose()?;
    Ok(CertificateFile {
        preview: certificate::preview(&certificate, key.map(|_| true))?,
        certificate_pem: certificate::to_pem(&certificate),
        private_key_pem,
    })
}

/// Refuses what AWS IoT would refuse or break on: other algorithms, keys too short.
///
/// # Errors
/// `certificate-unsupported` with what it is, `certificate-invalid`.
pub fn check_supported(certificate_pem: &str) -> Result<(), Failure> {
    certificate::check_supported(&certificate::from_pem(certificate_pem)?)
}

/// # Errors
/// `certificate-invalid`.
pub fn preview(certificate_pem: &str) -> Result<Preview, Failure> {
    certificate::preview(&certificate::from_pem(certificate_pem)?, None)
}

/// Does the private key belong to the certificate?
///
/// # Errors
/// `certificate-invalid` if either cannot be read, `certificate-unsupported` for a key that cannot be compared.
pub fn key_matches(certificate_pem: &str, private_key_pem: &SecretString) -> Result<bool, Failure> {
    let certificate = certificate::from_pem(certificate_pem)?;
    let public_key = certificate::parse(&certificate)?;
    let contents = file::open(private_key_pem.expose_secret().as_bytes(), None).map_err(refusal::of_private_key)?;
    let Some(key) = contents.keys.first() else {
        return Err(refusal::of_private_key(refusal::invalid("it holds none", "秘密鍵が含まれていません")));
    };
    key.value.matches(public_key.public_key())
}

/// The one certificate of a PEM as DER.
///
/// # Errors
/// `certificate-invalid` without one, or with several.
pub fn certificate_der(certificate_pem: &str) -> Result<Vec<u8>, Failure> {
    form::certificate(certificate_pem)
}

/// The certificates of a PEM text, without whatever else stands there: devices read it, and a comment may hold anything.
///
/// # Errors
/// `certificate-invalid` when a block in it is damaged.
pub fn certificates_pem(text: &str) -> Result<String, Failure> {
    form::certificates(text)
}

/// The private key of a PEM or DER file in this form. An EC key gets its public half from its certificate, if that is
/// given; else it keeps what it has.
///
/// # Errors
/// `certificate-invalid` if either cannot be read; `certificate-unsupported` for an algorithm that has no such form.
pub fn private_key_as(private_key: &[u8], certificate_pem: Option<&str>, form: KeyForm) -> Result<FormedKey, Failure> {
    form::private_key(private_key, certificate_pem, form)
}

/// Who issued the certificate, as far as what lies beside it tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Chain {
    /// One of the certificates beside it signed it.
    Signed,
    SelfSigned,
    /// Its issuer is not at hand, as with what AWS IoT issues: AWS does not publish that CA's certificate.
    IssuerAbsent,
    /// An issuer of that name is at hand, and did not sign it.
    Forged,
}

/// An issuer whose algorithm cannot be checked here (P-521, RSA below 2048) counts as absent.
///
/// # Errors
/// `certificate-invalid`.
pub fn chain(certificate_pem: &str, others_pem: &str) -> Result<Chain, Failure> {
    chain::chain(certificate_pem, others_pem)
}

/// Checks a CSR that a device made.
///
/// # Errors
/// `device-rejected` for one that cannot be read, or that is not signed with its own key.
pub fn check_request(csr_pem: &str) -> Result<(), Failure> {
    request::check(csr_pem)
}

/// A CSR that a device gave as DER, as PEM. Some firmware writes ECDSA's algorithm with parameters that it has none of
/// (RFC 5758 3.2); they are left out, which the signature does not cover.
///
/// # Errors
/// `device-rejected` when it is none.
pub fn request_from_der(der: &[u8]) -> Result<String, Failure> {
    request::from_der(der)
}

/// Is the certificate for the key of this CSR?
///
/// # Errors
/// `device-rejected` when either cannot be read.
pub fn answers_request(certificate_pem: &str, csr_pem: &str) -> Result<bool, Failure> {
    request::answers(certificate_pem, csr_pem)
}

/// Makes a key and a CSR for it. `common_name`: the thing's name. An RSA key takes a while: not for an async thread.
///
/// # Errors
/// `site-invalid` when the subject cannot be written into a CSR.
pub fn key_and_csr(key: KeyType, common_name: &str, subject: &Subject) -> Result<KeyAndCsr, Failure> {
    csr::key_and_csr(key, common_name, subject)
}
