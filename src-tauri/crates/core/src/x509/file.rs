//! What a file of certificates and keys holds, told apart by its content.

use secrecy::{ExposeSecret, SecretString};
use x509_parser::asn1_rs::{Any, FromBer, Oid, Tag, oid};
use x509_parser::nom;
use zeroize::Zeroizing;

use super::asn1::Reader;
use super::kdf::Password;
use super::private_key::{self, PrivateKey};
use super::refusal::{invalid, wrong_password};
use super::{certificate, p12};
use crate::{Code, Failure, Why};

/// The largest file that is read.
const LIMIT: usize = 1 << 20;
/// The most private keys in one file: each may cost the work of its own password.
const KEYS: usize = 8;

const PKCS7_SIGNED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.2);
const JAVA_KEY_STORE: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];

/// A certificate (DER) or key, and the ID that pairs it with its other half in PKCS#12.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) local_key_id: Option<Vec<u8>>,
}

impl<T> Found<T> {
    fn alone(value: T) -> Self {
        Self { value, local_key_id: None }
    }
}

#[derive(Default)]
pub(super) struct Contents {
    pub(super) certificates: Vec<Found<Vec<u8>>>,
    pub(super) keys: Vec<Found<PrivateKey>>,
    /// In PEM, the certificate that is meant comes first.
    pub(super) first_is_meant: bool,
    /// Something in it was protected by a password. Each such item may be slow to try: one is enough.
    pub(super) protected: bool,
}

/// # Errors
/// `certificate-invalid`, `p12-password`.
pub(super) fn open(file: &[u8], password: Option<&SecretString>) -> Result<Contents, Failure> {
    if file.len() > LIMIT {
        return Err(invalid("it is larger than 1 MiB", "1 MiB を超えています"));
    }
    let text = from_utf16(file);
    let file = text.as_ref().map_or(file, |text| text.as_bytes());
    let mut contents = Contents::default();
    if file.windows(11).any(|window| window == b"-----BEGIN ") {
        contents.first_is_meant = true;
        read_pem(file, password, &mut contents)?;
    } else {
        read_der(file, password, &mut contents)?;
    }
    if contents.keys.len() > KEYS { Err(too_many_keys()) } else { Ok(contents) }
}

/// PowerShell writes UTF-16 when a tool's output is redirected.
fn from_utf16(file: &[u8]) -> Option<Zeroizing<String>> {
    let (mark, units) = file.split_at_checked(2)?;
    let pairs = units.chunks_exact(2);
    let units: Zeroizing<Vec<u16>> = match mark {
        [0xff, 0xfe] => Zeroizing::new(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()),
        [0xfe, 0xff] => Zeroizing::new(pairs.map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()),
        _ => return None,
    };
    String::from_utf16(&units).ok().map(Zeroizing::new)
}

fn read_pem(file: &[u8], password: Option<&SecretString>, contents: &mut Contents) -> Result<(), Failure> {
    let blocks = pem::parse_many(file).map_err(|_| invalid("its PEM is damaged", "PEM の内容が壊れています"))?;
    let mut other = None;
    for block in blocks {
        let label = block.tag().to_owned();
        let old_encryption = block.headers().get("Proc-Type").is_some_and(|value| value.contains("ENCRYPTED"));
        let der = Zeroizing::new(block.into_contents());
        match label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => push_certificate(&der, contents)?,
            _ if old_encryption => {
                return Err(invalid(
                    "the private key is encrypted in OpenSSL's old way; convert it with `openssl pkcs8 -topk8`",
                    "秘密鍵が OpenSSL の古い方式で暗号化されています。`openssl pkcs8 -topk8` で変換してください",
                ));
            }
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => {
                push_key(&der, password, contents)?;
            }
            "PKCS12" if contents.protected => return Err(too_much_work()),
            "PKCS12" => {
                contents.protected = true;
                let inner = p12::open(&der, password)?;
                contents.certificates.extend(inner.certificates);
                contents.keys.extend(inner.keys);
                contents.first_is_meant = false;
            }
            _ => other = Some(label),
        }
    }
    match other {
        _ if !contents.certificates.is_empty() || !contents.keys.is_empty() => Ok(()),
        Some(label) if label.contains("REQUEST") => Err(invalid(
            "it is a certificate signing request; give the certificate that was made of it",
            "これは CSR (証明書署名要求) です。発行された証明書を指定してください",
        )),
        Some(label) if label.contains("PKCS7") => Err(pkcs7()),
        _ => Err(invalid(
            "its PEM holds neither a certificate nor a private key",
            "PEM に証明書も秘密鍵も含まれていません",
        )),
    }
}

