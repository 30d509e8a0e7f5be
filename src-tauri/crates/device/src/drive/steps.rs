//! The changes to a folder, step by step: everything that writes goes through here, so that tests can stop at each.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::platform;

/// A pull may cut a write between two of a drive's sectors.
const SECTOR: usize = 512;

/// Makes a file that was not there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    step(path)?;
    platform::create_new(path)
}

pub(super) fn write(path: &Path, mut file: &File, bytes: &[u8]) -> io::Result<()> {
    for part in bytes.chunks(SECTOR) {
        step(path)?;
        file.write_all(part)?;
    }
    Ok(())
}

/// Writes a file through to the drive.
pub(super) fn sync(path: &Path, file: &File) -> io::Result<()> {
    step(path)?;
    platform::sync(file)
}

/// Gives a file its name and writes that through, by the handle that the file was written with or by another one.
/// The second fsync on the same handle is not for show: without it, FAT has the new name with zero bytes behind it
/// after a pull, and the old file is lost too.
///
/// # Errors
/// With whether the file has its name.
pub(super) fn place(from: &Path, to: &Path, file: Option<&File>) -> Result<(), (bool, io::Error)> {
    step(to).and_then(|()| fs::rename(from, to)).map_err(|error| (false, error))?;
    let through = file.map_or(Ok(()), |file| sync(to, file)).and_then(|()| sync_folder_of(to));
    through.map_err(|error| (true, error))
}

/// Gives a file that an earlier run wrote its name, and writes that through.
pub(super) fn place_found(from: &Path, to: &Path) -> io::Result<()> {
    place(from, to, Some(&open(from)?)).map_err(|(_, error)| error)
}

/// Opens a file that is there so that it can be written through.
pub(super) fn open(path: &Path) -> io::Result<File> {
    // Windows flushes only what is open for writing; elsewhere a file may have become read-only.
    File::options().read(true).write(true).open(path).or_else(|_| File::open(path))
}

/// Removes a file, if it is there, and writes that through.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match step(path).and_then(|()| fs::remove_file(path)) {
        Ok(()) => sync_folder_of(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes a file. Until the folder is written through, a pull brings it back, on FAT with clusters that another file may
/// have by then.
pub(super) fn discard(path: &Path) -> io::Result<()> {
    step(path)?;
    fs::remove_file(path)
}

/// Writes a folder's names through to the drive.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    step(path)?;
    platform::sync_folder(path)
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(not(test))]
fn step(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use stop::step;

/// Stops the steps in one folder.
#[cfg(test)]
pub(super) mod stop {
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};

    /// What happens to the steps after the one that fails.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) enum Then {
        /// They fail too: the process was killed, or the drive pulled.
        End,
        /// They work: it was something passing.
        GoOn,
    }

    struct Stop {
        folder: PathBuf,
        left: usize,
        then: Then,
        met: bool,
    }

    static STOPS: Mutex<Vec<Stop>> = Mutex::new(vec![]);

    /// Lets so many steps happen in a folder and no more.
    pub(crate) fn after(steps: usize, folder: &Path, then: Then) {
        let folder = folder.canonicalize().expect("folder");
        let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
        stops.retain(|stop| stop.folder != folder);
        stops.push(Stop { folder, left: steps, then, met: false });
    }

    /// Lets all steps happen again. Returns whether one was stopped.
    pub(crate) fn lift(folder: &Path) -> bool {
        let folder = folder.canonicalize().expect("folder");
        let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
        let met = stops.iter().any(|stop| stop.folder == folder && stop.met);
        stops.retain(|stop| stop.folder != folder);
        met
    }

    pub(super) fn step(path: &Path) -> io::Result<()> {
        let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stop) = stops.iter_mut().find(|stop| path.starts_with(&stop.folder)) else { return Ok(()) };
        match stop.left {
            0 if stop.met && stop.then == Then::GoOn => Ok(()),
            0 => {
                stop.met = true;
                Err(io::ErrorKind::NotConnected.into())
            }
            _ => {
                stop.left -= 1;
                Ok(())
            }
        }
    }
}
