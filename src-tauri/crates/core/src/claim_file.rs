//! A claim for a remote installer: one file that only its passphrase opens.
//!
//! The outside is `age` with a passphrase, so that its format is somebody else's well-tried one. The inside is JSON
//! and never touches a disk.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use age::DecryptError;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::run::rfc3339;
use crate::{ClaimBundle, Code, Endpoint, Failure, RoleAlias, Why};

/// What the inside is written in.
const VERSION: u32 = 1;

/// The inside of a claim is about 5 kB.
const LIMIT: usize = 64 << 10;

/// scrypt's cost, as a power of two: what `age` itself takes a second for. Tests need no time to think.
const COST: u8 = if cfg!(test) { 8 } else { 18 };

/// A file that would take longer to try than this is no claim's.
const HIGHEST_COST: u8 = 20;

/// In characters. Somebody who catches the file has five minutes, not years.
const SHORTEST_PASSPHRASE: usize = 12;

/// Nothing in it is mistaken for something else when it is read out on the telephone.
const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

const AGE: &[u8] = b"age-encryption.org/";

/// An opened claim file: all that a device needs, without an account and without a site file.
#[derive(Clone, Debug)]
pub struct ClaimFile {
    /// The site's name, for people.
    pub site: String,
    pub serial_number: String,
    pub bundle: ClaimBundle,
}

/// Where the site for practice says that AWS IoT is. Nothing below `.example` is anybody's (RFC 2606): no real site is
/// there, and no device gets there.
const PRACTICE: &str = ".practise.example";

impl ClaimFile {
    /// Was it exported at the site for practice? Then it works nowhere.
    pub fn is_practice(&self) -> bool {
        self.bundle.endpoint.host.ends_with(PRACTICE)
    }

    /// # Errors
    /// `claim-file-expired` about `name`, by this computer's clock.
    pub fn check_alive(&self, name: &str) -> Result<(), Failure> {
        let (now, expires) = (OffsetDateTime::now_utc(), self.bundle.expires);
        if now < expires {
            return Ok(());
        }
        let (ended, now) = (rfc3339(expires), rfc3339(now.replace_nanosecond(0).unwrap_or(now)));
        let why = Why::new(
            format!("it ended at {ended}; this computer's clock says {now}"),
            format!("有効期限: {ended}、このパソコンの時計: {now}"),
        );
        Err(Failure::new(Code::ClaimFileExpired).about(name).because_of(why))
    }
}

/// A passphrase with 79 bits of chance in it: `k7fw-2m9x-t3qh-8vbn`.
///
/// # Errors
/// `service-error` if the system has no random numbers.
pub fn suggested_passphrase() -> Result<SecretString, Failure> {
    let mut random = Zeroizing::new([0_u8; 16]);
    let refuse = |_| Failure::new(Code::ServiceError).about("random numbers");
    SystemRandom::new().fill(random.as_mut_slice()).map_err(refuse)?;
    let mut passphrase = String::with_capacity(random.len() + 3);
    for (index, byte) in random.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            passphrase.push('-');
        }
        passphrase.push(char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    }
    Ok(passphrase.into())
}

/// # Errors
/// `passphrase-short`.
pub(crate) fn check_passphrase(passphrase: &SecretString) -> Result<(), Failure> {
    let length = trimmed(passphrase).expose_secret().chars().count();
    if length >= SHORTEST_PASSPHRASE {
        return Ok(());
    }
    let why = Why::new("counted without spaces around it", "前後の空白は数えません");
    Err(Failure::new(Code::PassphraseShort).about(format!("{length}/{SHORTEST_PASSPHRASE}")).because_of(why))
}

