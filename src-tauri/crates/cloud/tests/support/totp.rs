//! RFC 6238, as authenticator apps compute it.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use time::OffsetDateTime;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn step() -> u64 {
    u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).expect("after 1970") / 30
}

/// The six digits for a Base32 secret at a step of 30 seconds.
pub(crate) fn code(secret: &str, step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&decode(secret)).expect("any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 0xf);
    let word: [u8; 4] = hash[at..at + 4].try_into().expect("four bytes");
    format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// `bytes` are a multiple of five, so that no padding is needed.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let group = |five: &[u8]| {
        let word = five.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| char::from(ALPHABET[(word >> (place * 5) & 31) as usize]))
    };
    bytes.chunks(5).flat_map(group).collect()
}

fn decode(text: &str) -> Vec<u8> {
    let value = |byte: &u8| ALPHABET.iter().position(|other| other == byte).expect("Base32") as u64;
    let group = |eight: &[u8]| {
        let word = eight.iter().fold(0, |word, byte| word << 5 | value(byte));
        word.to_be_bytes()[3..].to_vec()
    };
    text.as_bytes().chunks(8).flat_map(group).collect()
}

#[test]
fn the_codes_are_those_of_rfc_6238() {
    let secret = encode(b"12345678901234567890");
    assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for (time, digits) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        assert_eq!(code(&secret, time / 30), digits, "appendix B, {time} s, its last six digits");
    }
}
