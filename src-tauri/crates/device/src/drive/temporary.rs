//! Files under a temporary name.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fieldkey_core::{Code, Failure, Why};

use super::folder::Folder;
use crate::platform;

const PREFIX: &str = ".fieldkey-";
const SUFFIX: &str = ".tmp";

/// A file under a temporary name, which goes when this is dropped before it got its own name.
pub(super) struct Temporary {
    path: PathBuf,
    /// Open until the end: the fsync after the rename must go through the same handle. A lock on it
    /// tells another Fieldkey that somebody is at work here.
    file: Option<File>,
    placed: bool,
}

impl Temporary {
    /// Writes the bytes through to the drive.
    pub(super) fn write(folder: &Folder, name: &str, bytes: &[u8]) -> io::Result<Self> {
        let path = folder.file(&format!("{PREFIX}{name}{SUFFIX}"));
        let mut file = platform::create_new(&path)?;
        // A file system without locks only loses the protection against a second Fieldkey.
        let _ = file.try_lock();
        let write = |file: &mut File| file.write_all(bytes).and_then(|()| platform::sync(file));
        let written = write(&mut file);
        // From here on, dropping it removes the file, whatever the write said.
        let temporary = Self { path, file: Some(file), placed: false };
        written.map(|()| temporary)
    }

    /// Gives the file its own name and writes that through. The second fsync on the same handle is
    /// not for show: without it, FAT has the new name with zero bytes behind it after a pull, and
    /// the old file is lost too.
    pub(super) fn place(&mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.placed = true;
        if let Some(file) = &self.file {
            platform::sync(file)?;
        }
        to.parent().map_or(Ok(()), platform::sync_folder)
    }

    pub(super) fn placed(&self) -> bool {
        self.placed
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Closed first: Windows keeps the name of an open file.
        self.file = None;
        if !self.placed && fs::remove_file(&self.path).is_err() {
            tracing::debug!(path = %self.path.display(), "a temporary file stays for the next sweep");
        }
    }
}

/// Removes what an earlier run left behind when it was killed or the drive was pulled.
///
/// # Errors
/// `target-refused` if another Fieldkey is writing here now, or the folder cannot be changed.
pub(super) fn sweep(folder: &Folder) -> Result<(), Failure> {
    for entry in fs::read_dir(folder.path()).map_err(|error| folder.fault(&error))? {
        let entry = entry.map_err(|error| folder.fault(&error))?;
        let ours = |name: &str| name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        if !entry.file_name().to_str().is_some_and(ours) {
            continue;
        }
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_file()) && locked(&path) {
            return Err(folder
                .failure(Code::TargetRefused)
                .because_of(Why::new("another Fieldkey is writing here", "別の Fieldkey が書き込み中です")));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(folder.fault(&error)),
            _ => {}
        }
    }
    Ok(())
}

fn locked(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}
