//! What lies on a drive, for whoever asks before deciding.

use std::fs;
use std::path::Path;

use fieldkey_core::Failure;
use fieldkey_core::ports::{Caution, Holds, Stored};

use super::files::{self, Found};
use super::folder::Folder;
use super::whole;
use crate::layout::{self, CERTIFICATE, CERTIFICATE_END, IDENTITY, PRIVATE_KEY, PRIVATE_KEY_END, SETTINGS, sha256};
use crate::platform;

/// # Errors
/// The folder cannot be read.
pub(super) fn holds(folder: &Folder, driver: &str) -> Result<Holds, Failure> {
    let stored = names(folder)?.iter().map(|name| seen(folder, name)).collect();
    let cautions = if is_fat(folder) { vec![Caution::ReadableKey] } else { vec![] };
    Ok(Holds { driver: driver.to_owned(), device: None, stored, cautions })
}

/// A file as it lies there. One that cannot be read has no digest.
pub(super) fn seen(folder: &Folder, name: &str) -> Stored {
    let digest = match files::read(folder, name) {
        Ok(Found::Bytes(bytes)) => Some(format!("sha256:{}", sha256(&bytes))),
        _ => None,
    };
    let bytes = fs::symlink_metadata(folder.file(name)).ok().filter(fs::Metadata::is_file).map(|found| found.len());
    Stored { name: name.to_owned(), bytes, digest }
}

/// What records name, what is called as the driver `drive` calls it, and the records, as the folder writes them.
fn names(folder: &Folder) -> Result<Vec<String>, Failure> {
    let claim = match files::read(folder, SETTINGS)? {
        Found::Bytes(bytes) => layout::Claim::parse(&bytes),
        Found::Nothing | Found::NoFile | Found::TooLarge => None,
    };
    let identity = whole::record(folder)?;
    let named: Vec<&str> = identity
        .iter()
        .flat_map(|record| record.files.each())
        .chain(claim.iter().flat_map(|claim| claim.files.each().chain([SETTINGS])))
        .chain([IDENTITY, CERTIFICATE, PRIVATE_KEY])
        .collect();
    let mut names = folder.names()?;
    names.sort_unstable();
    names.retain(|name| {
        let lower = name.to_ascii_lowercase();
        let ends = lower.ends_with(CERTIFICATE_END) || lower.ends_with(PRIVATE_KEY_END);
        !name.starts_with('.') && (ends || named.iter().any(|named| named.eq_ignore_ascii_case(name)))
    });
    Ok(names)
}

/// FAT has no owners: whoever has the drive, or uses the computer while it is mounted, reads what is on it.
fn is_fat(folder: &Folder) -> bool {
    let volumes = platform::volumes();
    // The folder's path is the real one, which Windows writes in another way.
    let holds = |path: &Path| path.canonicalize().is_ok_and(|path| folder.path().starts_with(path));
    let below = volumes.iter().filter(|volume| volume.mounted && holds(&volume.path));
    let nearest = below.max_by_key(|volume| volume.path.components().count());
    let file_system = nearest.and_then(|volume| volume.file_system.as_deref()).unwrap_or_default().to_ascii_lowercase();
    file_system.contains("fat") || file_system == "msdos"
}
