//! One certificate: its ID, its preview, and whether AWS IoT takes it.

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::refusal::{damaged, invalid, unsupported};
use super::{Preview, algorithm, name};
use crate::{Failure, Why};

/// The most characters that AWS IoT takes as `certificatePem` (RegisterCertificateWithoutCA, API reference).
const PEM_LIMIT: usize = 65_536;

pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, Failure> {
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => Ok(certificate),
        Err(_) => Err(invalid("it is not an X.509 certificate", "X.509 証明書ではありません")),
    }
}

/// Lower-case hex SHA-256 of the DER, which is AWS IoT's certificate ID.
pub(super) fn id(der: &[u8]) -> String {
    hex::encode(Sha256::digest(der))
}

pub(super) fn preview(der: &[u8], key_matches: Option<bool>) -> Result<Preview, Failure> {
    let certificate = parse(der)?;
    Ok(Preview {
        certificate_id: id(der),
        subject: name::one_line(certificate.subject()),
        issuer: name::one_line(certificate.issuer()),
        not_before: certificate.validity().not_before.to_datetime(),
        not_after: certificate.validity().not_after.to_datetime(),
        key: algorithm::of_key(certificate.public_key())?.name,
        signature: algorithm::of_signature(&certificate.signature_algorithm).name,
        key_matches,
    })
}

pub(super) fn check_supported(der: &[u8]) -> Result<(), Failure> {
    let certificate = parse(der)?;
    let algorithms =
        [algorithm::of_key(certificate.public_key())?, algorithm::of_signature(&certificate.signature_algorithm)];
    if let Some(refused) = algorithms.into_iter().find_map(|algorithm| algorithm.refused) {
        return Err(unsupported(refused));
    }
    let length = to_pem(der).len();
    if length > PEM_LIMIT {
        let why = Why::new(
            format!("{length} characters of PEM; {PEM_LIMIT} at most"),
            format!("PEM が {length} 文字あります。上限は {PEM_LIMIT} 文字です"),
        );
        return Err(unsupported(format!("{length}")).because_of(why));
    }
    Ok(())
}

pub(super) fn to_pem(der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new("CERTIFICATE", der), config)
}

/// The certificates in a PEM, as DER.
pub(super) fn all_from_pem(text: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let blocks = pem::parse_many(text).map_err(|_| damaged())?;
    Ok(blocks.into_iter().filter(|block| block.tag() == "CERTIFICATE").map(pem::Pem::into_contents).collect())
}

pub(super) fn from_pem(text: &str) -> Result<Vec<u8>, Failure> {
    let first = all_from_pem(text)?.into_iter().next();
    first.ok_or_else(|| invalid("there is no certificate in it", "証明書が含まれていません"))
}
