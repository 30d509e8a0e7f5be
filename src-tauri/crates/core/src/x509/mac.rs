//! The MAC over a PKCS#12 file: RFC 7292 section 4, and PBMAC1 (RFC 9579), which OpenSSL writes since 3.4 if asked.

use ring::{digest, hmac};
use x509_parser::asn1_rs::{Oid, oid};

use super::asn1::Reader;
use super::kdf::{Password, Purpose, hmac_of};
use super::refusal::{damaged, unreadable};
use crate::Failure;

const SHA1: Oid<'static> = oid!(1.3.14.3.2.26);
const SHA256: Oid<'static> = oid!(2.16.840.1.101.3.4.2.1);
const SHA384: Oid<'static> = oid!(2.16.840.1.101.3.4.2.2);
const SHA512: Oid<'static> = oid!(2.16.840.1.101.3.4.2.3);
const PBMAC1: Oid<'static> = oid!(1.2.840.113549.1.5.14);

/// The longest key that PBMAC1 may ask for.
const KEY_LIMIT: usize = 64;

/// Does the MAC hold for this password? `mac_data`: the fields of a `MacData`.
pub(super) fn holds(mut mac_data: Reader<'_>, content: &[u8], password: &mut Password<'_>) -> Result<bool, Failure> {
    let mut digest_info = mac_data.sequence()?;
    let mut algorithm = digest_info.sequence()?;
    let name = algorithm.oid()?;
    let expected = digest_info.octets()?;
    let key = if name == PBMAC1 {
        pbmac1(algorithm.sequence()?, password)?
    } else {
        let (digest, algorithm) = classic(&name)?;
        let salt = mac_data.octets()?;
        let iterations = if mac_data.is_empty() { 1 } else { mac_data.number()? };
        let key = password.pkcs12(digest, Purpose::Mac, &salt, iterations, digest.output_len())?;
        hmac::Key::new(algorithm, &key)
    };
    Ok(hmac::verify(&key, content, &expected).is_ok())
}

fn classic(name: &Oid<'_>) -> Result<(&'static digest::Algorithm, hmac::Algorithm), Failure> {
    if *name == SHA1 {
        Ok((&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY))
    } else if *name == SHA256 {
        Ok((&digest::SHA256, hmac::HMAC_SHA256))
    } else if *name == SHA384 {
        Ok((&digest::SHA384, hmac::HMAC_SHA384))
    } else if *name == SHA512 {
        Ok((&digest::SHA512, hmac::HMAC_SHA512))
    } else {
        Err(unreadable(&name.to_id_string()))
    }
}

fn pbmac1(mut parameters: Reader<'_>, password: &mut Password<'_>) -> Result<hmac::Key, Failure> {
    let derivation = parameters.sequence()?;
    let (_, algorithm) = hmac_of(&parameters.sequence()?.oid()?)?;
    let length = key_length(derivation)?;
    let key = password.pbkdf2(derivation, length)?;
    Ok(hmac::Key::new(algorithm, &key))
}

/// RFC 9579 section 4 wants the key's length to be said.
fn key_length(mut derivation: Reader<'_>) -> Result<usize, Failure> {
    derivation.oid()?;
    let mut parameters = derivation.sequence()?;
    parameters.octets()?;
    parameters.number()?;
    let length = usize::try_from(parameters.number()?).map_err(|_| damaged())?;
    if (1..=KEY_LIMIT).contains(&length) { Ok(length) } else { Err(damaged()) }
}
