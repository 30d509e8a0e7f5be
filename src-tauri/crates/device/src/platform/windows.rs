//! Windows.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use fieldkey_core::{Failure, Release, Why};
use serial2::{KeepSettings, SerialPort};
use sysinfo::{Disk, DiskRefreshKind, Disks};
use zeroize::Zeroizing;

use super::Room;
pub(crate) use super::polled::{Changes, Stop, changes};
pub(crate) use super::ports::ports;
use super::{aligned, why};
use crate::attached::Volume;

/// ERROR_INVALID_DRIVE, NOT_READY, BAD_COMMAND, CRC, GEN_FAILURE, WRONG_DISK, DEV_NOT_EXIST, NO_SUCH_DEVICE,
/// UNRECOGNIZED_VOLUME, FILE_INVALID, NO_MEDIA_IN_DRIVE, IO_DEVICE, DEVICE_NOT_CONNECTED, DEVICE_REMOVED
pub(crate) const GONE: [i32; 14] = [15, 21, 22, 23, 31, 34, 55, 433, 1005, 1006, 1112, 1117, 1167, 1617];

/// There is no folder for everybody: any account may make one below `ProgramData`.
pub(crate) const MACHINE_DRIVERS: Option<&str> = None;

const FILE_FLAG_NO_BUFFERING: u32 = 0x2000_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// What variables of the environment call folders that belong to the system or hold its users.
const SYSTEM: [&str; 6] = ["SystemRoot", "ProgramFiles", "ProgramFiles(x86)", "ProgramW6432", "ProgramData", "PUBLIC"];

pub(crate) fn volumes() -> Vec<Volume> {
    let Ok(disks) = Disks::new_with_refreshed_list() else { return vec![] };
    disks
        .iter()
        .filter(|disk| disk.is_removable())
        .map(|disk| Volume {
            path: disk.mount_point().into(),
            mounted: true,
            label: Some(disk.name().to_string_lossy().into_owned()),
            serial_number: None,
            size_bytes: Some(disk.total_space()),
            file_system: Some(disk.file_system().to_string_lossy().into_owned()),
            read_only: disk.is_read_only(),
            system: refusal(&real(disk.mount_point())).is_some(),
            ..Volume::default()
        })
        .collect()
}

/// The system mounts drives by itself; what it did not mount is not taken.
pub(crate) async fn mounted(given: &Path) -> Result<PathBuf, Failure> {
    Ok(given.to_owned())
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

/// Why a folder must not be written to, if so.
pub(crate) fn refusal(folder: &Path) -> Option<Why> {
    let is = |path: PathBuf| real(&path) == folder;
    let variable = |name: &&str| std::env::var_os(name).map(PathBuf::from);
    let drive = std::env::var_os("SystemDrive").map(|mut drive| {
        drive.push("\\");
        PathBuf::from(drive)
    });
    let system32 = variable(&"SystemRoot").map(|root| root.join("System32"));
    let users = variable(&"PUBLIC").and_then(|public| public.parent().map(Path::to_owned));
    if drive.into_iter().chain(system32).chain(users).chain(SYSTEM.iter().filter_map(variable)).any(is) {
        return Some(why::system_folder());
    }
    let home = std::env::home_dir().is_some_and(is);
    home.then(why::home)
}

/// As `canonicalize` writes it, so that two ways of writing one folder compare equal.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// What tells a folder from another one in the same place: its volume's serial number.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Place {
    volume: Option<u64>,
}

impl Place {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let disks = names().map_err(io::Error::other)?;
        Ok(Self { volume: holding(&disks, folder).and_then(Disk::id) })
    }
}

/// The volumes without their numbers, for which sleeping disks would be woken.
fn names() -> Result<Disks, sysinfo::Error> {
    Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing())
}

fn holding<'a>(disks: &'a Disks, folder: &Path) -> Option<&'a Disk> {
    let holding = disks.iter().filter(|disk| folder.starts_with(real(disk.mount_point())));
    holding.max_by_key(|disk| disk.mount_point().as_os_str().len())
}

pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Opens what is there under that very name for reading: follows no link.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

/// A copy inherits the folder's permissions, as what it was made of did.
pub(crate) fn keep_mode(_: &Path, _: &File) {}

/// A file inherits the folder's permissions.
pub(crate) fn set_mode(_: &File, _: u32) {}

/// Writes a file through to the drive.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Windows has no such call for folders; the sync of the renamed file writes its name through.
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The probe finds out; the number alone is not worth a second listing of all drives.
pub(crate) fn room(_: &Path) -> io::Result<Room> {
    Ok(Room::default())
}

/// Windows offers a repair instead.
pub(crate) fn gave_up(_: &Path) -> bool {
    false
}

/// A folder's read-only attribute means something else on Windows; the probe finds out.
pub(crate) fn read_only(_: &Path) -> bool {
    false
}

/// Reads a file from the drive itself. The second value is whether that was possible.
pub(crate) fn read_past_cache(path: &Path, limit: usize) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let unbuffered = OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_NO_BUFFERING)
        .open(path)
        .and_then(|file| aligned::read(&file, limit));
    match unbuffered {
        Ok(bytes) => Ok((bytes, true)),
        Err(_) => Ok((aligned::read(&File::open(path)?, limit)?, false)),
    }
}

/// Ejecting takes calls that safe code cannot make yet: the operator ejects in the taskbar.
pub(crate) async fn release(folder: &Path) -> io::Result<Release> {
    let folder = folder.to_owned();
    let released = tokio::task::spawn_blocking(move || {
        let Ok(disks) = names() else { return Release::Flushed };
        match holding(&disks, &folder) {
            Some(disk) if !disk.is_removable() => Release::Folder,
            Some(_) | None => Release::Flushed,
        }
    });
    released.await.map_err(io::Error::other)
}
