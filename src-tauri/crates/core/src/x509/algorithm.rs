//! The names of key and signature algorithms, and which of them AWS IoT takes.
//!
//! Source: X.509 client certificates, AWS IoT Core developer guide.

use x509_parser::asn1_rs::{Oid, oid};
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::asn1::without_zeros;
use super::curve::Curve;
use super::refusal::damaged;
use crate::Failure;

const RSA_BITS_AT_LEAST: usize = 2048;

const RSASSA_PSS: Oid<'static> = oid!(1.2.840.113549.1.1.10);

const KEYS: [(Oid<'static>, &str); 5] = [
    (oid!(1.3.101.112), "Ed25519"),
    (oid!(1.3.101.113), "Ed448"),
    (oid!(1.2.840.10040.4.1), "DSA"),
    (RSASSA_PSS, "RSASSA-PSS"),
    (oid!(1.2.840.113549.1.1.7), "RSAES-OAEP"),
];

const CURVES: [(Oid<'static>, &str); 6] = [
    (oid!(1.2.840.10045.3.1.1), "P-192"),
    (oid!(1.3.132.0.33), "P-224"),
    (oid!(1.3.132.0.10), "secp256k1"),
    (oid!(1.3.36.3.3.2.8.1.1.7), "brainpoolP256r1"),
    (oid!(1.3.36.3.3.2.8.1.1.11), "brainpoolP384r1"),
    (oid!(1.3.36.3.3.2.8.1.1.13), "brainpoolP512r1"),
];

/// Family and hash; a family alone where the algorithm has one hash only.
const SIGNATURES: [(Oid<'static>, &str, &str); 14] = [
    (oid!(1.2.840.113549.1.1.11), "RSA", "SHA-256"),
    (oid!(1.2.840.113549.1.1.12), "RSA", "SHA-384"),
    (oid!(1.2.840.113549.1.1.13), "RSA", "SHA-512"),
    (oid!(1.2.840.10045.4.3.2), "ECDSA", "SHA-256"),
    (oid!(1.2.840.10045.4.3.3), "ECDSA", "SHA-384"),
    (oid!(1.2.840.10045.4.3.4), "ECDSA", "SHA-512"),
    (oid!(1.2.840.113549.1.1.5), "RSA", "SHA-1"),
    (oid!(1.3.14.3.2.29), "RSA", "SHA-1"),
    (oid!(1.2.840.10045.4.1), "ECDSA", "SHA-1"),
    (oid!(1.2.840.113549.1.1.4), "RSA", "MD5"),
    (oid!(1.2.840.113549.1.1.14), "RSA", "SHA-224"),
    (oid!(1.2.840.10045.4.3.1), "ECDSA", "SHA-224"),
    (oid!(1.3.101.112), "Ed25519", ""),
    (oid!(1.3.101.113), "Ed448", ""),
];

const HASHES: [(Oid<'static>, &str); 5] = [
    (oid!(2.16.840.1.101.3.4.2.1), "SHA-256"),
    (oid!(2.16.840.1.101.3.4.2.2), "SHA-384"),
    (oid!(2.16.840.1.101.3.4.2.3), "SHA-512"),
    (oid!(1.3.14.3.2.26), "SHA-1"),
    (oid!(2.16.840.1.101.3.4.2.4), "SHA-224"),
];

/// An algorithm as people call it.
pub(super) struct Algorithm {
    pub(super) name: String,
    /// What AWS IoT does not take about it.
    pub(super) refused: Option<String>,
}

impl Algorithm {
    fn taken(name: String) -> Self {
        Self { name, refused: None }
    }

    fn refused(name: String) -> Self {
        Self { refused: Some(name.clone()), name }
    }
}

/// # Errors
/// `certificate-invalid` for a key that is none.
pub(super) fn of_key(key: &SubjectPublicKeyInfo<'_>) -> Result<Algorithm, Failure> {
    match key.parsed().map_err(|_| damaged())? {
        PublicKey::RSA(rsa) => {
            let modulus = without_zeros(rsa.modulus);
            let zeros = modulus.first().map_or(0, |byte| byte.leading_zeros());
            let bits = (8 * modulus.len()).saturating_sub(zeros.try_into().unwrap_or_default());
            let name = format!("RSA {bits}");
            Ok(if bits >= RSA_BITS_AT_LEAST { Algorithm::taken(name) } else { Algorithm::refused(name) })
        }
        PublicKey::EC(_) => {
            let parameters = key.algorithm.parameters.as_ref();
            let oid = parameters.and_then(|parameters| parameters.as_oid().ok());
            Ok(match oid {
                Some(oid) => match Curve::from_oid(&oid) {
                    Some(curve) => Algorithm::taken(curve.name().into()),
                    None => Algorithm::refused(curve_name(&oid)),
                },
                None => Algorithm::refused("EC".into()),
            })
        }
        _ => Ok(Algorithm::refused(key_name(&key.algorithm.algorithm))),
    }
}

pub(super) fn of_signature(algorithm: &AlgorithmIdentifier<'_>) -> Algorithm {
    if algorithm.algorithm == RSASSA_PSS {
        let parameters = algorithm.parameters.as_ref().and_then(|any| RsaSsaPssParams::try_from(any).ok());
        // Without parameters it is SHA-1 (RFC 8017 appendix A.2.3).
        let hash = parameters.as_ref().map_or("SHA-1", |parameters| name_in(&HASHES, parameters.hash_algorithm_oid()));
        return signature("RSASSA-PSS", hash);
    }
    match SIGNATURES.iter().find(|(oid, ..)| *oid == algorithm.algorithm) {
        Some((_, family, "")) => Algorithm::refused((*family).into()),
        Some((_, family, hash)) => signature(family, hash),
        None => Algorithm::refused(algorithm.algorithm.to_id_string()),
    }
}

fn signature(family: &str, hash: &str) -> Algorithm {
    let name = format!("{family}-{}", hash.replace('-', ""));
    let refused = (!matches!(hash, "SHA-256" | "SHA-384" | "SHA-512")).then(|| hash.into());
    Algorithm { name, refused }
}

pub(super) fn key_name(oid: &Oid<'_>) -> String {
    or_number(name_in(&KEYS, oid), oid)
}

pub(super) fn curve_name(oid: &Oid<'_>) -> String {
    or_number(name_in(&CURVES, oid), oid)
}

fn or_number(name: &str, oid: &Oid<'_>) -> String {
    if name.is_empty() { oid.to_id_string() } else { name.into() }
}

fn name_in<'a>(names: &[(Oid<'_>, &'a str)], oid: &Oid<'_>) -> &'a str {
    names.iter().find(|(known, _)| known == oid).map_or("", |(_, name)| name)
}
