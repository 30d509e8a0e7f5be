//! What a modem says of a key that it made.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fieldkey_core::ports::NewKey;
use minicbor::Decoder;
use sha2::{Digest, Sha256};

/// The CSR (DER) out of `<CSR>.<COSE_Sign1>`, both base64url. `None` unless the modem itself says that it is the one that
/// it made for this tag: that also shows bytes lost on the line.
pub(super) fn request(said: &str, tag: u32) -> Option<Vec<u8>> {
    let (request, word) = said.split_once('.')?;
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let (request, word) = (decoded(request)?, decoded(word)?);
    let payload = payload(&word)?;
    let mut payload = Decoder::new(&payload);
    // Kind of message, UUID of the device, tag, digest, nonce.
    payload.array().ok()?;
    payload.skip().ok()?;
    payload.skip().ok()?;
    let of = Decoder::new(payload.bytes().ok()?).i64().ok()?;
    let digest = payload.bytes().ok()?;
    let sound = of == i64::from(tag) && digest == Sha256::digest(&request).as_slice();
    sound.then_some(request)
}

/// The payload of a COSE_Sign1 (RFC 9052 4.2), with its tag or without.
fn payload(word: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = Decoder::new(word);
    if decoder.datatype().ok()? == minicbor::data::Type::Tag {
        decoder.tag().ok()?;
    }
    decoder.array().ok()?;
    decoder.skip().ok()?;
    decoder.skip().ok()?;
    decoder.bytes().ok().map(<[u8]>::to_vec)
}

/// The subject as the modem wants it: `C=JP,O=Example,CN=SN-1`. The field whose value it cannot take, else.
pub(crate) fn attributes(key: &NewKey) -> Result<String, &'static str> {
    let subject = &key.subject;
    let fields = [
        ("C", "country", subject.country.as_deref()),
        ("ST", "state", subject.state.as_deref()),
        ("L", "locality", subject.locality.as_deref()),
        ("O", "organization", subject.organization.as_deref()),
        ("OU", "organizationalUnit", subject.organizational_unit.as_deref()),
        ("CN", "commonName", Some(key.common_name.as_str())),
    ];
    let mut attributes = vec![];
    for (short, field, value) in fields {
        let Some(value) = value else { continue };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -_.:@/()".contains(&byte);
        if value.is_empty() || !value.bytes().all(plain) {
            return Err(field);
        }
        attributes.push(format!("{short}={value}"));
    }
    Ok(attributes.join(","))
}
