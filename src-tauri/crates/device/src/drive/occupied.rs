//! Is something of value in the folder: an identity, or a claim that still lives?

use std::fs::{self, File};
use std::io::{self, Read};

use fieldkey_core::{Code, Failure};
use serde::Deserialize;
use time::OffsetDateTime;

use super::folder::Folder;
use crate::layout::{CERTIFICATE, SETTINGS};

/// Where it is, an identity is whole.
pub(super) const IDENTITY: &str = "identity.json";

/// How an identity's certificate file ends.
const IDENTITY_CERTIFICATE: &str = "-certificate.pem.crt";

/// Ours has about 1 kB; what is far longer is not ours.
const SETTINGS_LIMIT: u64 = 1 << 20;

/// # Errors
/// `identity-present`, about the file that says so; or the folder cannot be read.
pub(super) fn refuse(folder: &Folder) -> Result<(), Failure> {
    for entry in fs::read_dir(folder.path()).map_err(|error| folder.fault(&error))? {
        let entry = entry.map_err(|error| folder.fault(&error))?;
        // FAT may give a short name back in capitals.
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        if name == IDENTITY || name.ends_with(IDENTITY_CERTIFICATE) {
            let shown = entry.file_name().to_string_lossy().into_owned();
            return Err(folder.failure_at(&shown, Code::IdentityPresent).because("an identity"));
        }
    }
    let why = match claim(folder)? {
        Claim::Lives(expires) => format!("a claim until {}", rfc3339(expires)),
        Claim::Unreadable if folder.file(CERTIFICATE).exists() => "a claim, nobody can tell until when".into(),
        Claim::Unreadable | Claim::Over => return Ok(()),
    };
    Err(folder.failure_at(SETTINGS, Code::IdentityPresent).because(why))
}

enum Claim {
    /// None, or it has expired.
    Over,
    Lives(OffsetDateTime),
    Unreadable,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(with = "time::serde::rfc3339")]
    expires: OffsetDateTime,
}

fn claim(folder: &Folder) -> Result<Claim, Failure> {
    let path = folder.file(SETTINGS);
    // A pipe or a device of that name would be waited for.
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Claim::Over),
        Ok(metadata) if !metadata.is_file() => return Ok(Claim::Unreadable),
        _ => {}
    }
    let mut text = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(SETTINGS_LIMIT).read_to_end(&mut text))
        .map_err(|error| folder.fault_at(SETTINGS, &error))?;
    Ok(match serde_json::from_slice::<Settings>(&text) {
        Ok(settings) if settings.expires > OffsetDateTime::now_utc() => Claim::Lives(settings.expires),
        Ok(_) => Claim::Over,
        Err(_) => Claim::Unreadable,
    })
}

fn rfc3339(at: OffsetDateTime) -> String {
    // It was read from this format.
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
