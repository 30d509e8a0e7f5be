//! Decryption with a password: PBES2 (RFC 8018), and the older schemes of PKCS#12 (RFC 7292 appendix C),
//! which Keychain Access, Windows and OpenSSL 1 still write.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use ring::digest::SHA1_FOR_LEGACY_USE_ONLY as SHA1;
use x509_parser::asn1_rs::{Oid, oid};
use zeroize::Zeroizing;

use super::asn1::Reader;
use super::kdf::{Password, Purpose};
use super::refusal::{damaged, unreadable, wrong_password};
use crate::Failure;

const PBES2: Oid<'static> = oid!(1.2.840.113549.1.5.13);
const AES_128_CBC: Oid<'static> = oid!(2.16.840.1.101.3.4.1.2);
const AES_192_CBC: Oid<'static> = oid!(2.16.840.1.101.3.4.1.22);
const AES_256_CBC: Oid<'static> = oid!(2.16.840.1.101.3.4.1.42);
const DES_EDE3_CBC: Oid<'static> = oid!(1.2.840.113549.3.7);

const SHA1_TDES_3_KEYS: Oid<'static> = oid!(1.2.840.113549.1.12.1.3);
const SHA1_TDES_2_KEYS: Oid<'static> = oid!(1.2.840.113549.1.12.1.4);
const SHA1_RC2_128: Oid<'static> = oid!(1.2.840.113549.1.12.1.5);
const SHA1_RC2_40: Oid<'static> = oid!(1.2.840.113549.1.12.1.6);
/// The initialization vector of the ciphers above.
const VECTOR: usize = 8;

/// Decrypts `data` with a key and an initialization vector.
type Cipher = fn(&[u8], &[u8], &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure>;

/// Decrypts `data`; `algorithm` is a whole `AlgorithmIdentifier`.
///
/// # Errors
/// `p12-password` if it does not decrypt, `certificate-invalid` for an algorithm that is not read.
pub(super) fn decrypt(
    algorithm: &[u8],
    data: &[u8],
    password: &mut Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut fields = Reader::new(algorithm).sequence()?;
    let scheme = fields.oid()?;
    if scheme == PBES2 {
        let mut parameters = fields.sequence()?;
        let derivation = parameters.sequence()?;
        let mut encryption = parameters.sequence()?;
        let (cipher, length) = pbes2_cipher(&encryption.oid()?)?;
        let key = password.pbkdf2(derivation, length)?;
        return cipher(&key, &encryption.octets()?, data);
    }
    let (cipher, length) = pkcs12_cipher(&scheme)?;
    let mut parameters = fields.sequence()?;
    let salt = parameters.octets()?;
    let iterations = parameters.number()?;
    let key = password.pkcs12(&SHA1, Purpose::Encryption, &salt, iterations, length)?;
    let vector = password.pkcs12(&SHA1, Purpose::Vector, &salt, iterations, VECTOR)?;
    cipher(&key, &vector, data)
}

fn pbes2_cipher(name: &Oid<'_>) -> Result<(Cipher, usize), Failure> {
    let ciphers: [(Oid<'_>, Cipher, usize); 4] = [
        (AES_128_CBC, cbc::<Aes128>, 16),
        (AES_192_CBC, cbc::<Aes192>, 24),
        (AES_256_CBC, cbc::<Aes256>, 32),
        (DES_EDE3_CBC, cbc::<TdesEde3>, 24),
    ];
    named(name, ciphers)
}

fn pkcs12_cipher(name: &Oid<'_>) -> Result<(Cipher, usize), Failure> {
    let ciphers: [(Oid<'_>, Cipher, usize); 4] = [
        (SHA1_TDES_3_KEYS, cbc::<TdesEde3>, 24),
        (SHA1_TDES_2_KEYS, cbc::<TdesEde2>, 16),
        (SHA1_RC2_128, cbc::<Rc2>, 16),
        (SHA1_RC2_40, cbc::<Rc2>, 5),
    ];
    named(name, ciphers)
}

fn named(name: &Oid<'_>, ciphers: [(Oid<'_>, Cipher, usize); 4]) -> Result<(Cipher, usize), Failure> {
    let cipher = ciphers.into_iter().find(|(known, ..)| known == name);
    cipher.map(|(_, cipher, length)| (cipher, length)).ok_or_else(|| unreadable(&name.to_id_string()))
}

fn cbc<C: KeyInit + BlockCipherDecrypt>(key: &[u8], vector: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let cipher = Decryptor::<C>::new_from_slices(key, vector).map_err(|_| damaged())?;
    let plain = cipher.decrypt_padded_vec::<Pkcs7>(data).map_err(|_| wrong_password())?;
    Ok(Zeroizing::new(plain))
}
