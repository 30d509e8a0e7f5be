//! The public keys in CSRs and certificates: what shows that one was made for the other.

use fieldkey_core::{Code, Failure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer};
use sha2::{Digest, Sha256};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A SubjectPublicKeyInfo in DER.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// # Errors
    /// `certificate-invalid` about the CSR.
    pub(super) fn of_request(csr_pem: &str) -> Result<Self, Failure> {
        let der = CertificateSigningRequestDer::from_pem_slice(csr_pem.as_bytes()).ok();
        let key = der.as_ref().and_then(|der| {
            let (_, request) = X509CertificationRequest::from_der(der).ok()?;
            Some(Self(request.certification_request_info.subject_pki.raw.to_owned()))
        });
        key.ok_or_else(|| Failure::new(Code::CertificateInvalid).about("CSR"))
    }

    /// `None` if it cannot be read.
    pub(super) fn of_certificate(pem: &str) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        Some(Self(certificate.tbs_certificate.subject_pki.raw.to_owned()))
    }
}

/// The certificate ID: lower-case hex SHA-256 of its DER.
///
/// # Errors
/// `certificate-invalid`.
pub(super) fn certificate_id(pem: &str, about: &str) -> Result<String, Failure> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes());
    let der = der.map_err(|_| Failure::new(Code::CertificateInvalid).about(about))?;
    Ok(hex::encode(Sha256::digest(&der)))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn a_certificate_is_known_by_the_key_of_its_csr() {
        let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let csr = CertificateParams::default().serialize_request(&one).unwrap().pem().unwrap();
        let asked = PublicKey::of_request(&csr).unwrap();
        let of = |key: &KeyPair| CertificateParams::default().self_signed(key).unwrap().pem();
        assert_eq!(PublicKey::of_certificate(&of(&one)), Some(asked));
        assert_ne!(PublicKey::of_certificate(&of(&other)), PublicKey::of_certificate(&of(&one)));
        assert_eq!(PublicKey::of_certificate("garbage"), None);
        let refused = PublicKey::of_request(&of(&one)).expect_err("a certificate is no CSR");
        assert_eq!((refused.code, refused.about.as_str()), (Code::CertificateInvalid, "CSR"));
    }
}
