//! What an earlier run left behind when it was killed or the drive was pulled.

use std::fs::{self, File, FileType, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};

use super::files::{self, Found};
use super::folder::Folder;
use super::temporary::{PREFIX, REPLACED, SUFFIX, kept, staged};
use super::{change, damage, steps, superseded, whole};
use crate::layout::{Claim, IDENTITY, Record, SETTINGS};

const MOMENT: Duration = Duration::from_millis(20);

/// Puts the folder back to what is in force there, and removes what is under temporary names.
///
/// # Errors
/// `target-refused` if another Fieldkey is writing here now; `target-damaged`; or the folder cannot be changed.
pub(super) fn sweep(folder: &Folder) -> Result<(), Failure> {
    let mut left = folder.names()?;
    left.retain(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
    if left.iter().any(|name| locked(&folder.file(name))) {
        let why = Why::new("another Fieldkey is writing here", "別の Fieldkey が書き込み中です");
        return Err(folder.failure(Code::TargetRefused).because_of(why));
    }
    damage::refuse(folder)?;
    if !left.is_empty() {
        roll_back(folder)?;
        superseded::put_aside(folder)?;
    }
    left.retain(|name| !name.ends_with(REPLACED));
    left.extend(superseded::over(folder)?);
    for name in &left {
        discard(folder, name)?;
    }
    match left.is_empty() {
        true => Ok(()),
        false => steps::sync_folder(folder.path()).map_err(|error| folder.fault(&error)),
    }
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

/// Undoes a commit, or ends a withdrawal or a removal, that was broken off: nothing stays of an identity or a claim
/// whose record is still, or again, under its temporary name.
fn roll_back(folder: &Folder) -> Result<(), Failure> {
    // A claim takes an identity's record away just before its own settings come into force.
    if folder.listed(IDENTITY)?.is_none() && folder.listed(SETTINGS)?.is_none() && whole::kept_record(folder).is_some()
    {
        put_back(folder, IDENTITY)?;
    }
    let in_force = Paper::in_force(folder)?;
    for (paper, name) in in_force.iter().flat_map(|paper| paper.names().map(move |name| (paper, name))) {
        // What an identity shares with the claim before it is the identity's, once that is in force.
        let mut is_in_force = false;
        for paper in &in_force {
            is_in_force |= paper.fits(folder, name, name)?;
        }
        if !is_in_force && paper.fits(folder, name, &kept(name)).unwrap_or(false) {
            put_back(folder, name)?;
        }
    }
    for broken_off in Paper::broken_off(folder) {
        for name in broken_off.own(folder) {
            let needed = in_force.iter().any(|paper| paper.names().any(|other| other.eq_ignore_ascii_case(&name)));
            if !needed && broken_off.fits(folder, &name, &name)? {
                steps::remove(&folder.file(&name)).map_err(|error| folder.fault_at(&name, &error))?;
            }
        }
    }
    Ok(())
}

/// What says which files belong together: an identity's record or a claim's settings.
enum Paper {
    Identity(Record),
    Claim(Claim),
}

impl Paper {
    fn in_force(folder: &Folder) -> Result<Vec<Self>, Failure> {
        let claim = match files::read(folder, SETTINGS)? {
            Found::Bytes(bytes) => Claim::parse(&bytes),
            Found::Nothing | Found::NoFile | Found::TooLarge => None,
        };
        Ok(whole::record(folder)?.map(Self::Identity).into_iter().chain(claim.map(Self::Claim)).collect())
    }

    /// Under a temporary name. What cannot be read is nobody's.
    fn broken_off(folder: &Folder) -> Vec<Self> {
        let claim = match files::read(folder, &staged(SETTINGS)) {
            Ok(Found::Bytes(bytes)) => Claim::parse(&bytes),
            _ => None,
        };
        whole::staged_record(folder).map(Self::Identity).into_iter().chain(claim.map(Self::Claim)).collect()
    }

    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Identity(record) => Box::new(record.files.each()),
            Self::Claim(claim) => Box::new(claim.files.each()),
        }
    }

    /// Its own files. The CA is public, and in nobody's way.
    fn own(&self, folder: &Folder) -> Vec<String> {
        let (mut own, ca) = match self {
            Self::Identity(record) => (record.own(folder.layout()), &record.files.ca),
            Self::Claim(claim) => (claim.own(folder.layout()), &claim.files.ca),
        };
        own.retain(|name| name != ca);
        own
    }

    /// Is the file of the second name what was written under the first one?
    fn fits(&self, folder: &Folder, name: &str, lies_at: &str) -> Result<bool, Failure> {
        let fits = |bytes: &[u8]| match self {
            Self::Identity(record) => record.fits(name, bytes),
            Self::Claim(claim) => claim.fits(name, bytes),
        };
        Ok(matches!(files::read(folder, lies_at)?, Found::Bytes(bytes) if fits(&bytes)))
    }
}

/// Gives the kept copy of a file its name again.
fn put_back(folder: &Folder, name: &str) -> Result<(), Failure> {
    let [copy, to] = [kept(name), name.to_owned()].map(|name| Ok(folder.listed(&name)?.unwrap_or(name)));
    let (copy, to) = (copy?, to?);
    match files::read(folder, &copy)? {
        Found::Bytes(bytes) => change::put_back(folder, &copy, &to, &bytes),
        Found::Nothing | Found::NoFile | Found::TooLarge => Ok(()),
    }
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
