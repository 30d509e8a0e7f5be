//! macOS. Not built by the tests here: kept close to its siblings.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fieldkey_core::{Failure, Release, Why};
use sysinfo::{Disk, DiskRefreshKind, Disks};
use zeroize::Zeroizing;

pub(crate) use super::polled::{Changes, Stop, changes};
pub(crate) use super::ports::ports;
use super::unix;
pub(crate) use super::unix::{
    NO_LINES, is_busy, is_no_port, keep_mode, open_plain, open_port, port_permission, read_only, room, set_mode, sync,
    sync_folder, unclaim,
};
use super::{aligned, mac, why};
use crate::attached::Volume;

/// EIO, ENXIO, ENODEV
pub(crate) const GONE: [i32; 3] = [5, 6, 19];

/// Recipes for everybody on this computer. Only administrators write there.
pub(crate) const MACHINE_DRIVERS: Option<&str> = Some("/Library/Application Support/Fieldkey/drivers");

pub(crate) fn volumes() -> Vec<Volume> {
    // Nothing of the drives' traffic: this is asked every 2 seconds.
    let sizes = DiskRefreshKind::nothing().with_storage();
    let Ok(disks) = Disks::new_with_refreshed_list_specifics(sizes) else { return vec![] };
    let shown = |disk: &&Disk| disk.is_removable() && !mac::is_own_volume(disk.mount_point());
    disks
        .iter()
        .filter(shown)
        .map(|disk| Volume {
            path: disk.mount_point().into(),
            mounted: true,
            label: Some(disk.name().to_string_lossy().into_owned()),
            serial_number: None,
            size_bytes: Some(disk.total_space()),
            file_system: Some(disk.file_system().to_string_lossy().into_owned()),
            read_only: disk.is_read_only(),
            system: disk.mount_point() == Path::new("/"),
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

/// Why a folder must not be written to, if so.
pub(crate) fn refusal(folder: &Path) -> Option<Why> {
    if mac::is_system(folder) {
        return Some(why::system_folder());
    }
    let home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
    if home.is_some_and(|home| mac::is_same(folder, &home)) {
        return Some(why::home());
    }
    let built_in = |disk: &Disk| mac::is_same(disk.mount_point(), folder) && !disk.is_removable();
    names()
        .ok()?
        .iter()
        .any(built_in)
        .then(|| Why::new("it is a disk built into this Mac", "この Mac の内蔵ディスクです"))
}

/// macOS repairs a file system, or mounts it read-only from the start.
pub(crate) fn gave_up(_: &Path) -> bool {
    false
}

/// The volumes without their sizes, which take a while to find out.
fn names() -> Result<Disks, sysinfo::Error> {
    Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing())
}

/// What tells a folder from another one in the same place.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Place {
    device: u64,
}

impl Place {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        Ok(Self { device: folder.metadata()?.dev() })
    }
}

pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let file = unix::create_new(path)?;
    // What never went into the cache cannot be read back from it.
    let _ = rustix::fs::fcntl_nocache(&file, true);
    Ok(file)
}

/// Reads a file from the drive itself. The second value is whether that was possible.
pub(crate) fn read_past_cache(path: &Path, limit: usize) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let file = File::open(path)?;
    let past_cache = rustix::fs::fcntl_nocache(&file, true).is_ok();
    Ok((aligned::read(&file, limit)?, past_cache))
}

/// Unmounts and ejects a removable drive that is mounted at the folder.
pub(crate) async fn release(folder: &Path) -> io::Result<Release> {
    let folder = folder.to_owned();
    let released = tokio::task::spawn_blocking(move || {
        let Ok(disks) = names() else { return Release::Flushed };
        let holding = disks.iter().filter(|disk| folder.starts_with(disk.mount_point()));
        match holding.max_by_key(|disk| disk.mount_point().as_os_str().len()) {
            Some(disk) if !disk.is_removable() => Release::Folder,
            None => Release::Folder,
            // A folder somewhere on a drive is no order to eject the drive.
            Some(disk) if disk.mount_point() == folder && eject(&folder) => Release::Ejected,
            Some(_) => Release::Flushed,
        }
    });
    released.await.map_err(io::Error::other)
}

/// All volumes of the drive go. Where a program still uses one, none does, and `diskutil` fails.
fn eject(mount_point: &Path) -> bool {
    let mut diskutil = Command::new("/usr/sbin/diskutil");
    diskutil.env_clear().arg("eject").arg(mount_point).stdin(Stdio::null());
    diskutil.output().is_ok_and(|output| output.status.success())
}
