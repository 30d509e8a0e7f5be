//! PKCS#12 (RFC 7292), as Keychain Access, Windows, OpenSSL 1 and 3, GnuTLS, NSS and Java write it.

use secrecy::{ExposeSecret, SecretString};
use x509_parser::asn1_rs::{Oid, oid};
use zeroize::Zeroizing;

use super::asn1::{Reader, octets};
use super::file::{Contents, Found};
use super::kdf::Password;
use super::pbe::decrypt;
use super::private_key::PrivateKey;
use super::refusal::{damaged, invalid, wrong_password};
use super::{mac, private_key};
use crate::{Code, Failure};

const DATA: Oid<'static> = oid!(1.2.840.113549.1.7.1);
const SIGNED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.2);
const ENCRYPTED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.6);
const KEY_BAG: Oid<'static> = oid!(1.2.840.113549.1.12.10.1.1);
const SHROUDED_KEY_BAG: Oid<'static> = oid!(1.2.840.113549.1.12.10.1.2);
const CERTIFICATE_BAG: Oid<'static> = oid!(1.2.840.113549.1.12.10.1.3);
const SAFE_CONTENTS_BAG: Oid<'static> = oid!(1.2.840.113549.1.12.10.1.6);
const X509_CERTIFICATE: Oid<'static> = oid!(1.2.840.113549.1.9.22.1);
const LOCAL_KEY_ID: Oid<'static> = oid!(1.2.840.113549.1.9.21);

/// How deep safe contents may lie inside each other.
const NESTING: usize = 3;

/// Opens a PKCS#12 file; without a password, with an empty one.
///
/// # Errors
/// `p12-password`, `certificate-invalid`.
pub(super) fn open(file: &[u8], password: Option<&SecretString>) -> Result<Contents, Failure> {
    let text = password.map(ExposeSecret::expose_secret).unwrap_or_default();
    let mut outcome = Err(wrong_password());
    for mut form in Password::forms(text) {
        outcome = open_with(file, &mut form);
        if !matches!(&outcome, Err(failure) if failure.code == Code::P12Password) {
            break;
        }
    }
    outcome
}

fn open_with(file: &[u8], password: &mut Password<'_>) -> Result<Contents, Failure> {
    let mut pfx = Reader::new(file).sequence()?;
    if pfx.number()? != 3 {
        return Err(damaged());
    }
    let mut auth_safe = pfx.sequence()?;
    let content_type = auth_safe.oid()?;
    if content_type == SIGNED_DATA {
        return Err(invalid(
            "it is protected with somebody's key, not with a password",
            "パスワードではなく、ほかの鍵で保護されています",
        ));
    }
    let content = explicit_octets(&mut auth_safe)?;
    let proven = !pfx.is_empty();
    if proven && !mac::holds(pfx.sequence()?, &content, password)? {
        return Err(wrong_password());
    }

    let mut contents = Contents::default();
    let mut safes = Reader::new(&content).sequence()?;
    while !safes.is_empty() {
        let read = read_safe(safes.sequence()?, password, &mut contents);
        read.map_err(|failure| blame(failure, proven))?;
    }
    Ok(contents)
}

/// Where a MAC proved the password, what does not decrypt is damaged; where none did, the password may be wrong
/// even if something came out.
fn blame(failure: Failure, proven: bool) -> Failure {
    match failure.code {
        Code::P12Password if proven => damaged(),
        Code::CertificateInvalid if !proven && failure == damaged() => wrong_password(),
        _ => failure,
    }
}

fn read_safe(mut safe: Reader<'_>, password: &mut Password<'_>, contents: &mut Contents) -> Result<(), Failure> {
    let content_type = safe.oid()?;
    let plain = if content_type == DATA {
        explicit_octets(&mut safe)?
    } else if content_type == ENCRYPTED_DATA {
        let (mut explicit, _) = safe.tagged(0).ok_or_else(damaged)?;
        let mut fields = explicit.sequence()?;
        fields.number()?;
        let mut encrypted = fields.sequence()?;
        encrypted.oid()?;
        let (_, algorithm) = encrypted.value()?;
        let (_, data) = encrypted.tagged(0).ok_or_else(damaged)?;
        decrypt(algorithm, &octets(&data)?, password)?
    } else {
        return Err(invalid("a part of it is encrypted for somebody's key", "一部が特定の鍵宛てに暗号化されています"));
    };
    read_bags(Reader::new(&plain).sequence()?, password, contents, NESTING)
}

fn read_bags(
    mut bags: Reader<'_>,
    password: &mut Password<'_>,
    contents: &mut Contents,
    depth: usize,
) -> Result<(), Failure> {
    while !bags.is_empty() {
        let mut bag = bags.sequence()?;
        let kind = bag.oid()?;
        let (mut value, _) = bag.tagged(0).ok_or_else(damaged)?;
        let local_key_id = if bag.is_empty() { None } else { local_key_id(bag.set()?) };
        if kind == CERTIFICATE_BAG {
            let mut fields = value.sequence()?;
            if fields.oid()? == X509_CERTIFICATE {
                let certificate = explicit_octets(&mut fields)?.to_vec();
                contents.certificates.push(Found { value: certificate, local_key_id });
            }
        } else if kind == KEY_BAG {
            let (_, key) = value.value()?;
            contents.keys.push(Found { value: PrivateKey::from_der(key)?, local_key_id });
        } else if kind == SHROUDED_KEY_BAG {
            let (_, encrypted) = value.value()?;
            let key = private_key::decrypted(encrypted, password)?;
            contents.keys.push(Found { value: PrivateKey::from_der(&key)?, local_key_id });
        } else if kind == SAFE_CONTENTS_BAG {
            let depth = depth.checked_sub(1).ok_or_else(damaged)?;
            read_bags(value.sequence()?, password, contents, depth)?;
        }
    }
    Ok(())
}

fn explicit_octets(fields: &mut Reader<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let (mut explicit, _) = fields.tagged(0).ok_or_else(damaged)?;
    explicit.octets()
}

fn local_key_id(mut attributes: Reader<'_>) -> Option<Vec<u8>> {
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence().ok()?;
        if attribute.oid().ok()? == LOCAL_KEY_ID {
            return Some(attribute.set().ok()?.octets().ok()?.to_vec());
        }
    }
    None
}
