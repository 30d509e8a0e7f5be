//! Linux: everything is read out of /proc, /sys and /dev.

mod changes;
mod disks;
#[cfg(test)]
mod fixture;
mod mounts;
mod read;
mod release;
mod system;
mod udisks;
mod volumes;

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fieldkey_core::Why;

use self::mounts::Mount;
use crate::attached::Volume;

pub(crate) use self::changes::{Changes, Stop, changes};
pub(crate) use self::read::read_past_cache;
pub(crate) use self::release::release;
pub(crate) use super::unix::{create_new, keep_mode, open_plain, read_only, room, sync, sync_folder};

/// EIO, ENXIO, ENODEV, ESHUTDOWN, EREMOTEIO, ENOMEDIUM
pub(crate) const GONE: [i32; 6] = [5, 6, 19, 108, 121, 123];

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

/// Mounted volumes on disks that can be taken away.
pub(crate) fn volumes() -> Vec<Volume> {
    Machine::this().volumes()
}

/// Why a folder must not be written to, if so.
pub(crate) fn refusal(folder: &Path) -> Option<Why> {
    Machine::this().refusal(folder)
}

/// What tells a folder from another one in the same place.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Place {
    device: u64,
    /// The kernel counts each medium that is put in: the same stick, plugged in again, is another one.
    insertions: Vec<String>,
}

impl Place {
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let device = folder.metadata()?.dev();
        Ok(Self { device, insertions: Machine::this().insertions(folder) })
    }
}
