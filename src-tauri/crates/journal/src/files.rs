//! Files that only their owner can read. On Windows the user's profile folder sees to that.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Makes the folder, closed to others. One that is there already keeps its permissions: it may be shared
/// with more than the journal.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the database's empty file. SQLite gives its `-wal` and `-shm` the same permissions.
///
/// One that is there is never opened: closing it again would drop the POSIX locks of every SQLite
/// connection that this process has to it.
pub(crate) fn private_database(path: &Path) -> io::Result<()> {
    match options().create_new(true).open(path) {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => close_to_others(path),
        other => other.map(drop),
    }
}

/// Opens a file that is only there to be locked.
pub(crate) fn private_lock(path: &Path) -> io::Result<File> {
    options().create(true).truncate(false).open(path)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn close_to_others(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(drop)
}

/// Waits for a lock, but not for ever: whoever holds it may be stopped.
///
/// # Errors
/// `WouldBlock` if it was not to be had in time.
pub(crate) fn lock_soon(file: &File, patience: Duration) -> io::Result<()> {
    soon(patience, || file.try_lock())
}

/// As [`lock_soon`], beside others that only read.
pub(crate) fn lock_shared_soon(file: &File, patience: Duration) -> io::Result<()> {
    soon(patience, || file.try_lock_shared())
}

fn soon(patience: Duration, attempt: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    let end = Instant::now() + patience;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(Duration::from_millis(1)),
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}
