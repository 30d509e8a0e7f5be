//! Who writes, and whether they still live: each open journal holds the lock of a file of its own, and
//! its runs carry that file's name.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::{Error, files};

pub(crate) struct Writer {
    pub(crate) id: String,
    path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl Writer {
    /// Call it only while holding the opening lock, so that no [`sweep`] comes between making and locking.
    pub(crate) fn new(folder: &Path, id: String) -> io::Result<Self> {
        let path = path(folder, &id);
        let lock = files::private_lock(&path)?;
        lock.lock()?;
        Ok(Self { id, path, _lock: lock })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // What is left behind, the next opening sweeps away.
        let _ = fs::remove_file(&self.path);
    }
}

/// The writers of runs without an end of whom nothing more comes.
pub(crate) fn dead(connection: &Connection, folder: &Path) -> Result<HashSet<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT writer FROM run WHERE outcome = 'open'")?;
    let mut writers: HashSet<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if writers.is_empty() {
        return Ok(writers);
    }
    // The killed of years may be thousands, and hardly one of them has a file: it is quicker to see who has one.
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if let Some(id) = id(&path).filter(|&id| writers.contains(id))
            && File::open(&path).is_ok_and(|file| locked(file.try_lock_shared()))
        {
            writers.remove(id);
        }
    }
    Ok(writers)
}

/// Removes the files of writers that were killed. Call it only while holding the opening lock.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if id(&path).is_some() && File::open(&path).is_ok_and(|file| !locked(file.try_lock())) {
            // Best effort: a file too many is no reason to go without a journal.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

const PREFIX: &str = "journal-writer-";

fn path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{PREFIX}{id}"))
}

/// Whose file it is, if it is a writer's.
fn id(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix(PREFIX)
}

fn locked(attempt: Result<(), TryLockError>) -> bool {
    matches!(attempt, Err(TryLockError::WouldBlock))
}
