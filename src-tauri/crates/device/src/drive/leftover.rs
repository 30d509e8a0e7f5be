//! What an earlier run left behind when it was killed or the drive was pulled.

use std::fs::{self, File, FileType, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};

use super::files::{self, Found};
use super::folder::Folder;
use super::temporary::{PREFIX, REPLACED, SUFFIX, kept};
use super::{steps, superseded, whole};
use crate::layout::{IDENTITY, Record, SETTINGS};

const MOMENT: Duration = Duration::from_millis(20);

/// Puts the folder back to what is in force there, and removes what is under temporary names.
///
/// # Errors
/// `target-refused` if another Fieldkey is writing here now, or the folder cannot be changed.
pub(super) fn sweep(folder: &Folder) -> Result<(), Failure> {
    let mut left = folder.names()?;
    left.retain(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
    if left.iter().any(|name| locked(&folder.file(name))) {
        let why = Why::new("another Fieldkey is writing here", "別の Fieldkey が書き込み中です");
        return Err(folder.failure(Code::TargetRefused).because_of(why));
    }
    if !left.is_empty() {
        roll_back(folder)?;
        superseded::put_aside(folder)?;
    }
    for name in left.iter().filter(|name| !name.ends_with(REPLACED)) {
        discard(folder, name)?;
    }
    for name in superseded::over(folder)? {
        discard(folder, &name)?;
    }
    Ok(())
}

/// What is swept away. Nothing of ours is a folder or a pipe.
pub(super) fn is_swept(found: FileType) -> bool {
    found.is_file() || found.is_symlink()
}

fn discard(folder: &Folder, name: &str) -> Result<(), Failure> {
    let path = folder.file(name);
    match fs::symlink_metadata(&path).and_then(|found| match is_swept(found.file_type()) {
        true => steps::discard(&path),
        false => Ok(()),
    }) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(folder.fault_at(name, &error)),
        _ => Ok(()),
    }
}

/// Undoes a commit, or ends a withdrawal, that was broken off: nothing stays of an identity whose `identity.json`
/// is still, or again, under its temporary name.
fn roll_back(folder: &Folder) -> Result<(), Failure> {
    // A claim takes an identity's record away just before its own settings come into force.
    if folder.listed(IDENTITY)?.is_none() && folder.listed(SETTINGS)?.is_none() && whole::kept_record(folder).is_some()
    {
        put_back(folder, IDENTITY)?;
    }
    let in_force = whole::record(folder)?;
    for (record, name) in in_force.iter().flat_map(|record| record.files.each().map(|name| (record, name))) {
        if !fits(folder, record, name, name)? && fits(folder, record, name, &kept(name)).unwrap_or(false) {
            put_back(folder, name)?;
        }
    }
    let Some(broken_off) = whole::staged_record(folder) else { return Ok(()) };
    for name in Record::names(&broken_off.certificate_id) {
        let needed = in_force.iter().any(|record| record.files.each().iter().any(|n| n.eq_ignore_ascii_case(&name)));
        if !needed && fits(folder, &broken_off, &name, &name)? {
            steps::remove(&folder.file(&name)).map_err(|error| folder.fault_at(&name, &error))?;
        }
    }
    Ok(())
}

/// Is the file of the second name what the record says of the first one?
fn fits(folder: &Folder, record: &Record, name: &str, lies_at: &str) -> Result<bool, Failure> {
    Ok(matches!(files::read(folder, lies_at)?, Found::Bytes(bytes) if record.fits(name, &bytes)))
}

/// Gives the kept copy of a file its name again.
fn put_back(folder: &Folder, name: &str) -> Result<(), Failure> {
    let [from, to] = [kept(name), name.to_owned()].map(|name| Ok(folder.listed(&name)?.unwrap_or(name)));
    steps::place_found(&folder.file(&from?), &folder.file(&to?)).map_err(|error| folder.fault_at(name, &error))
}

/// Asked more than once: a lock outlives its holder for the moment in which the process starts another one, which
/// has the file open until it becomes itself.
fn locked(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let held = || File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
    let still_held = || {
        thread::sleep(MOMENT);
        held()
    };
    is_file && held() && (0..5).all(|_| still_held())
}
