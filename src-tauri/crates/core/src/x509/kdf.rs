//! Keys from passwords: PBKDF2 (RFC 8018) and the older way of PKCS#12 (RFC 7292 appendix B).

use std::num::NonZeroU32;

use ring::{digest, hmac, pbkdf2};
use x509_parser::asn1_rs::{Oid, Tag, oid};
use zeroize::Zeroizing;

use super::asn1::Reader;
use super::refusal::{damaged, invalid, unreadable};
use crate::Failure;

const PBKDF2: Oid<'static> = oid!(1.2.840.113549.1.5.12);
const SCRYPT: Oid<'static> = oid!(1.3.6.1.4.1.11591.4.11);
const HMAC_SHA1: Oid<'static> = oid!(1.2.840.113549.2.7);
const HMAC_SHA256: Oid<'static> = oid!(1.2.840.113549.2.9);
const HMAC_SHA384: Oid<'static> = oid!(1.2.840.113549.2.10);
const HMAC_SHA512: Oid<'static> = oid!(1.2.840.113549.2.11);

/// Iterations that one file may cost in all. Today's tools use up to 600,000, three times a file.
const ITERATIONS: u32 = 10_000_000;

/// A password, and the effort that it may still cost.
pub(super) struct Password<'a> {
    text: &'a str,
    /// Big-endian UTF-16 as PKCS#12 has it.
    utf16: Zeroizing<Vec<u8>>,
    iterations: u32,
}

/// What a key is derived for: the `ID` of RFC 7292 appendix B.3.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Encryption = 1,
    Vector = 2,
    Mac = 3,
}

impl<'a> Password<'a> {
    /// The ways to write it: an empty one with or without its two closing zeros, as tools differ.
    pub(super) fn forms(text: &'a str) -> Vec<Self> {
        let mut utf16 = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        text.encode_utf16().for_each(|unit| utf16.extend_from_slice(&unit.to_be_bytes()));
        utf16.extend_from_slice(&[0, 0]);
        let mut forms = vec![Self { text, utf16, iterations: ITERATIONS }];
        if text.is_empty() {
            forms.push(Self { text, utf16: Zeroizing::default(), iterations: ITERATIONS });
        }
        forms
    }

    /// A key of `length` bytes; `algorithm` are the fields of an `AlgorithmIdentifier` for PBKDF2.
    pub(super) fn pbkdf2(&mut self, mut algorithm: Reader<'_>, length: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let name = algorithm.oid()?;
        if name == SCRYPT {
            return Err(unreadable("scrypt"));
        } else if name != PBKDF2 {
            return Err(unreadable(&name.to_id_string()));
        }
        let mut parameters = algorithm.sequence()?;
        let salt = parameters.octets()?;
        let iterations = self.spend(parameters.number()?)?;
        if parameters.peek() == Some(Tag::Integer) && usize::try_from(parameters.number()?) != Ok(length) {
            return Err(damaged());
        }
        let prf = if parameters.is_empty() { HMAC_SHA1 } else { parameters.sequence()?.oid()? };
        let (function, _) = hmac_of(&prf)?;
        let mut key = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(function, iterations, &salt, self.text.as_bytes(), &mut key);
        Ok(key)
    }

    /// A key of `length` bytes by RFC 7292 appendix B.2, whose letters these are in words: `v` block, `I` input,
    /// `A` hash.
    pub(super) fn pkcs12(
        &mut self,
        algorithm: &'static digest::Algorithm,
        purpose: Purpose,
        salt: &[u8],
        iterations: u32,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let iterations = self.spend(iterations)?;
        let block = algorithm.block_len();
        let diversifier = vec![purpose as u8; block];
        let filled = |bytes: &[u8]| block * bytes.len().div_ceil(block);
        let mut input = Zeroizing::new(Vec::with_capacity(filled(salt) + filled(&self.utf16)));
        input.extend(salt.iter().cycle().take(filled(salt)));
        input.extend(self.utf16.iter().cycle().take(filled(&self.utf16)));
        let mut key = Zeroizing::new(Vec::with_capacity(length));
        while key.len() < length {
            let mut first = digest::Context::new(algorithm);
            first.update(&diversifier);
            first.update(&input);
            let mut hash = first.finish();
            for _ in 1..iterations.get() {
                hash = digest::digest(algorithm, hash.as_ref());
            }
            let missing = length - key.len();
            key.extend(hash.as_ref().iter().take(missing));
            let addend: Vec<u8> = hash.as_ref().iter().copied().cycle().take(block).collect();
            input.chunks_exact_mut(block).for_each(|chunk| add_one_more(chunk, &addend));
        }
        Ok(key)
    }

    /// Takes the iterations from those the file may still cost.
    fn spend(&mut self, iterations: u32) -> Result<NonZeroU32, Failure> {
        let spent = NonZeroU32::new(iterations).zip(self.iterations.checked_sub(iterations));
        let (iterations, left) = spent.ok_or_else(|| {
            invalid("its protection asks for an absurd amount of work", "保護の計算量の指定が異常です")
        })?;
        self.iterations = left;
        Ok(iterations)
    }
}

/// `chunk + addend + 1`, big-endian, without what overflows.
fn add_one_more(chunk: &mut [u8], addend: &[u8]) {
    let mut carry = 1;
    for (byte, added) in chunk.iter_mut().zip(addend).rev() {
        let sum = u16::from(*byte) + u16::from(*added) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
}

pub(super) fn hmac_of(name: &Oid<'_>) -> Result<(pbkdf2::Algorithm, hmac::Algorithm), Failure> {
    if *name == HMAC_SHA1 {
        Ok((pbkdf2::PBKDF2_HMAC_SHA1, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY))
    } else if *name == HMAC_SHA256 {
        Ok((pbkdf2::PBKDF2_HMAC_SHA256, hmac::HMAC_SHA256))
    } else if *name == HMAC_SHA384 {
        Ok((pbkdf2::PBKDF2_HMAC_SHA384, hmac::HMAC_SHA384))
    } else if *name == HMAC_SHA512 {
        Ok((pbkdf2::PBKDF2_HMAC_SHA512, hmac::HMAC_SHA512))
    } else {
        Err(unreadable(&name.to_id_string()))
    }
}
