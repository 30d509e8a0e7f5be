//! What Linux and macOS share.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{OFlags, StatVfsMountFlags, statvfs};

use super::Room;

/// A new file for its owner alone. FAT has no owners: there, whoever has the drive has the key.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Opens what is there under that very name for reading: follows no link, and waits for nobody at a pipe.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    // The flags' bits fit: the kernel takes an int.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Gives a copy the permissions of what it was made of. FAT has none to give.
pub(crate) fn keep_mode(of: &Path, copy: &File) {
    if let Ok(metadata) = fs::symlink_metadata(of) {
        let _ = copy.set_permissions(Permissions::from_mode(metadata.permissions().mode() & 0o777));
    }
}

/// Writes a file through to the drive.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    file.sync_all().or_else(|error| match error.kind() {
        // macOS: F_FULLFSYNC is not for every file system.
        ErrorKind::Unsupported | ErrorKind::InvalidInput => Ok(rustix::fs::fsync(file)?),
        _ => Err(error),
    })
}

/// Writes a folder's names through to the drive.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all().or_else(|error| match error.kind() {
        // Some network and user-space file systems have no such call, nor a need for it.
        ErrorKind::Unsupported | ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    })
}

pub(crate) fn room(folder: &Path) -> io::Result<Room> {
    let stat = statvfs(folder)?;
    // Where the total is 0, the file system does not count.
    Ok(Room {
        bytes: (stat.f_blocks > 0).then(|| stat.f_bavail.saturating_mul(stat.f_frsize)),
        files: (stat.f_files > 0).then_some(stat.f_favail),
    })
}

pub(crate) fn read_only(folder: &Path) -> bool {
    statvfs(folder).is_ok_and(|stat| stat.f_flag.contains(StatVfsMountFlags::RDONLY))
}
