//! Private keys: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) and SEC1 (RFC 5915), brought to PKCS#8.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use rsa::pkcs8::{LineEnding, SecretDocument};
use rsa::{BigUint, RsaPrivateKey};
use secrecy::SecretString;
use x509_parser::asn1_rs::{Oid, Tag};
use x509_parser::oid_registry::{OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use super::algorithm::{curve_name, key_name};
use super::asn1::{Reader, der, without_zeros};
use super::curve::Curve;
use super::kdf::Password;
use super::pbe;
use super::refusal::{damaged, invalid, unsupported};
use crate::Failure;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
const TAGGED_0: u8 = 0xa0;
const TAGGED_1: u8 = 0xa1;

pub(super) enum PrivateKey {
    /// An `RSAPrivateKey` of PKCS#1.
    Rsa(Zeroizing<Vec<u8>>),
    Ec {
        curve: Curve,
        /// As long as the curve's order.
        scalar: Zeroizing<Vec<u8>>,
        /// Java leaves it out.
        point: Option<Vec<u8>>,
    },
    Ed25519(Zeroizing<Vec<u8>>),
    /// The name of what AWS IoT does not take.
    Other(String),
}

impl PrivateKey {
    /// # Errors
    /// `certificate-invalid`.
    pub(super) fn from_der(key: &[u8]) -> Result<Self, Failure> {
        let mut fields = Reader::new(key).sequence()?;
        fields.number()?;
        match fields.peek() {
            Some(Tag::Sequence) => pkcs8(fields),
            Some(Tag::Integer) => rsa(key),
            Some(Tag::OctetString) => sec1(key, None),
            _ => Err(damaged()),
        }
    }

    /// Does the key belong to this public key?
    ///
    /// # Errors
    /// `certificate-unsupported` for an algorithm that cannot be compared, `certificate-invalid` for a key whose own
    /// parts do not fit together.
    pub(super) fn matches(&self, public_key: &SubjectPublicKeyInfo<'_>) -> Result<bool, Failure> {
        let bits = &public_key.subject_public_key.data;
        match self {
            Self::Rsa(key) => match public_key.parsed() {
                Ok(PublicKey::RSA(public)) => rsa_matches(key, public.modulus, public.exponent),
                _ => Ok(false),
            },
            Self::Ec { curve, scalar, point } => {
                let parameters = public_key.algorithm.parameters.as_ref();
                let its_curve = parameters.and_then(|parameters| parameters.as_oid().ok());
                let same_curve = public_key.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY
                    && its_curve.and_then(|oid| Curve::from_oid(&oid)) == Some(*curve);
                if !same_curve || point.as_ref().is_some_and(|point| point.as_slice() != bits.as_ref()) {
                    return Ok(false);
                }
                ec_matches(*curve, scalar, point.is_some(), bits)
            }
            Self::Ed25519(seed) => {
                let same = public_key.algorithm.algorithm == OID_SIG_ED25519
                    && Ed25519KeyPair::from_seed_and_public_key(seed, bits).is_ok();
                Ok(same)
            }
            Self::Other(name) => Err(unsupported(name)),
        }
    }

    /// As PKCS#8 PEM. `public_key` is the key's own: TLS stacks want it beside an EC key.
    pub(super) fn to_pem(&self, public_key: &SubjectPublicKeyInfo<'_>) -> Result<SecretString, Failure> {
        let key = self.to_pkcs8(Some(&public_key.subject_public_key.data))?;
        let document = SecretDocument::try_from(key.as_slice()).map_err(|_| damaged())?;
        let pem = document.to_pem("PRIVATE KEY", LineEnding::LF).map_err(|_| damaged())?;
        Ok(SecretString::from(pem.as_str()))
    }

    /// As PKCS#8 DER. `public` is an EC key's public half where it is known from elsewhere.
    pub(super) fn to_pkcs8(&self, public: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let (algorithm, key) = match self {
            Self::Rsa(key) => (der(SEQUENCE, &[&oid(&OID_PKCS1_RSAENCRYPTION), &der(NULL, &[])]), key.clone()),
            Self::Ec { curve, scalar, point } => {
                let key = ec_key(scalar, &[], public.or(point.as_deref()));
                (der(SEQUENCE, &[&oid(&OID_KEY_TYPE_EC_PUBLIC_KEY), &oid(&curve.oid())]), key)
            }
            Self::Ed25519(seed) => (der(SEQUENCE, &[&oid(&OID_SIG_ED25519)]), der(OCTET_STRING, &[seed])),
            Self::Other(name) => return Err(unsupported(name)),
        };
        Ok(der(SEQUENCE, &[&der(INTEGER, &[&[0]]), &algorithm, &der(OCTET_STRING, &[&key])]))
    }

    /// As PKCS#1 or SEC1 DER, with what its PEM calls it. `public` as above.
    ///
    /// # Errors
    /// `certificate-unsupported` for an algorithm that has only PKCS#8.
    pub(super) fn to_pkcs1(&self, public: Option<&[u8]>) -> Result<(&'static str, Zeroizing<Vec<u8>>), Failure> {
        match self {
            Self::Rsa(key) => Ok(("RSA PRIVATE KEY", key.clone())),
            Self::Ec { curve, scalar, point } => {
                let parameters = der(TAGGED_0, &[&oid(&curve.oid())]);
                Ok(("EC PRIVATE KEY", ec_key(scalar, &parameters, public.or(point.as_deref()))))
            }
            Self::Ed25519(_) => Err(unsupported("Ed25519")),
            Self::Other(name) => Err(unsupported(name)),
        }
    }
}

/// An `ECPrivateKey` of SEC1.
fn ec_key(scalar: &[u8], parameters: &[u8], point: Option<&[u8]>) -> Zeroizing<Vec<u8>> {
    let point = point.map(|point| der(TAGGED_1, &[&der(BIT_STRING, &[&[0], point])])).unwrap_or_default();
    der(SEQUENCE, &[&der(INTEGER, &[&[1]]), &der(OCTET_STRING, &[scalar]), parameters, &point])
}

/// Is it an `EncryptedPrivateKeyInfo`?
pub(super) fn is_encrypted(key: &[u8]) -> bool {
    let algorithm = Reader::new(key).sequence().and_then(|mut fields| fields.sequence());
    algorithm.is_ok_and(|algorithm| algorithm.peek() == Some(Tag::Oid))
}

/// Decrypts an `EncryptedPrivateKeyInfo`.
pub(super) fn decrypted(key: &[u8], password: &mut Password<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut fields = Reader::new(key).sequence()?;
    let (_, algorithm) = fields.value()?;
    pbe::decrypt(algorithm, &fields.octets()?, password)
}

fn pkcs8(mut fields: Reader<'_>) -> Result<PrivateKey, Failure> {
    let mut algorithm = fields.sequence()?;
    let name = algorithm.oid()?;
    let key = fields.octets()?;
    if name == OID_PKCS1_RSAENCRYPTION {
        rsa(&key)
    } else if name == OID_KEY_TYPE_EC_PUBLIC_KEY {
        sec1(&key, Some(algorithm.oid()?))
    } else if name == OID_SIG_ED25519 {
        Ok(PrivateKey::Ed25519(Reader::new(&key).octets()?))
    } else {
        Ok(PrivateKey::Other(key_name(&name)))
    }
}

fn rsa(key: &[u8]) -> Result<PrivateKey, Failure> {
    let mut values = Reader::new(key);
    let (_, whole) = values.value()?;
    Ok(PrivateKey::Rsa(Zeroizing::new(whole.to_vec())))
}

fn sec1(key: &[u8], curve: Option<Oid<'_>>) -> Result<PrivateKey, Failure> {
    let mut fields = Reader::new(key).sequence()?;
    fields.number()?;
    let given = fields.octets()?;
    let own_curve = match fields.tagged(0) {
        Some((mut parameters, _)) => Some(parameters.oid()?),
        None => None,
    };
    let curve = curve.or(own_curve).ok_or_else(|| {
        invalid("it does not say which curve the private key is on", "秘密鍵がどの曲線のものか書かれていません")
    })?;
    let Some(curve) = Curve::from_oid(&curve) else { return Ok(PrivateKey::Other(curve_name(&curve))) };
    let given = without_zeros(&given);
    let zeros = curve.scalar_bytes().checked_sub(given.len()).ok_or_else(damaged)?;
    let mut scalar = Zeroizing::new(Vec::with_capacity(curve.scalar_bytes()));
    scalar.resize(zeros, 0);
    scalar.extend_from_slice(given);
    let point = fields.tagged(1).map(|(mut explicit, _)| explicit.value()).transpose()?;
    let point = point.and_then(|(bits, _)| bits.data.get(1..)).map(<[u8]>::to_vec);
    Ok(PrivateKey::Ec { curve, scalar, point })
}

fn rsa_matches(key: &[u8], modulus: &[u8], exponent: &[u8]) -> Result<bool, Failure> {
    let mut fields = Reader::new(key).sequence()?;
    fields.number()?;
    let [n, e, d, p, q] =
        [fields.integer()?, fields.integer()?, fields.integer()?, fields.integer()?, fields.integer()?];
    if n != without_zeros(modulus) || e != without_zeros(exponent) {
        return Ok(false);
    }
    let [n, e, d, p, q] = [n, e, d, p, q].map(BigUint::from_bytes_be);
    match RsaPrivateKey::from_components(n, e, d, vec![p, q]) {
        // Too large for this check: the modulus has to do.
        Ok(_) | Err(rsa::Error::ModulusTooLarge) => Ok(true),
        Err(_) => Err(damaged()),
    }
}

fn ec_matches(curve: Curve, scalar: &[u8], has_point: bool, point: &[u8]) -> Result<bool, Failure> {
    let algorithm = match curve {
        Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        // No arithmetic on this curve here: the point beside the scalar was compared, and has to do.
        Curve::P521 if has_point => return Ok(true),
        Curve::P521 => {
            return Err(invalid(
                "the P-521 private key lacks its public half; export it once more with OpenSSL",
                "P-521 の秘密鍵に公開鍵の部分がありません。OpenSSL で書き出し直してください",
            ));
        }
    };
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point, &SystemRandom::new());
    Ok(pair.is_ok())
}

fn oid(oid: &Oid<'_>) -> Zeroizing<Vec<u8>> {
    der(OID, &[oid.as_bytes()])
}
