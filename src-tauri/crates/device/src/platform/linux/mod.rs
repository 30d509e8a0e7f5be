//! Linux: everything is read out of /proc, /sys and /dev.

#[cfg(test)]
mod bus;
mod changes;
mod disks;
#[cfg(test)]
mod fixture;
mod mount;
mod mounts;
mod ports;
mod read;
mod release;
mod system;
mod udisks;
mod unmounted;
mod usb;
mod volumes;

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fieldkey_core::Why;

use self::disks::Medium;
use self::mounts::Mount;
use crate::attached::{SerialPort, Volume};

pub(crate) use self::changes::{Changes, Stop, changes};
pub(crate) use self::mount::mounted;
pub(crate) use self::read::read_past_cache;
pub(crate) use self::release::release;
pub(crate) use super::unix::{
    NO_LINES, create_new, is_busy, is_no_port, keep_mode, open_plain, open_port, port_permission, read_only, room,
    set_mode, sync, sync_folder, unclaim,
};

/// EIO, ENXIO, ENODEV, ESHUTDOWN, EREMOTEIO, ENOMEDIUM
pub(crate) const GONE: [i32; 6] = [5, 6, 19, 108, 121, 123];

/// Recipes for everybody on this computer, put there by packages.
pub(crate) const MACHINE_DRIVERS: Option<&str> = Some("/usr/share/fieldkey/drivers");

/// The machine as its kernel describes it.
pub(super) struct Machine {
    /// `/`, but in tests.
    root: PathBuf,
    home: Option<PathBuf>,
}

impl Machine {
    fn this() -> Self {
        Self { root: "/".into(), home: std::env::home_dir() }
    }

    /// The mounts that can be seen: what lies under a later mount on the same point is hidden.
    fn mounts(&self) -> Vec<Mount> {
        let table = std::fs::read(self.path("/proc/self/mountinfo")).unwrap_or_default();
        mounts::visible(mounts::parse(&table))
    }

    /// Where a path of the machine is.
    fn path(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }
}

/// Volumes on disks that can be taken away.
pub(crate) fn volumes() -> Vec<Volume> {
    Machine::this().volumes()
}

/// Serial ports with hardware behind them.
pub(crate) fn ports() -> Vec<SerialPort> {
    Machine::this().ports()
}

/// The process that says it uses a port.
pub(crate) fn locked_by(port: &Path) -> Option<u32> {
    Machine::this().locked_by(port)
}

/// Why a folder must not be written to, if so.
pub(crate) fn refusal(folder: &Path) -> Option<Why> {
    Machine::this().refusal(folder)
}

/// Has the kernel set a FAT file system read-only because of an error in it?
pub(crate) fn gave_up(folder: &Path) -> bool {
    mounts::holding(&Machine::this().mounts(), folder).is_some_and(Mount::gave_up)
}

/// What tells a folder from another one in the same place.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Place {
    device: u64,
    media: Vec<Medium>,
}

impl Place {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let device = folder.metadata()?.dev();
        Ok(Self { device, media: Machine::this().media(folder) })
    }
}
