//! What an identity's files hold, as PEM. Nothing of it is believed: whoever had the device may have written it.

use fieldkey_core::{Failure, Identity, Why, x509};
use secrecy::SecretString;

use super::Record;

impl Record {
    /// The identity, from its files' bytes. What is no PEM is DER, and read as such. `key`: `None` where the device keeps
    /// it to itself.
    ///
    /// # Errors
    /// Which file is not what it is to be.
    pub(crate) fn read(self, certificate: &[u8], key: Option<&[u8]>, ca: &[u8]) -> Result<Identity, Why> {
        let (certificate_pem, private_key_pem) = match key {
            Some(key) => pair(&self, certificate, key).map(|(certificate, key)| (certificate, Some(key)))?,
            None => (one(&self.files.certificate, certificate)?, None),
        };
        let ca_pem = one(&self.files.ca, ca)?;
        Ok(self.identity(certificate_pem, private_key_pem, ca_pem))
    }
}

fn pair(record: &Record, certificate: &[u8], key: &[u8]) -> Result<(String, SecretString), Why> {
    let files = &record.files;
    if is_pem(certificate) && is_pem(key) || !is_der(certificate) && !is_der(key) {
        let certificate = public(&files.certificate, certificate)?;
        return Ok((certificate, SecretString::from(text(files.key(), key)?)));
    }
    let read = x509::read(certificate, Some(key), None).map_err(|failure| unreadable(&files.certificate, failure))?;
    let missing = || Why::new(format!("`{}` holds no key", files.key()), format!("`{}` に鍵がありません", files.key()));
    Ok((read.certificate_pem, read.private_key_pem.ok_or_else(missing)?))
}

/// A file of certificates.
fn one(name: &str, bytes: &[u8]) -> Result<String, Why> {
    if is_der(bytes) {
        return x509::read(bytes, None, None).map(|read| read.certificate_pem).map_err(|f| unreadable(name, f));
    }
    public(name, bytes)
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

/// Does it begin as a sequence of ASN.1?
fn is_der(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30) && !is_pem(bytes)
}

fn unreadable(name: &str, failure: Failure) -> Why {
    let (en, ja) = (failure.reason.clone(), failure.reason_ja.unwrap_or(failure.reason));
    Why::new(format!("`{name}`: {en}"), format!("`{name}`: {ja}"))
}

/// A certificate's text. It may be shown and sent about, so a key that poses as one is refused.
fn public(name: &str, bytes: &[u8]) -> Result<String, Why> {
    let text = text(name, bytes)?;
    if text.contains("PRIVATE KEY") {
        return Err(Why::new(
            format!("`{name}` holds a private key where a certificate belongs"),
            format!("`{name}` に証明書ではなく秘密鍵が入っています"),
        ));
    }
    Ok(text.to_owned())
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Why> {
    std::str::from_utf8(bytes).map_err(|_| {
        Why::new(format!("`{name}` is not PEM text"), format!("`{name}` は PEM 形式のテキストではありません"))
    })
}
