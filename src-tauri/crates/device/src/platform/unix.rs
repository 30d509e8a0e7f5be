//! What Linux and macOS share.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use fieldkey_core::Why;
use rustix::fs::{FlockOperation, OFlags, StatVfsMountFlags, flock, statvfs};
use rustix::io::Errno;
use rustix::termios::{ioctl_tiocexcl, ioctl_tiocnxcl};
use serial2::SerialPort;

use super::Room;

/// What a port answers that has no control lines: ENOTTY, EINVAL, and the two that are one on Linux, ENOTSUP and
/// EOPNOTSUPP.
pub(crate) const NO_LINES: [i32; 4] = [
    Errno::NOTTY.raw_os_error(),
    Errno::INVAL.raw_os_error(),
    Errno::NOTSUP.raw_os_error(),
    Errno::OPNOTSUPP.raw_os_error(),
];

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

/// Lets others read a file, or not. FAT has no others.
pub(crate) fn set_mode(file: &File, mode: u32) {
    let _ = file.set_permissions(Permissions::from_mode(mode));
}

/// Writes a file through to the drive.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    file.sync_all().or_else(|error| if is_unknown(&error) { Ok(rustix::fs::fsync(file)?) } else { Err(error) })
}

/// Writes a folder's names through to the drive.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Some network and user-space file systems have no such call, nor a need for it.
    sync(&File::open(folder)?).or_else(|error| if is_unknown(&error) { Ok(()) } else { Err(error) })
}

/// Does the file system lack what it was asked for? On macOS that is F_FULLFSYNC, which std asks for and only Apple's
/// own file systems promise. These are the words that the kernel itself takes for a no, and Linux's.
fn is_unknown(error: &io::Error) -> bool {
    let words = [Errno::NOTTY, Errno::INVAL, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS];
    words.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

pub(crate) fn room(folder: &Path) -> io::Result<Room> {
    let stat = statvfs(folder)?;
    // Where the total is 0, the file system does not count. Apple's for FAT12 and FAT16 counts, and has never any free.
    let counts_files = stat.f_files > 0 && !(cfg!(target_os = "macos") && stat.f_favail == 0);
    Ok(Room {
        bytes: (stat.f_blocks > 0).then(|| stat.f_bavail.saturating_mul(stat.f_frsize)),
        files: counts_files.then_some(stat.f_favail),
    })
}

pub(crate) fn read_only(folder: &Path) -> bool {
    statvfs(folder).is_ok_and(|stat| stat.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// Opens a serial port for ourselves alone, with the settings that it has. The lock is what keeps out root and programs
/// that had the port open before; the terminal's own mark is what keeps out those that know of no locks.
///
/// Opening raises DTR and RTS: the kernel does that by itself, and offers no way around it. A board with a capacitor at
/// DTR starts anew then, once.
pub(crate) fn open_port(path: &Path) -> io::Result<SerialPort> {
    // The flags' bits fit: the kernel takes an int.
    let flags = (OFlags::NOCTTY | OFlags::NONBLOCK).bits().cast_signed();
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    ioctl_tiocexcl(&file)?;
    Ok(SerialPort::from(OwnedFd::from(file)))
}

/// Lets others open the port again. A terminal of a program (a pty) would keep the mark.
pub(crate) fn unclaim(port: &SerialPort) {
    let _ = ioctl_tiocnxcl(port);
}

/// Does opening fail because somebody else has the port?
pub(crate) fn is_busy(error: &io::Error) -> bool {
    [Errno::BUSY, Errno::WOULDBLOCK].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Is it something other than a serial port?
pub(crate) fn is_no_port(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOTTY.raw_os_error())
}

/// What to do about a port that may not be opened.
pub(crate) fn port_permission(path: &Path) -> Option<Why> {
    let metadata = fs::metadata(path).ok()?;
    if metadata.mode() & 0o060 != 0o060 || metadata.gid() == 0 {
        return Some(Why::new("only root may open it", "root だけが開けます"));
    }
    let group = group(metadata.gid());
    Some(Why::new(
        format!("it belongs to the group `{group}`: sudo usermod -aG {group} YOUR-NAME, then sign in again"),
        format!(
            "グループ「{group}」のものです。sudo usermod -aG {group} ユーザー名 を実行し、サインインし直してください"
        ),
    ))
}

/// A group's name, or its number if the name is kept elsewhere.
fn group(number: u32) -> String {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let number = number.to_string();
    let name = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(&number)).then(|| name.to_owned())
    });
    name.unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_file_system_lacks_is_done_another_way() {
        let unknown = |errno: Errno| is_unknown(&errno.into());
        assert!(unknown(Errno::NOTTY) && unknown(Errno::NOTSUP) && unknown(Errno::INVAL), "macOS");
        assert!(unknown(Errno::OPNOTSUPP) && unknown(Errno::NOSYS), "Linux");
        for errno in [Errno::IO, Errno::NXIO, Errno::NODEV, Errno::NOSPC, Errno::ROFS] {
            assert!(!unknown(errno), "{errno}: nothing was written, and that must be said");
        }
    }
}
