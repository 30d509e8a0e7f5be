//! Certificates and private keys in the form that a device wants.

use rsa::pkcs8::{LineEnding, SecretDocument};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::refusal::{damaged, invalid, of_private_key};
use super::{KeyForm, certificate, file};
use crate::Failure;

/// A key in one form. Has no `Debug`.
pub struct FormedKey {
    /// What stands behind `BEGIN` in its PEM.
    pub label: &'static str,
    pub der: Zeroizing<Vec<u8>>,
}

impl FormedKey {
    /// # Errors
    /// `certificate-invalid`.
    pub fn to_pem(&self) -> Result<SecretString, Failure> {
        let document = SecretDocument::try_from(self.der.as_slice()).map_err(|_| damaged())?;
        let pem = document.to_pem(self.label, LineEnding::LF).map_err(|_| damaged())?;
        Ok(SecretString::from(pem.as_str()))
    }
}

pub(super) fn certificate(pem: &str) -> Result<Vec<u8>, Failure> {
    let mut all = certificate::all_from_pem(pem)?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(invalid("there is no certificate in it", "証明書が含まれていません")),
        (Some(_), false) => Err(invalid(
            "it holds several certificates, and DER only one",
            "証明書が複数あります。DER には 1 件しか入りません",
        )),
    }
}

/// The certificates of a PEM and nothing else of it.
pub(super) fn certificates(text: &str) -> Result<String, Failure> {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    let all = certificate::all_from_pem(text)?;
    let blocks: Vec<pem::Pem> = all.into_iter().map(|der| pem::Pem::new("CERTIFICATE", der)).collect();
    Ok(pem::encode_many_config(&blocks, config))
}

pub(super) fn private_key(
    private_key: &[u8],
    certificate_pem: Option<&str>,
    form: KeyForm,
) -> Result<FormedKey, Failure> {
    let certificate = certificate_pem.map(certificate::from_pem).transpose()?;
    let certificate = certificate.as_deref().map(certificate::parse).transpose()?;
    let public = certificate.as_ref().map(|certificate| &*certificate.public_key().subject_public_key.data);
    let keys = file::open(private_key, None).map_err(of_private_key)?.keys;
    let Some(key) = keys.first() else {
        return Err(of_private_key(invalid("it holds none", "秘密鍵が含まれていません")));
    };
    match form {
        KeyForm::Pkcs8 => Ok(FormedKey { label: "PRIVATE KEY", der: key.value.to_pkcs8(public)? }),
        KeyForm::Pkcs1 => {
            let (label, der) = key.value.to_pkcs1(public)?;
            Ok(FormedKey { label, der })
        }
    }
}
