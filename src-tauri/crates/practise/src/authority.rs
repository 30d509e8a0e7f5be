//! The CA of the pretended AWS IoT.

use fieldkey_core::ports::Issued;
use fieldkey_core::x509::{KeyType, Subject};
use fieldkey_core::{Code, Failure, x509};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroize;

/// AWS IoT's certificates end then.
pub(crate) const END_OF_IDENTITIES: OffsetDateTime = datetime!(2049-12-31 23:59:59 UTC);

/// AWS IoT's certificates begin a little ago: not every device's clock is right.
const BEGUN: Duration = Duration::minutes(2);

/// Made at the start; nobody keeps its key.
pub(crate) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, Failure> {
        let key = KeyPair::generate().map_err(not_made)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Fieldkey practise CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.not_before = OffsetDateTime::now_utc() - BEGUN;
        params.not_after = END_OF_IDENTITIES;
        let pem = with_plain_ends(&params.self_signed(&key).map_err(not_made)?.pem());
        Ok(Self { params, key, pem })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for the key and the subject of a CSR.
    pub(crate) fn sign(&self, csr_pem: &str, until: OffsetDateTime) -> Result<Issued, Failure> {
        let mut csr = CertificateSigningRequestParams::from_pem(csr_pem).map_err(not_made)?;
        csr.params.is_ca = IsCa::ExplicitNoCa;
        csr.params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        csr.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        csr.params.use_authority_key_identifier_extension = true;
        csr.params.not_before = OffsetDateTime::now_utc() - BEGUN;
        csr.params.not_after = until;
        let certificate = csr.signed_by(&Issuer::from_params(&self.params, &self.key)).map_err(not_made)?;
        let certificate_id = hex::encode(Sha256::digest(certificate.der()));
        Ok(Issued { certificate_id, certificate_pem: with_plain_ends(&certificate.pem()) })
    }

    /// A key and its certificate.
    ///
    /// AWS makes RSA keys for claims. P-256 is made in no time even by a slow laptop, for 32 devices at once.
    pub(crate) fn make(&self, common_name: &str, until: OffsetDateTime) -> Result<(Issued, SecretString), Failure> {
        let made = x509::key_and_csr(KeyType::P256, common_name, &Subject::default())?;
        let key = made.private_key_pem.ok_or_else(|| not_made("a key is missing"))?;
        Ok((self.sign(&made.csr_pem, until)?, key))
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// The same on every platform.
fn with_plain_ends(pem: &str) -> String {
    pem.replace("\r\n", "\n")
}

fn not_made(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::ServiceError).about("Practise").because(error.to_string())
}
