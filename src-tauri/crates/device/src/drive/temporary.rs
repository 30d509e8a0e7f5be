//! Files under a temporary name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::steps;
use crate::platform;

pub(super) const PREFIX: &str = ".fieldkey-";
pub(super) const SUFFIX: &str = ".tmp";
pub(super) const REPLACED: &str = ".replaced.tmp";
pub(super) const OLD: &str = ".old.tmp";
const BACK: &str = ".back.tmp";

/// What a file is called until it gets its own name.
pub(super) fn staged(name: &str) -> String {
    format!("{PREFIX}{name}{SUFFIX}")
}

/// What the copy is called that is kept of a file which another one takes the place of.
pub(super) fn kept(name: &str) -> String {
    format!("{PREFIX}{name}{OLD}")
}

/// What a file is called on its way back from the copy that was kept of it.
pub(super) fn coming_back(name: &str) -> String {
    format!("{PREFIX}{name}{BACK}")
}

/// Whose temporary name this is.
pub(super) fn destination(temporary_name: &str) -> Option<&str> {
    let name = temporary_name.strip_prefix(PREFIX)?;
    name.strip_suffix(BACK).or_else(|| name.strip_suffix(SUFFIX)).filter(|name| !name.is_empty())
}

/// What the record of an identity is called that was replaced while its files stayed.
pub(super) fn replaced(certificate_id: &str) -> String {
    format!("{PREFIX}{}{REPLACED}", certificate_id.get(..10).unwrap_or(certificate_id))
}

/// A file under a temporary name, which goes when this is dropped before it got its own name. That it is gone is written
/// through by whoever drops it: once for all.
pub(super) struct Temporary {
    path: PathBuf,
    /// Open until the end: the fsync after the rename must go through the same handle. A lock on it
    /// tells another Fieldkey that somebody is at work here.
    file: Option<File>,
    placed: bool,
}

impl Temporary {
    /// Writes the bytes through to the drive.
    pub(super) fn write(folder: &Folder, temporary_name: &str, bytes: &[u8]) -> io::Result<Self> {
        Self::make(folder, temporary_name, bytes, |_| ())
    }

    /// Writes the bytes through to the drive, for those whom the mode lets read them.
    pub(super) fn write_for(folder: &Folder, temporary_name: &str, bytes: &[u8], mode: u32) -> io::Result<Self> {
        Self::make(folder, temporary_name, bytes, |file| platform::set_mode(file, mode))
    }

    /// Writes a copy of a file, with its permissions: it may become that file again.
    pub(super) fn copy(folder: &Folder, of: &str, temporary_name: &str, bytes: &[u8]) -> io::Result<Self> {
        Self::make(folder, temporary_name, bytes, |copy| platform::keep_mode(&folder.file(of), copy))
    }

    fn make(folder: &Folder, temporary_name: &str, bytes: &[u8], made: impl FnOnce(&File)) -> io::Result<Self> {
        let path = folder.file(temporary_name);
        let file = steps::create(&path)?;
        made(&file);
        // A file system without locks only loses the protection against a second Fieldkey.
        let _ = file.try_lock();
        // The folder first: with it, FAT has the clusters taken before an entry names them. The other way round, a pull
        // in between leaves a name for clusters that are free.
        let written = steps::write(&path, &file, bytes)
            .and_then(|()| steps::sync_folder(folder.path()))
            .and_then(|()| steps::sync(&path, &file));
        // From here on, dropping it removes the file, whatever the write said.
        let temporary = Self { path, file: Some(file), placed: false };
        written.map(|()| temporary)
    }

    /// Gives the file its own name and writes that through.
    pub(super) fn place(&mut self, to: &Path) -> io::Result<()> {
        let done = steps::place(&self.path, to, self.file.as_ref());
        self.placed = matches!(done, Ok(()) | Err((true, _)));
        done.map_err(|(_, error)| error)
    }

    pub(super) fn placed(&self) -> bool {
        self.placed
    }

    /// Lets go of a file that is to stay under its temporary name.
    pub(super) fn leave(&mut self) {
        self.file = None;
        self.placed = true;
    }

    /// Lets go of a file that has its name: a drive with an open file cannot be unmounted.
    pub(super) fn close(&mut self) {
        if self.placed {
            self.file = None;
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Closed first: Windows keeps the name of an open file.
        self.file = None;
        if !self.placed && steps::discard(&self.path).is_err() {
            tracing::debug!(path = %self.path.display(), "a temporary file stays for the next sweep");
        }
    }
}
