//! CSRs that a device made (PKCS#10, RFC 2986).

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::asn1::{Reader, der as encoded};
use crate::{Code, Failure, Why};

/// `ecdsa-with-SHA256`, as an algorithm without parameters, and with the NULL that does not belong there.
const ECDSA: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
const ECDSA_NULL: &[u8] = b"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00";

pub(super) fn from_der(der: &[u8]) -> Result<String, Failure> {
    let mut parts = Reader::new(der).sequence().map_err(|_| unreadable())?;
    let mut next = || parts.value().map(|(_, whole)| whole).map_err(|_| unreadable());
    let (information, algorithm, signature) = (next()?, next()?, next()?);
    let algorithm = if algorithm == ECDSA_NULL { ECDSA } else { algorithm };
    let sound = encoded(0x30, &[information, algorithm, signature]);
    let pem = pem::encode_config(
        &pem::Pem::new("CERTIFICATE REQUEST", sound.to_vec()),
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    );
    check(&pem).map(|()| pem)
}

/// Is it a request that whoever sent it holds the key of? A line that drops bytes, or firmware that signs with the
/// wrong key, would else cost a certificate that nobody can use.
pub(super) fn check(csr_pem: &str) -> Result<(), Failure> {
    let der = der(csr_pem)?;
    let (_, request) = X509CertificationRequest::from_der(&der).map_err(|_| unreadable())?;
    request.verify_signature().map_err(|_| {
        let why = Why::new("its CSR is not signed with the key in it", "CSR の署名が、その鍵によるものではありません");
        Failure::new(Code::DeviceRejected).because_of(why)
    })
}

/// Is the certificate for the key of this request?
pub(super) fn answers(certificate_pem: &str, csr_pem: &str) -> Result<bool, Failure> {
    let (request, certificate) = (der(csr_pem)?, der(certificate_pem)?);
    let (_, request) = X509CertificationRequest::from_der(&request).map_err(|_| unreadable())?;
    let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).map_err(|_| unreadable())?;
    Ok(request.certification_request_info.subject_pki.raw == certificate.tbs_certificate.subject_pki.raw)
}

fn der(pem: &str) -> Result<Vec<u8>, Failure> {
    pem::parse(pem).map(pem::Pem::into_contents).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    let why = Why::new("its CSR cannot be read", "CSR を読み取れません");
    Failure::new(Code::DeviceRejected).because_of(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::signed;
    use crate::x509::{KeyType, Subject, key_and_csr};

    fn csr() -> String {
        key_and_csr(KeyType::P256, "SN-1", &Subject::default()).expect("made").csr_pem
    }

    #[test]
    fn a_sound_request_passes_and_a_flipped_bit_in_it_does_not() {
        let csr = csr();
        check(&csr).expect("just made");
        let mut der = pem::parse(&csr).expect("pem").into_contents();
        let last = der.len() - 1;
        der[last] ^= 1;
        let spoilt = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", der));
        assert_eq!(check(&spoilt).map_err(|failure| failure.code), Err(Code::DeviceRejected));
        assert_eq!(check("-----BEGIN nothing").map_err(|failure| failure.code), Err(Code::DeviceRejected));
    }

    #[test]
    fn an_algorithm_with_null_parameters_is_mended_and_the_signature_holds() {
        let csr = csr();
        let sound = pem::parse(&csr).expect("pem").into_contents();
        assert_eq!(from_der(&sound).map(|pem| pem::parse(pem).expect("pem").into_contents()), Ok(sound.clone()));
        let at = sound.windows(ECDSA.len()).rposition(|window| window == ECDSA).expect("ECDSA");
        let mut parts = Reader::new(&sound).sequence().expect("a request");
        let (_, information) = parts.value().expect("information");
        let old = encoded(0x30, &[information, ECDSA_NULL, &sound[at + ECDSA.len()..]]);
        assert_eq!(from_der(&old).map(|pem| pem::parse(pem).expect("pem").into_contents()), Ok(sound));
        assert_eq!(from_der(b"no request").map_err(|failure| failure.code), Err(Code::DeviceRejected));
    }

    #[test]
    fn a_certificate_answers_only_the_request_of_its_own_key() {
        let (mine, other) = (csr(), csr());
        let certificate = signed(&mine);
        assert_eq!(answers(&certificate, &mine), Ok(true));
        assert_eq!(answers(&certificate, &other), Ok(false), "it would be of no use to the device");
    }
}
