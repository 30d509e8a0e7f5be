//! Windows. What safe code cannot ask of it, `fieldkey-win32` asks.

mod files;
mod ports;
mod release;
mod system;
mod volumes;

use std::io;
use std::path::{Path, PathBuf};

use fieldkey_core::{Failure, Why};
use fieldkey_win32 as win32;
use serial2::{KeepSettings, SerialPort};

use super::Room;
pub(crate) use super::polled::{Changes, Stop, changes};
pub(crate) use files::{create_new, keep_mode, open_plain, read_past_cache, set_mode, sync, sync_folder};
pub(crate) use ports::ports;
pub(crate) use release::release;
pub(crate) use system::refusal;
pub(crate) use volumes::volumes;

/// ERROR_INVALID_DRIVE, NOT_READY, BAD_COMMAND, CRC, GEN_FAILURE, WRONG_DISK, DEV_NOT_EXIST, NO_SUCH_DEVICE,
/// UNRECOGNIZED_VOLUME, FILE_INVALID, NO_MEDIA_IN_DRIVE, IO_DEVICE, DEVICE_NOT_CONNECTED, DEVICE_REMOVED
pub(crate) const GONE: [i32; 14] = [15, 21, 22, 23, 31, 34, 55, 433, 1005, 1006, 1112, 1117, 1167, 1617];

/// There is no folder for everybody: any account may make one below `ProgramData`.
pub(crate) const MACHINE_DRIVERS: Option<&str> = None;

/// The system mounts drives by itself; what it did not mount is not taken. `E:` without a backslash would be the
/// folder that some program was last in.
pub(crate) async fn mounted(given: &Path) -> Result<PathBuf, Failure> {
    let letter =
        given.to_str().is_some_and(|text| matches!(text.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic()));
    Ok(if letter { PathBuf::from(format!("{}\\", given.display())) } else { given.to_owned() })
}

/// Programs here leave no word of the ports that they use.
pub(crate) fn locked_by(_: &Path) -> Option<u32> {
    None
}

/// ERROR_INVALID_FUNCTION, NOT_SUPPORTED, INVALID_PARAMETER
pub(crate) const NO_LINES: [i32; 3] = [1, 50, 87];

/// Opens a serial port, with the settings that it has. Windows opens a port for one program only.
pub(crate) fn open_port(path: &Path) -> io::Result<SerialPort> {
    SerialPort::open(path, KeepSettings)
}

pub(crate) fn unclaim(_: &SerialPort) {}

/// Does opening fail because somebody else has the port? Windows says that access is denied, and means this.
pub(crate) fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// Is it something other than a serial port? ERROR_INVALID_FUNCTION
pub(crate) fn is_no_port(error: &io::Error) -> bool {
    error.raw_os_error() == Some(1)
}

pub(crate) fn port_permission(_: &Path) -> Option<Why> {
    None
}

/// What tells a folder from another one in the same place: its volume, and the number that this got when it was
/// formatted.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Place {
    root: PathBuf,
    serial_number: Option<u32>,
}

impl Place {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let root = win32::root_of(folder)?;
        match win32::Volume::at(&root) {
            Ok(volume) => Ok(Self { root, serial_number: Some(volume.serial_number) }),
            Err(error) if error.raw_os_error().is_some_and(|number| GONE.contains(&number)) => Err(error),
            // Not everything that offers files is a volume with a number.
            Err(_) => Ok(Self { root, serial_number: None }),
        }
    }
}

/// How many files there may be, Windows does not say.
pub(crate) fn room(folder: &Path) -> io::Result<Room> {
    let room = win32::Room::at(&win32::root_of(folder)?)?;
    Ok(Room { bytes: Some(room.free), files: None })
}

/// Windows offers a repair instead.
pub(crate) fn gave_up(_: &Path) -> bool {
    false
}

/// A folder's own read-only attribute means something else on Windows.
pub(crate) fn read_only(folder: &Path) -> bool {
    let volume = win32::root_of(folder).and_then(|root| win32::Volume::at(&root));
    volume.is_ok_and(|volume| volume.read_only)
}

/// As `canonicalize` writes it, so that two ways of writing one folder compare equal.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_is_the_drive_s_root_and_not_where_a_program_was() {
        for (given, meant) in [("E:", r"E:\"), (r"E:\", r"E:\"), (r"E:\a", r"E:\a"), ("E:a", "E:a"), ("ab:", "ab:")] {
            assert_eq!(mounted(Path::new(given)).await.expect("taken"), Path::new(meant));
        }
    }

    #[test]
    fn a_folder_s_room_and_place_are_its_volume_s() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().canonicalize().expect("there");
        let inner = path.join("inner");
        std::fs::create_dir(&inner).expect("folder");
        assert!(Place::of(&path).expect("a place") == Place::of(&inner).expect("a place"));
        assert!(room(&inner).expect("room").bytes.is_some_and(|bytes| bytes > 0));
        assert!(!read_only(&inner) && !gave_up(&inner));
    }
}
