//! Cognito's variant of SRP-6a, which no maintained crate gets right.
//!
//! Group: the 3072-bit prime of RFC 3526 with g = 2. Hashes are over numbers padded as Java's
//! `BigInteger.toByteArray()` pads them, not over fixed widths; the session key goes through an HKDF with
//! the label `Caldera Derived Key`. <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html>

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U3072};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const N_HEX: &str = concat!(
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd",
    "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed",
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f",
    "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b",
    "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510",
    "15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7",
    "abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c",
    "bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff"
);
const N: U3072 = U3072::from_be_hex(N_HEX);
const G: U3072 = U3072::from_u8(2);
const PARAMS: FixedMontyParams<{ U3072::LIMBS }> = FixedMontyParams::new_vartime(Odd::from_be_hex(N_HEX));

/// Bits of a + u·x: a has 1024, u and x 256 each.
const EXPONENT_BITS: u32 = 1025;

/// The server's numbers would give the password away, or are no numbers. Nothing may be sent.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct UnsafeNumbers;

/// One sign-in's secret number a, and A = g^a mod N.
pub(crate) struct Srp {
    a: Zeroizing<U3072>,
    public: U3072,
}

/// The key that proves knowledge of the password.
pub(crate) type Key = Zeroizing<[u8; 16]>;

impl Srp {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut a = Zeroizing::new([0; 128]);
        getrandom::fill(a.as_mut())?;
        Ok(Self::from_secret(&a))
    }

    pub(crate) fn from_secret(a: &[u8; 128]) -> Self {
        let mut wide = Zeroizing::new([0; U3072::BYTES]);
        wide[U3072::BYTES - a.len()..].copy_from_slice(a);
        let a = Zeroizing::new(U3072::from_be_slice(wide.as_ref()));
        let public = power(&G, &a, 1024);
        Self { a, public }
    }

    /// SRP_A: lower-case hex without leading zeros.
    pub(crate) fn public_hex(&self) -> String {
        hex::encode(self.public.to_be_bytes()).trim_start_matches('0').to_owned()
    }

    /// The session key, from the identity's hash and the server's salt and B in hex of any length.
    pub(crate) fn key(&self, identity: &Identity, salt: &str, b: &str) -> Result<Key, UnsafeNumbers> {
        let b = number(b)?;
        if b.rem_vartime(&modulus()).is_zero().into() {
            return Err(UnsafeNumbers);
        }
        let u = Sha256::digest([pad(&self.public.to_be_bytes()), pad(&b.to_be_bytes())].concat());
        self.key_with(identity, salt, &b, &u.into())
    }

    fn key_with(&self, identity: &Identity, salt: &str, b: &U3072, u: &[u8; 32]) -> Result<Key, UnsafeNumbers> {
        if u.iter().all(|byte| *byte == 0) {
            return Err(UnsafeNumbers);
        }
        let x = identity.x(&number_bytes(salt)?);
        let multiplier = U3072::from_be_slice(&widen(&multiplier()));
        let product = |one: &U3072, other: &U3072| {
            FixedMontyForm::new(one, &PARAMS).mul(&FixedMontyForm::new(other, &PARAMS)).retrieve()
        };
        let verifier = Zeroizing::new(power(&G, &x, 256));
        let masked = Zeroizing::new(product(&multiplier, &verifier));
        let base = FixedMontyForm::new(&b.rem_vartime(&modulus()), &PARAMS).sub(&FixedMontyForm::new(&masked, &PARAMS));
        let exponent = Zeroizing::new(self.a.wrapping_add(&U3072::from_be_slice(&widen(u)).wrapping_mul(&x)));
        let shared = Zeroizing::new(base.pow_bounded_exp(&exponent, EXPONENT_BITS).retrieve());

        let pseudo_random_key = Zeroizing::new(mac(&pad(u), &[&Zeroizing::new(pad(&shared.to_be_bytes()))]));
        let derived = Zeroizing::new(mac(pseudo_random_key.as_ref(), &[b"Caldera Derived Key\x01"]));
        let mut key = Key::default();
        key.copy_from_slice(&derived[..16]);
        Ok(key)
    }
}

/// SHA-256 of who signs in and with what: the part of x that does not depend on the salt.
pub(crate) struct Identity(Zeroizing<[u8; 32]>);

impl Identity {
    /// `scope` is the pool's name for a person, the device group's key for a device.
    pub(crate) fn new(scope: &str, id: &str, password: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [scope, id, ":", password] {
            hash.update(part);
        }
        Self(Zeroizing::new(hash.finalize().into()))
    }

    /// x = SHA-256(PAD(salt) ‖ identity).
    fn x(&self, salt: &[u8]) -> Zeroizing<U3072> {
        let x: Zeroizing<[u8; 32]> =
            Zeroizing::new(Sha256::new().chain_update(pad(salt)).chain_update(self.0.as_ref()).finalize().into());
        Zeroizing::new(U3072::from_be_slice(&widen(&x)))
    }

    /// What a server keeps to check this identity: PAD(g^x mod N), with a fresh salt.
    pub(crate) fn verifier(&self, salt: &[u8]) -> Vec<u8> {
        pad(&power(&G, &self.x(salt), 256).to_be_bytes())
    }
}

/// HMAC-SHA256 over the parts in order.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// PAD: the shortest big-endian bytes of a positive number, with a zero in front if the top bit is set.
pub(crate) fn pad(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    match &bytes[start..] {
        [] => vec![0],
        rest @ [first, ..] if first & 0x80 == 0 => rest.to_vec(),
        rest => [&[0], rest].concat(),
    }
}

fn power(base: &U3072, exponent: &U3072, bits: u32) -> U3072 {
    FixedMontyForm::new(base, &PARAMS).pow_bounded_exp(exponent, bits).retrieve()
}

fn modulus() -> crypto_bigint::NonZero<U3072> {
    PARAMS.modulus().as_nz_ref().to_owned()
}

/// k = SHA-256(PAD(N) ‖ PAD(g)).
fn multiplier() -> [u8; 32] {
    Sha256::digest([pad(&N.to_be_bytes()), pad(&[2])].concat()).into()
}

fn widen(bytes: &[u8; 32]) -> [u8; U3072::BYTES] {
    let mut wide = [0; U3072::BYTES];
    wide[U3072::BYTES - 32..].copy_from_slice(bytes);
    wide
}

fn number(text: &str) -> Result<U3072, UnsafeNumbers> {
    let bytes = number_bytes(text.trim_start_matches('0'))?;
    let start = U3072::BYTES.checked_sub(bytes.len()).ok_or(UnsafeNumbers)?;
    let mut wide = [0; U3072::BYTES];
    wide[start..].copy_from_slice(&bytes);
    Ok(U3072::from_be_slice(&wide))
}

/// Hex of any length, odd ones too.
fn number_bytes(text: &str) -> Result<Vec<u8>, UnsafeNumbers> {
    let even = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("0{text}") };
    hex::decode(even).map_err(|_| UnsafeNumbers)
}

#[cfg(test)]
#[path = "srp_tests.rs"]
mod tests;
