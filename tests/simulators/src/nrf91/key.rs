//! A key made in the modem: its CSR, and the modem's word for it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::Encoder;
use minicbor::data::Tag;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SigningKey};
use sha2::{Digest, Sha256};

pub(super) const UUID: [u8; 16] = *b"\x50\x4c\x00\x01\x7a\x2b\x43\x33\x80\x6d\x8e\x2f\x11\x22\x33\x44";

/// `ecdsa-with-SHA256` as newer firmware and the rest of the world write it, and with the NULL of older firmware.
const ALGORITHM: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
const ALGORITHM_WITH_NULL: &[u8] = b"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00";

pub(super) struct Made {
    pub(super) private_key: Vec<u8>,
    /// `<CSR>.<COSE_Sign1>`, both base64url.
    pub(super) answer: String,
}

/// Makes a P-256 key. `attributes`: `CN=dev,O=x`.
pub(super) fn make(identity: &KeyPair, tag: u32, attributes: &str, null_parameters: bool) -> Option<Made> {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = name(attributes)?;
    let request = parameters.serialize_request(&key).expect("a request");
    let mut request = request.der().to_vec();
    if null_parameters {
        request = with_null(&request);
    }
    let word = word(identity, tag, &request);
    let answer = format!("{}.{}", URL_SAFE_NO_PAD.encode(&request), URL_SAFE_NO_PAD.encode(word));
    Some(Made { private_key: key.serialize_der(), answer })
}

/// A name out of `CN=dev,O=x`; without any the device's UUID.
pub(crate) fn name(attributes: &str) -> Option<DistinguishedName> {
    let mut name = DistinguishedName::new();
    for attribute in attributes.split(',').filter(|attribute| !attribute.is_empty()) {
        let (kind, value) = attribute.split_once('=')?;
        let kind = match kind.trim() {
            "CN" => DnType::CommonName,
            "O" => DnType::OrganizationName,
            "OU" => DnType::OrganizationalUnitName,
            "C" => DnType::CountryName,
            "ST" => DnType::StateOrProvinceName,
            "L" => DnType::LocalityName,
            _ => return None,
        };
        name.push(kind, value);
    }
    if attributes.is_empty() {
        name.push(DnType::CommonName, "504c0001-7a2b-4333-806d-8e2f11223344");
    }
    Some(name)
}

/// COSE_Sign1 (RFC 9052 4.2) around `[9, UUID, tag, digest, nonce]`.
fn word(identity: &KeyPair, tag: u32, request: &[u8]) -> Vec<u8> {
    let mut inner = Encoder::new(vec![]);
    inner.u32(tag).expect("cbor");
    let mut payload = Encoder::new(vec![]);
    payload.array(5).expect("cbor").u8(9).expect("cbor").bytes(&UUID).expect("cbor");
    payload.bytes(&inner.into_writer()).expect("cbor").bytes(&Sha256::digest(request)).expect("cbor");
    payload.bytes(&[7; 16]).expect("cbor");
    let payload = payload.into_writer();
    // Algorithm: ES256; key: the modem's identity.
    let protected = [0xa1, 0x01, 0x26];
    let mut signed = Encoder::new(vec![]);
    signed.array(4).expect("cbor").str("Signature1").expect("cbor").bytes(&protected).expect("cbor");
    signed.bytes(&[]).expect("cbor").bytes(&payload).expect("cbor");
    let signature = identity.sign(&signed.into_writer()).expect("signed");
    let mut word = Encoder::new(vec![]);
    word.tag(Tag::new(18)).expect("cbor").array(4).expect("cbor").bytes(&protected).expect("cbor");
    word.map(1).expect("cbor").u8(4).expect("cbor").bytes(&[0x21]).expect("cbor");
    word.bytes(&payload).expect("cbor").bytes(&raw(&signature)).expect("cbor");
    word.into_writer()
}

/// An ECDSA signature as two numbers of 32 bytes, which DER writes as integers of varying length.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut numbers = vec![];
    let mut rest = &der[2..];
    for _ in 0..2 {
        let (number, more) = rest[2..].split_at(usize::from(rest[1]));
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        numbers.extend(std::iter::repeat_n(0, 32 - number.len()));
        numbers.extend_from_slice(number);
        rest = more;
    }
    numbers
}

fn with_null(request: &[u8]) -> Vec<u8> {
    let at = request.windows(ALGORITHM.len()).rposition(|window| window == ALGORITHM).expect("ECDSA");
    // A request with one P-256 key and a short name is between 128 and 65535 bytes long.
    let header = if request[1] == 0x81 { 3 } else { 4 };
    let body = [&request[header..at], ALGORITHM_WITH_NULL, &request[at + ALGORITHM.len()..]].concat();
    let length = (body.len() as u16).to_be_bytes();
    let start = if body.len() < 256 { vec![0x30, 0x81, length[1]] } else { vec![0x30, 0x82, length[0], length[1]] };
    [start, body].concat()
}
