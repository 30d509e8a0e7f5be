//! The files of a bundle, called as on a drive.

use std::collections::BTreeMap;

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, ClaimBundle, Code, Failure, FileRecord, Identity};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

const CLAIM_CERTIFICATE: &str = "claimCert.pem";
const CLAIM_KEY: &str = "claimPrivateKey.pem";
const CA: &str = "AmazonRootCA1.pem";
const SETTINGS: &str = "provisioning.json";

/// Has no `Debug`: it may be a private key.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl File {
    fn text(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), bytes: Zeroizing::new(text.as_bytes().to_vec()) }
    }

    fn json(name: &str, value: &impl Serialize) -> Result<Self, Failure> {
        let written = serde_json::to_vec_pretty(value);
        let bytes =
            written.map_err(|error| Failure::new(Code::TargetRefused).about(name).because(error.to_string()))?;
        Ok(Self { name: name.to_owned(), bytes: Zeroizing::new(bytes) })
    }

    pub(crate) fn record(&self) -> FileRecord {
        let (bytes, sha256) = (self.bytes.len() as u64, hex::encode(Sha256::digest(&*self.bytes)));
        FileRecord { name: self.name.clone(), bytes, sha256 }
    }
}

/// `provisioning.json`: what a pretended device knows of its claim.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    pub(crate) version: u32,
    pub(crate) endpoint: String,
    pub(crate) port: u16,
    pub(crate) template_name: String,
    pub(crate) thing_name: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) certificate_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) expires: OffsetDateTime,
}

pub(crate) fn kind(bundle: &Bundle) -> Kind {
    match bundle {
        Bundle::Claim(_) => Kind::Claim,
        Bundle::Identity(_) => Kind::Identity,
    }
}

pub(crate) fn contents(bundle: &Bundle) -> Result<Vec<File>, Failure> {
    match bundle {
        Bundle::Claim(claim) => of_claim(claim),
        Bundle::Identity(identity) => of_identity(identity),
    }
}

fn of_claim(claim: &ClaimBundle) -> Result<Vec<File>, Failure> {
    let settings = Settings {
        version: 1,
        endpoint: claim.endpoint.host.clone(),
        port: claim.endpoint.port,
        template_name: claim.template_name.clone(),
        thing_name: claim.thing_name.clone(),
        parameters: claim.parameters.clone(),
        certificate_id: claim.certificate_id.clone(),
        expires: claim.expires,
    };
    Ok(vec![
        File::text(CLAIM_CERTIFICATE, &claim.certificate_pem),
        File::text(CLAIM_KEY, claim.private_key_pem.expose_secret()),
        File::text(CA, &claim.ca_pem),
        File::json(SETTINGS, &settings)?,
    ])
}

fn of_identity(identity: &Identity) -> Result<Vec<File>, Failure> {
    let start = identity.certificate_id.get(..10).unwrap_or_default();
    let mut files = vec![File::text(format!("{start}-certificate.pem.crt"), &identity.certificate_pem)];
    if let Some(key) = &identity.private_key_pem {
        files.push(File::text(format!("{start}-private.pem.key"), key.expose_secret()));
    }
    files.push(File::text(CA, &identity.ca_pem));
    let record = serde_json::json!({
        "version": 1,
        "thingName": identity.thing_name,
        "serialNumber": identity.serial_number,
        "certificateId": identity.certificate_id,
        "region": identity.region,
        "endpoint": identity.endpoint.host,
        "port": identity.endpoint.port,
    });
    files.push(File::json("identity.json", &record)?);
    Ok(files)
}

/// A claim, as a device reads it off its files.
pub(crate) struct Read {
    pub(crate) certificate_pem: String,
    pub(crate) private_key_pem: secrecy::SecretString,
    pub(crate) ca_pem: String,
    pub(crate) settings: Settings,
}

/// `None` where something is missing or is no claim.
pub(crate) fn read_claim(files: &[File]) -> Option<Read> {
    let bytes = |name: &str| files.iter().find(|file| file.name == name).map(|file| file.bytes.as_slice());
    let text = |name: &str| std::str::from_utf8(bytes(name)?).ok();
    Some(Read {
        certificate_pem: text(CLAIM_CERTIFICATE)?.to_owned(),
        private_key_pem: text(CLAIM_KEY)?.into(),
        ca_pem: text(CA)?.to_owned(),
        settings: serde_json::from_slice(bytes(SETTINGS)?).ok()?,
    })
}