fn read_der(file: &[u8], password: Option<&SecretString>, contents: &mut Contents) -> Result<(), Failure> {
    match Any::from_ber(file) {
        Ok((_, value)) if value.tag() == Tag::Sequence && value.header.is_universal() => {}
        Err(nom::Err::Incomplete(_)) if file.first() == Some(&0x30) => {
            return Err(invalid("the file is cut short", "ファイルが途中で切れています"));
        }
        _ if file.starts_with(&JAVA_KEY_STORE) => {
            return Err(invalid(
                "it is a Java key store; export it as PKCS#12 with `keytool -importkeystore`",
                "これは Java キーストアです。`keytool -importkeystore` で PKCS#12 に書き出してください",
            ));
        }
        _ => return Err(invalid("it is neither PEM nor DER nor PKCS#12", "PEM、DER、PKCS#12 のいずれでもありません")),
    }
    let mut fields = Reader::new(file).sequence()?;
    match fields.peek() {
        Some(Tag::Integer) if fields.number()? == 3 => *contents = p12::open(file, password)?,
        Some(Tag::Integer) => push_key(file, password, contents)?,
        Some(Tag::Oid) if fields.oid()? == PKCS7_SIGNED_DATA => return Err(pkcs7()),
        _ if private_key::is_encrypted(file) => push_key(file, password, contents)?,
        _ => push_certificate(file, contents)?,
    }
    Ok(())
}

fn push_certificate(der: &[u8], contents: &mut Contents) -> Result<(), Failure> {
    let (_, whole) = Reader::new(der).value()?;
    certificate::parse(whole)?;
    contents.certificates.push(Found::alone(whole.to_vec()));
    Ok(())
}

fn push_key(der: &[u8], password: Option<&SecretString>, contents: &mut Contents) -> Result<(), Failure> {
    if contents.keys.len() >= KEYS {
        return Err(too_many_keys());
    }
    let key = match private_key::is_encrypted(der) {
        true if contents.protected => return Err(too_much_work()),
        true => {
            contents.protected = true;
            decrypted(der, password)?
        }
        false => PrivateKey::from_der(der)?,
    };
    contents.keys.push(Found::alone(key));
    Ok(())
}

fn decrypted(der: &[u8], password: Option<&SecretString>) -> Result<PrivateKey, Failure> {
    let text = password.map(ExposeSecret::expose_secret).unwrap_or_default();
    let mut outcome = Err(wrong_password());
    for mut form in Password::forms(text) {
        let plain = private_key::decrypted(der, &mut form);
        // A wrong password now and then decrypts to something: no key then.
        outcome = plain.and_then(|plain| PrivateKey::from_der(&plain).map_err(|_| wrong_password()));
        if outcome.is_ok() {
            break;
        }
    }
    outcome.map_err(|failure: Failure| match failure.code {
        Code::P12Password => failure.because_of(Why::new("the private key is encrypted", "秘密鍵が暗号化されています")),
        _ => failure,
    })
}

fn too_much_work() -> Failure {
    invalid("more than one thing in it is protected with a password", "パスワードで保護された項目が複数含まれています")
}

fn too_many_keys() -> Failure {
    invalid(format!("it holds more than {KEYS} private keys"), format!("秘密鍵が {KEYS} 個を超えています"))
}

fn pkcs7() -> Failure {
    invalid(
        "it is a PKCS#7 bundle; export the certificate alone as PEM or DER",
        "これは PKCS#7 です。証明書だけを PEM か DER で書き出してください",
    )
}