/// Takes its time: scrypt is meant to.
pub(crate) fn seal(file: &ClaimFile, passphrase: &SecretString) -> Result<Vec<u8>, Failure> {
    let mut recipient = age::scrypt::Recipient::new(trimmed(passphrase));
    recipient.set_work_factor(COST);
    let inside = inside(file)?;
    let sealed = || -> std::io::Result<Vec<u8>> {
        let recipients = std::iter::once(&recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(recipients).map_err(std::io::Error::other)?;
        let mut sealed = vec![];
        let mut writer = encryptor.wrap_output(&mut sealed)?;
        writer.write_all(&inside)?;
        writer.finish()?;
        Ok(sealed)
    };
    sealed().map_err(|error| Failure::new(Code::ClaimFileInvalid).because(error.to_string()))
}

/// Opens a claim file. `name`: what the file is called, for messages. Takes its time, and does not ask whether the
/// claim is still alive.
///
/// # Errors
/// `passphrase-wrong`, `claim-file-invalid`.
pub fn unseal(name: &str, bytes: &[u8], passphrase: &SecretString) -> Result<ClaimFile, Failure> {
    let invalid = |why: Why| Failure::new(Code::ClaimFileInvalid).about(name).because_of(why);
    if !bytes.starts_with(AGE) {
        return Err(invalid(Why::new("it is not an age file", "age の暗号化ファイルではありません")));
    }
    let damaged = || invalid(Why::new("it is damaged", "ファイルが壊れています"));
    let decryptor = age::Decryptor::new(bytes).map_err(|_| damaged())?;
    if !decryptor.is_scrypt() {
        return Err(invalid(Why::new("no passphrase opens it", "パスフレーズで暗号化されていません")));
    }
    let mut identity = age::scrypt::Identity::new(trimmed(passphrase));
    identity.set_max_work_factor(HIGHEST_COST);
    let opened = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity));
    let mut reader = opened.map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            Failure::new(Code::PassphraseWrong).about(name)
        }
        DecryptError::ExcessiveWork { .. } => {
            invalid(Why::new("it takes too long to open", "開くのに時間がかかりすぎます"))
        }
        _ => damaged(),
    })?;
    // It holds a private key: a buffer that grows would leave copies behind it.
    let mut inside = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    reader.by_ref().take(LIMIT as u64 + 1).read_to_end(&mut inside).map_err(|_| damaged())?;
    if inside.len() > LIMIT {
        return Err(damaged());
    }
    let Versioned { version } = serde_json::from_slice(&inside).map_err(|_| damaged())?;
    if version != VERSION {
        let why = Why::new("a newer Fieldkey wrote it", "新しいバージョンの Fieldkey で作成されています");
        return Err(invalid(why));
    }
    let read: Read1 = serde_json::from_slice(&inside).map_err(|_| damaged())?;
    Ok(read.into())
}

/// A line break behind it is the clipboard's, not the passphrase's.
fn trimmed(passphrase: &SecretString) -> SecretString {
    passphrase.expose_secret().trim().into()
}

fn inside(file: &ClaimFile) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let ClaimFile { site, serial_number, bundle } = file;
    let written = Written {
        version: VERSION,
        site,
        serial_number,
        thing_name: &bundle.thing_name,
        region: &bundle.region,
        endpoint: &bundle.endpoint.host,
        port: bundle.endpoint.port,
        template_name: &bundle.template_name,
        parameters: &bundle.parameters,
        certificate_id: &bundle.certificate_id,
        expires: bundle.expires,
        certificate_pem: &bundle.certificate_pem,
        private_key_pem: bundle.private_key_pem.expose_secret(),
        ca_pem: &bundle.ca_pem,
        role_alias: bundle.role_alias.as_ref().map(|alias| (alias.name.as_str(), alias.host.as_str())),
    };
    let mut inside = Zeroizing::new(Vec::with_capacity(LIMIT));
    serde_json::to_writer(&mut *inside, &written)
        .map_err(|error| Failure::new(Code::ClaimFileInvalid).because(error.to_string()))?;
    Ok(inside)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    version: u32,
    site: &'a str,
    serial_number: &'a str,
    thing_name: &'a str,
    region: &'a str,
    endpoint: &'a str,
    port: u16,
    template_name: &'a str,
    parameters: &'a BTreeMap<String, String>,
    certificate_id: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    expires: OffsetDateTime,
    certificate_pem: &'a str,
    private_key_pem: &'a str,
    ca_pem: &'a str,
    role_alias: Option<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// The same, read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read1 {
    site: String,
    serial_number: String,
    thing_name: String,
    region: String,
    endpoint: String,
    port: u16,
    template_name: String,
    parameters: BTreeMap<String, String>,
    certificate_id: String,
    #[serde(with = "time::serde::rfc3339")]
    expires: OffsetDateTime,
    certificate_pem: String,
    private_key_pem: SecretString,
    ca_pem: String,
    role_alias: Option<(String, String)>,
}

impl From<Read1> for ClaimFile {
    fn from(read: Read1) -> Self {
        Self {
            site: read.site,
            serial_number: read.serial_number,
            bundle: ClaimBundle {
                certificate_pem: read.certificate_pem,
                private_key_pem: read.private_key_pem,
                ca_pem: read.ca_pem,
                certificate_id: read.certificate_id,
                expires: read.expires,
                region: read.region,
                endpoint: Endpoint { host: read.endpoint, port: read.port },
                role_alias: read.role_alias.map(|(name, host)| RoleAlias { name, host }),
                template_name: read.template_name,
                thing_name: read.thing_name,
                parameters: read.parameters,
            },
        }
    }
}

#[cfg(test)]
#[path = "claim_file_tests.rs"]
pub(crate) mod tests;
