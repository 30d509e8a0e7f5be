//! The server's side of Cognito's SRP, on another big-number crate than ours and from another starting point: even
//! the prime is computed from π, as RFC 3526 defines it, rather than copied.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use num_bigint::{BigInt, BigUint};
use sha2::{Digest, Sha256};

/// 2^3072 - 2^3008 - 1 + 2^64 · (⌊2^2942 · π⌋ + 1690314)
static N: LazyLock<BigUint> = LazyLock::new(|| {
    let one = BigInt::from(1);
    // Machin: π = 16·arctan(1/5) - 4·arctan(1/239), with bits to spare.
    let spare = 64;
    let scale: BigInt = &one << (2942 + spare);
    let pi: BigInt = (arctan(5, &scale) * 16 - arctan(239, &scale) * 4) >> spare;
    let n: BigInt = (&one << 3072) - (&one << 3008) - &one + ((pi + 1_690_314) << 64);
    n.to_biguint().expect("positive")
});

/// arctan(1/x) times `scale`.
fn arctan(x: u32, scale: &BigInt) -> BigInt {
    let square = BigInt::from(x) * x;
    let mut power: BigInt = scale / x;
    let (mut sum, mut divisor, mut sign) = (BigInt::from(0), 1, 1);
    while power != BigInt::from(0) {
        sum += &power / divisor * sign;
        power /= &square;
        divisor += 2;
        sign = -sign;
    }
    sum
}

/// What makes padding go wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Shape {
    #[default]
    Any,
    /// The first byte's highest bit is set: PAD puts a zero in front.
    TopBit,
    /// An odd number of hex digits.
    OddLength,
    /// The first byte would be zero: the number is a byte shorter than usual.
    Short,
    /// Zeros in front on the wire, which do not count.
    LeadingZeros,
}

impl Shape {
    pub(crate) const ALL: [Self; 5] = [Self::Any, Self::TopBit, Self::OddLength, Self::Short, Self::LeadingZeros];

    /// `bits`: a full-size number's.
    fn fits(self, number: &BigUint, bits: u64) -> bool {
        match self {
            Self::Any | Self::LeadingZeros => true,
            Self::TopBit => number.bits() == bits,
            Self::OddLength => number.to_str_radix(16).len() % 2 == 1,
            Self::Short => number.bits() <= bits - 8,
        }
    }

    pub(crate) fn hex(self, number: &BigUint) -> String {
        let hex = number.to_str_radix(16);
        if self == Self::LeadingZeros { format!("000{hex}") } else { hex }
    }
}

/// `BigInteger.toByteArray()`.
fn java(number: &BigUint) -> Vec<u8> {
    BigInt::from(number.clone()).to_signed_bytes_be()
}

fn hash(parts: &[&[u8]]) -> BigUint {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    BigUint::from_bytes_be(&hash.finalize())
}

pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn random<const BYTES: usize>() -> BigUint {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    BigUint::from_bytes_be(&bytes)
}

/// What a server keeps instead of a password.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    pub(crate) salt: BigUint,
    v: BigUint,
}

impl Verifier {
    pub(crate) fn of_password(scope: &str, id: &str, password: &str, shape: Shape) -> Self {
        let salt = std::iter::repeat_with(random::<16>).find(|salt| shape.fits(salt, 128)).expect("sooner or later");
        let identity = Sha256::digest(format!("{scope}{id}:{password}"));
        let x = hash(&[&java(&salt), &identity]);
        Self { salt, v: BigUint::from(2_u8).modpow(&x, &N) }
    }

    /// As ConfirmDevice hands it over: both numbers as Java writes them.
    pub(crate) fn of_device(salt: &[u8], verifier: &[u8]) -> Result<Self, String> {
        let (salt_number, v) = (BigUint::from_bytes_be(salt), BigUint::from_bytes_be(verifier));
        if java(&salt_number) != salt || java(&v) != verifier {
            return Err("Invalid device verifier: not padded".into());
        }
        Ok(Self { salt: salt_number, v })
    }
}

/// One exchange on the server.
pub(crate) struct Exchange {
    a: BigUint,
    b: BigUint,
    pub(crate) b_public: BigUint,
    v: BigUint,
}

impl Exchange {
    /// # Errors
    /// A that no client may send.
    pub(crate) fn begin(a: &str, verifier: &Verifier, shape: Shape) -> Result<Self, String> {
        let a = BigUint::parse_bytes(a.as_bytes(), 16).ok_or("SRP_A must be a hexadecimal value.")?;
        if &a % &*N == BigUint::ZERO {
            return Err("SRP_A must not be zero.".into());
        }
        let masked = multiplier() * &verifier.v % &*N;
        let mut b = random::<32>();
        let mut power = BigUint::from(2_u8).modpow(&b, &N);
        loop {
            let b_public = (&masked + &power) % &*N;
            if shape.fits(&b_public, 3072) {
                return Ok(Self { a, b, b_public, v: verifier.v.clone() });
            }
            b += 1_u8;
            power = (power << 1) % &*N;
        }
    }

    /// Is this the signature that only the password gives?
    pub(crate) fn accepts(&self, signature: &[u8], message: &[&[u8]]) -> bool {
        let u = hash(&[&java(&self.a), &java(&self.b_public)]);
        let s = (&self.a * self.v.modpow(&u, &N)).modpow(&self.b, &N);
        let key = mac(&mac(&java(&u), &[&java(&s)]), &[b"Caldera Derived Key", &[1]]);
        mac(&key[..16], message) == signature
    }
}

fn multiplier() -> BigUint {
    hash(&[&java(&N), &[2]])
}

#[test]
fn the_group_and_k_are_cognito_s() {
    let k = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6";
    assert_eq!(multiplier().to_str_radix(16), k, "one wrong bit in N or its padding would change this hash");
}
