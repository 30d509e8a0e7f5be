//! ASN.1 values: read as BER, of which DER is a part, and written as DER.
//!
//! PKCS#12 files are BER (RFC 7292 section 4): those of NSS, thus of Firefox, and of Bouncy Castle have
//! indefinite lengths and octet strings in pieces.

use x509_parser::asn1_rs::{Any, FromBer, Oid, Tag};
use zeroize::Zeroizing;

use super::refusal::damaged;
use crate::Failure;

/// How deep octet strings may lie in pieces inside each other.
const PIECES_DEPTH: usize = 4;

/// What is inside a value that is made of others.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next value, and its bytes with the header.
    pub(super) fn value(&mut self) -> Result<(Any<'a>, &'a [u8]), Failure> {
        let (rest, value) = Any::from_ber(self.0).map_err(|_| damaged())?;
        let whole = self.0.get(..self.0.len() - rest.len()).ok_or_else(damaged)?;
        self.0 = rest;
        Ok((value, whole))
    }

    /// The tag of the next value, if one is left.
    pub(super) fn peek(mut self) -> Option<Tag> {
        let (value, _) = self.value().ok()?;
        value.header.is_universal().then(|| value.tag())
    }

    pub(super) fn sequence(&mut self) -> Result<Self, Failure> {
        Ok(Self(self.universal(Tag::Sequence)?.data))
    }

    pub(super) fn set(&mut self) -> Result<Self, Failure> {
        Ok(Self(self.universal(Tag::Set)?.data))
    }

    pub(super) fn oid(&mut self) -> Result<Oid<'a>, Failure> {
        self.universal(Tag::Oid)?.oid().map_err(|_| damaged())
    }

    /// The big-endian bytes of an integer that is not negative, without leading zeros.
    pub(super) fn integer(&mut self) -> Result<&'a [u8], Failure> {
        let bytes = self.universal(Tag::Integer)?.data;
        match bytes.first() {
            Some(first) if first & 0x80 == 0 => Ok(without_zeros(bytes)),
            _ => Err(damaged()),
        }
    }

    pub(super) fn number(&mut self) -> Result<u32, Failure> {
        let bytes = self.integer()?;
        if bytes.len() > 4 {
            return Err(damaged());
        }
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    pub(super) fn octets(&mut self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        octets(&self.universal(Tag::OctetString)?)
    }

    /// The value tagged `[number]`, if it comes next: its contents, and itself for an implicit tag.
    pub(super) fn tagged(&mut self, number: u32) -> Option<(Self, Any<'a>)> {
        let mut ahead = *self;
        let (value, _) = ahead.value().ok()?;
        if !value.header.is_contextspecific() || value.tag().0 != number {
            return None;
        }
        *self = ahead;
        Some((Self(value.data), value))
    }

    fn universal(&mut self, tag: Tag) -> Result<Any<'a>, Failure> {
        let (value, _) = self.value()?;
        let right = value.header.is_universal() && value.tag() == tag;
        if right { Ok(value) } else { Err(damaged()) }
    }
}

pub(super) fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// The contents of an octet string, in one piece.
pub(super) fn octets(value: &Any<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Without growing: a buffer left behind would not be wiped.
    let mut joined = Zeroizing::new(Vec::with_capacity(value.data.len()));
    join(value, &mut joined, PIECES_DEPTH)?;
    Ok(joined)
}

fn join(value: &Any<'_>, joined: &mut Vec<u8>, depth: usize) -> Result<(), Failure> {
    if !value.header.is_constructed() {
        joined.extend_from_slice(value.data);
        return Ok(());
    }
    let mut pieces = Reader(value.data);
    while !pieces.is_empty() {
        let piece = pieces.universal(Tag::OctetString)?;
        join(&piece, joined, depth.checked_sub(1).ok_or_else(damaged)?)?;
    }
    Ok(())
}

/// A value as DER: `tag` is its first byte, `parts` are its contents one after the other.
pub(super) fn der(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let bytes = length.to_be_bytes();
    let bytes = without_zeros(&bytes);
    let mut value = Zeroizing::new(Vec::with_capacity(2 + bytes.len() + length));
    value.push(tag);
    if length < 0x80 {
        value.push(length.to_le_bytes()[0]);
    } else {
        value.push(0x80 | bytes.len().to_le_bytes()[0]);
        value.extend_from_slice(bytes);
    }
    parts.iter().for_each(|part| value.extend_from_slice(part));
    value
}
