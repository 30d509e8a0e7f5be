//! Is something of value in the folder: an identity, or a claim that still lives?

use std::fs::{self, File};
use std::io::{self, Read};
use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use serde::Deserialize;
use time::OffsetDateTime;

use super::folder::Folder;
use crate::layout::{CERTIFICATE, PRIVATE_KEY, SETTINGS};

/// Where it is, an identity is whole.
pub(super) const IDENTITY: &str = "identity.json";

/// How an identity's certificate file ends.
const IDENTITY_CERTIFICATE: &str = "-certificate.pem.crt";

/// No claim lives longer.
const CLAIM_LIFE: Duration = Duration::from_secs(300);

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
            return Err(folder
                .failure_at(&shown, Code::IdentityPresent)
                .because_of(Why::new("an identity", "デバイス証明書")));
        }
    }
    let why = match claim(folder)? {
        Claim::Lives(expires) => {
            let minutes = (expires - OffsetDateTime::now_utc()).whole_minutes() + 1;
            Why::new(format!("a claim for {minutes} more min"), format!("あと {minutes} 分有効なクレーム"))
        }
        Claim::Unreadable if folder.file(CERTIFICATE).exists() => {
            Why::new("a claim, nobody can tell until when", "有効期限の分からないクレーム")
        }
        Claim::Unreadable | Claim::Over => return Ok(()),
    };
    Err(folder.failure_at(SETTINGS, Code::IdentityPresent).because_of(why))
}

/// A certificate with its key but without settings may be a claim that something else wrote; once it lies there
/// for longer than claims live, it is over.
fn is_fresh(folder: &Folder) -> bool {
    let age = |name: &str| fs::metadata(folder.file(name)).ok()?.modified().ok()?.elapsed().ok();
    let fresh = |name: &str| age(name).is_some_and(|age| age < CLAIM_LIFE);
    fresh(CERTIFICATE) && fresh(PRIVATE_KEY)
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
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_fresh(folder) => return Ok(Claim::Unreadable),
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
