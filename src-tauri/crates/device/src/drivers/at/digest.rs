//! Digests that modems compute of what they hold.

use fieldkey_core::x509::{KeyForm, private_key_as};
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use super::recipe::Digest;
use crate::layout::Part;

impl Digest {
    /// Is `said` a digest of this? Hex, in either case.
    pub(super) fn fits(self, part: Part, payload: &[u8], said: &str) -> bool {
        match self {
            Self::Xor16 => u16::from_str_radix(said, 16).is_ok_and(|said| said == xor16(payload)),
            Self::Md5OfDer => ders(part, payload).iter().any(|der| said.eq_ignore_ascii_case(&md5(der))),
        }
    }

    /// As `md5:…`, for those who compare.
    pub(super) fn named(self, said: &str) -> String {
        let name = match self {
            Self::Md5OfDer => "md5",
            Self::Xor16 => "xor16",
        };
        format!("{name}:{}", said.to_ascii_lowercase())
    }
}

/// A single last byte counts as if 0 stood behind it.
fn xor16(bytes: &[u8]) -> u16 {
    let pair = |pair: &[u8]| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or_default()]);
    bytes.chunks(2).fold(0, |sum, bytes| sum ^ pair(bytes))
}

fn md5(der: &[u8]) -> String {
    hex::encode(Md5::digest(der))
}

/// What the modem may have made of it. A key's digest in either form proves the same key.
fn ders(part: Part, payload: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut ders: Vec<_> = match pem::parse_many(payload) {
        Ok(blocks) if !blocks.is_empty() => {
            blocks.into_iter().take(1).map(|block| Zeroizing::new(block.into_contents())).collect()
        }
        _ => vec![Zeroizing::new(payload.to_vec())],
    };
    if part == Part::PrivateKey {
        let forms = [KeyForm::Pkcs8, KeyForm::Pkcs1];
        ders.extend(forms.into_iter().filter_map(|form| Some(private_key_as(payload, None, form).ok()?.der)));
    }
    ders
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// One of the system's public roots.
    fn root(name: &str) -> Option<Vec<u8>> {
        let path = format!("/etc/ssl/certs/{name}.pem");
        let text = fs::read(&path);
        if text.is_err() {
            eprintln!("SKIPPED: {path} is not on this machine (Debian's ca-certificates has it)");
        }
        text.ok()
    }

    #[test]
    fn a_quectel_module_s_checksum_of_a_known_root() {
        let Some(text) = root("ISRG_Root_X1") else { return };
        assert_eq!((text.len(), xor16(&text)), (1939, 0x4f64), "an EG800K answered `+QFUPL: 1939,4f64`");
        assert!(Digest::Xor16.fits(Part::Ca, &text, "4F64"));
        assert!(!Digest::Xor16.fits(Part::Ca, &text[1..], "4f64"));
    }

    #[test]
    fn a_u_blox_module_s_digest_of_a_known_root() {
        let Some(text) = root("Baltimore_CyberTrust_Root") else { return };
        assert_eq!(text.len(), 1261);
        let said = "ACB694A59C17E0D791529BB19706A6E4";
        assert!(Digest::Md5OfDer.fits(Part::Ca, &text, said), "a NINA-W15 answered this, in capitals");
        let dos = String::from_utf8_lossy(&text).replace('\n', "\r\n");
        assert!(Digest::Md5OfDer.fits(Part::Ca, dos.as_bytes(), said), "it is of the DER, not of the text");
        assert!(!Digest::Md5OfDer.fits(Part::Ca, &text, &md5(&text)), "the text's own digest is another one");
    }

    #[test]
    fn a_single_last_byte_is_the_higher_one() {
        assert_eq!(xor16(&[0x12]), 0x1200);
        assert_eq!(xor16(&[0x12, 0x34, 0x56]), 0x4434);
        assert_eq!(xor16(&[]), 0);
    }
}
