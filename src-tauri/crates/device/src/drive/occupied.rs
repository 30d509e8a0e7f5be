//! Is something of value in the folder: an identity, or a claim that still lives?

use std::fs;
use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use serde::Deserialize;
use time::OffsetDateTime;

use super::files::{self, Found};
use super::folder::Folder;
use crate::layout::{self, CERTIFICATE, CERTIFICATE_END, Files, IDENTITY, Layout, PRIVATE_KEY, SETTINGS};

/// No claim lives longer.
const CLAIM_LIFE: Duration = Duration::from_secs(300);

/// `files`: what is to be written.
///
/// # Errors
/// `identity-present`, about the file that says so; or the folder cannot be read.
pub(super) fn refuse(folder: &Folder, layout: &Layout, files: &Files) -> Result<(), Failure> {
    for entry in fs::read_dir(folder.path()).map_err(|error| folder.fault(&error))? {
        let entry = entry.map_err(|error| folder.fault(&error))?;
        // FAT may give a short name back in capitals.
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        if name == IDENTITY || name.ends_with(CERTIFICATE_END) {
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
        Claim::Unreadable | Claim::Over if layout.has_common_names() => return refuse_foreign(folder, files),
        Claim::Unreadable | Claim::Over => return Ok(()),
    };
    Err(folder.failure_at(SETTINGS, Code::IdentityPresent).because_of(why))
}

/// Files that bear the names of those to be written, and that no claim of ours was written with: a key that was put
/// there by hand, settings that were edited.
fn refuse_foreign(folder: &Folder, coming: &Files) -> Result<(), Failure> {
    let claim = match files::read(folder, SETTINGS)? {
        Found::Bytes(text) => layout::Claim::parse(&text),
        Found::Nothing | Found::NoFile | Found::TooLarge => None,
    };
    for name in coming.but_ca() {
        let ours = match files::read(folder, name)? {
            Found::Nothing => true,
            Found::Bytes(bytes) => claim.as_ref().is_some_and(|claim| claim.fits(name, &bytes)),
            Found::NoFile | Found::TooLarge => false,
        };
        if !ours {
            let why = Why::new("not written by Fieldkey", "Fieldkey が書き込んだものではありません");
            return Err(folder.failure_at(name, Code::IdentityPresent).because_of(why));
        }
    }
    Ok(())
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
    let text = match files::read(folder, SETTINGS)? {
        Found::Nothing if is_fresh(folder) => return Ok(Claim::Unreadable),
        Found::Nothing => return Ok(Claim::Over),
        Found::NoFile | Found::TooLarge => return Ok(Claim::Unreadable),
        Found::Bytes(text) => text,
    };
    Ok(match serde_json::from_slice::<Settings>(&text) {
        Ok(settings) if settings.expires > OffsetDateTime::now_utc() => Claim::Lives(settings.expires),
        Ok(_) => Claim::Over,
        Err(_) => Claim::Unreadable,
    })
}
