//! Who signed a certificate, among those beside it.

use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;

use super::certificate::{all_from_pem, from_pem, parse};
use super::{Chain, algorithm};
use crate::Failure;

pub(super) fn chain(certificate_pem: &str, others_pem: &str) -> Result<Chain, Failure> {
    let der = from_pem(certificate_pem)?;
    let certificate = parse(&der)?;
    let others = all_from_pem(others_pem)?;
    let others = others.iter().map(|der| parse(der)).collect::<Result<Vec<_>, _>>()?;

    let mut forged = false;
    if names_itself(&certificate) {
        match signed_by(&certificate, &certificate) {
            Some(true) => return Ok(Chain::SelfSigned),
            Some(false) => forged = true,
            None => {}
        }
    }
    let of_that_name = others.iter().filter(|other| other.subject().as_raw() == certificate.issuer().as_raw());
    for issuer in of_that_name.filter(|other| may_sign(other)) {
        match signed_by(&certificate, issuer) {
            Some(true) => return Ok(Chain::Signed),
            Some(false) => forged = true,
            None => {}
        }
    }
    Ok(if forged { Chain::Forged } else { Chain::IssuerAbsent })
}

fn names_itself(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

/// A certificate that says it is no CA's is nobody's issuer; the oldest roots say nothing.
fn may_sign(certificate: &X509Certificate<'_>) -> bool {
    let constraints = certificate.basic_constraints().ok().flatten();
    constraints.is_none_or(|constraints| constraints.value.ca)
}

/// `None` where the algorithm cannot be checked here: P-521, RSA below 2048.
fn signed_by(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Option<bool> {
    match certificate.verify_signature(Some(issuer.public_key())) {
        Ok(()) => Some(true),
        Err(X509Error::SignatureUnsupportedAlgorithm) => None,
        Err(_) => {
            let key = algorithm::of_key(issuer.public_key()).ok()?;
            (key.refused.is_none() && key.name != "P-521").then_some(false)
        }
    }
}
