//! Keys and CSRs (PKCS#10, RFC 2986) for identities.

use rcgen::string::PrintableString;
use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, PKCS_RSA_SHA256};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use super::{KeyAndCsr, KeyType, Subject};
use crate::{Code, Failure, Why};

const RSA_BITS: usize = 2048;

/// The longest values that a name may hold (RFC 5280 appendix A.1).
const STATE: usize = 128;
const LOCALITY: usize = 128;
const ORGANIZATION: usize = 64;
const ORGANIZATIONAL_UNIT: usize = 64;

pub(super) fn key_and_csr(key: KeyType, common_name: &str, subject: &Subject) -> Result<KeyAndCsr, Failure> {
    let name = distinguished_name(common_name, subject)?;
    let private_key_pem = match key {
        KeyType::P256 => p256()?,
        KeyType::Rsa2048 => rsa2048()?,
    };
    let csr_pem = request(name, key, &private_key_pem)?;
    Ok(KeyAndCsr { private_key_pem: Some(private_key_pem), csr_pem })
}

fn distinguished_name(common_name: &str, subject: &Subject) -> Result<DistinguishedName, Failure> {
    let mut name = DistinguishedName::new();
    if let Some(country) = &subject.country {
        let letters = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        let country = PrintableString::try_from(country.as_str()).ok().filter(|_| letters);
        let country = country.ok_or_else(|| {
            refuse(
                "`country` must be two capital letters, such as JP",
                "`country` は JP のような大文字 2 文字にしてください",
            )
        })?;
        name.push(DnType::CountryName, DnValue::PrintableString(country));
    }
    let fields = [
        ("state", DnType::StateOrProvinceName, &subject.state, STATE),
        ("locality", DnType::LocalityName, &subject.locality, LOCALITY),
        ("organization", DnType::OrganizationName, &subject.organization, ORGANIZATION),
        ("organizationalUnit", DnType::OrganizationalUnitName, &subject.organizational_unit, ORGANIZATIONAL_UNIT),
    ];
    for (field, kind, value, limit) in fields {
        let Some(value) = value else { continue };
        if value.trim().is_empty() || value.chars().count() > limit || value.chars().any(char::is_control) {
            return Err(refuse(
                &format!("`{field}` must be 1 to {limit} characters of one line"),
                &format!("`{field}` は改行を含まない 1 〜 {limit} 文字にしてください"),
            ));
        }
        name.push(kind, value.as_str());
    }
    name.push(DnType::CommonName, common_name);
    Ok(name)
}

fn p256() -> Result<SecretString, Failure> {
    let mut pair = KeyPair::generate().map_err(not_made)?;
    let pem = SecretString::from(pair.serialize_pem());
    pair.zeroize();
    Ok(pem)
}

fn rsa2048() -> Result<SecretString, Failure> {
    let key = RsaPrivateKey::new(&mut OsRng, RSA_BITS).map_err(not_made)?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(not_made)?;
    Ok(SecretString::from(pem.as_str()))
}

fn request(name: DistinguishedName, key: KeyType, private_key_pem: &SecretString) -> Result<String, Failure> {
    let pem = private_key_pem.expose_secret();
    let pair = match key {
        KeyType::P256 => KeyPair::from_pem(pem),
        KeyType::Rsa2048 => KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_RSA_SHA256),
    };
    let mut pair = pair.map_err(not_made)?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = name;
    let request = parameters.serialize_request(&pair).and_then(|request| request.pem());
    pair.zeroize();
    // rcgen ends lines as the platform does; what AWS gets is the same everywhere.
    Ok(request.map_err(not_made)?.replace("\r\n", "\n"))
}

fn refuse(en: &str, ja: &str) -> Failure {
    Failure::new(Code::SiteInvalid).about("certificateSubject").because_of(Why::new(en, ja))
}

fn not_made(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::SiteInvalid).about("certificateSubject").because(error.to_string())
}
