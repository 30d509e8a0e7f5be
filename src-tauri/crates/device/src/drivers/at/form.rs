//! From the text that is to be written to the bytes that this modem wants.

use fieldkey_core::x509::{FormedKey, KeyForm, private_key_as};
use fieldkey_core::{Code, Failure, Why};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::checked::Place;
use super::recipe::{Encoding, Key, TextLineEnd};
use crate::layout::{Content, Part};

/// The bytes for this place.
///
/// # Errors
/// `certificate-invalid`, `certificate-unsupported` for what cannot be written so.
pub(super) fn payload(place: &Place, content: &Content) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let own = &content.bytes;
    let text = match (place.encoding, place.part, place.key) {
        (Encoding::Der, Part::PrivateKey, key) => return Ok(formed(own, key)?.der),
        (Encoding::Der, ..) => return only_certificate(own),
        (Encoding::Pem, Part::PrivateKey, key @ (Key::Pkcs8 | Key::Traditional)) => {
            let pem = formed(own, key)?.to_pem()?;
            Zeroizing::new(pem.expose_secret().as_bytes().to_vec())
        }
        (Encoding::Pem, ..) => own.clone(),
    };
    Ok(with_line_ends(&text, place.line_ends))
}

fn formed(key: &[u8], form: Key) -> Result<FormedKey, Failure> {
    let form = if form == Key::Traditional { KeyForm::Pkcs1 } else { KeyForm::Pkcs8 };
    match private_key_as(key, None, form) {
        // Of some algorithms there is only this one.
        Err(failure) if failure.code == Code::CertificateUnsupported => private_key_as(key, None, KeyForm::Pkcs8),
        outcome => outcome,
    }
}

fn only_certificate(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let blocks = pem::parse_many(text).unwrap_or_default();
    match <[pem::Pem; 1]>::try_from(blocks) {
        Ok([block]) => Ok(Zeroizing::new(block.into_contents())),
        Err(blocks) => {
            let count = blocks.len();
            let ja = format!("このモデムに書き込める証明書は 1 件です。{count} 件あります");
            let why = Why::new(format!("this modem takes one certificate in a place, not {count}"), ja);
            Err(Failure::new(Code::CertificateInvalid).because_of(why))
        }
    }
}

fn with_line_ends(text: &[u8], line_end: TextLineEnd) -> Zeroizing<Vec<u8>> {
    // Room for every line end at once: a buffer that grows would leave copies behind it.
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    let mut ended = Zeroizing::new(Vec::with_capacity(text.len() + lines));
    for byte in text.iter().filter(|byte| **byte != b'\r') {
        if *byte == b'\n' && line_end == TextLineEnd::CrLf {
            ended.push(b'\r');
        }
        ended.push(*byte);
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_those_of_the_modem_and_nothing_else_changes() {
        for text in [&b"a\nb\n"[..], b"a\r\nb\r\n"] {
            assert_eq!(*with_line_ends(text, TextLineEnd::Lf), b"a\nb\n");
            assert_eq!(*with_line_ends(text, TextLineEnd::CrLf), b"a\r\nb\r\n");
        }
    }
}
