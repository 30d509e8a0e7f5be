//! Letting a drive go, so that it can be unplugged.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fieldkey_core::Release;
use zbus::Connection;

use super::mounts::holding;
use super::{Machine, mount, udisks};

/// A drive that is slow to write its last blocks; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a folder is to the drive below it.
#[derive(Debug, Eq, PartialEq)]
enum Hold {
    /// Nothing that could be unplugged is below it.
    Folder,
    /// It is somewhere on a drive: naming it is no order to eject the drive.
    Inside,
    /// It is where the drive is mounted.
    Drive { block: String, disks: BTreeSet<String> },
}

/// Unmounts and ejects a removable drive that is mounted at the folder.
pub(crate) async fn release(folder: &Path) -> io::Result<Release> {
    let bus = async { Connection::system().await.ok() };
    Machine::this().release(folder, bus).await
}

impl Machine {
    async fn release(&self, folder: &Path, bus: impl Future<Output = Option<Connection>>) -> io::Result<Release> {
        let (block, disks) = match self.hold(folder) {
            Hold::Folder => return Ok(Release::Folder),
            Hold::Inside => {
                write_through(folder).await?;
                return Ok(Release::Flushed);
            }
            Hold::Drive { block, disks } => (block, disks),
        };
        write_through(folder).await?;
        let eject = async {
            let bus = bus.await;
            let unmounted = match &bus {
                Some(bus) => udisks::unmount(bus, &block).await,
                None => false,
            };
            if !unmounted && !unmount_as_root(folder).await {
                return Release::Flushed;
            }
            mount::tidy(folder);
            if let Some(bus) = &bus {
                udisks::eject(bus, &block).await;
            }
            // Another volume of the same drive: unplugging would still pull it away.
            if self.in_use(&disks) { Release::Flushed } else { Release::Ejected }
        };
        Ok(tokio::time::timeout(PATIENCE, eject).await.unwrap_or(Release::Flushed))
    }

    fn hold(&self, folder: &Path) -> Hold {
        let mounts = self.mounts();
        let Some(mount) = holding(&mounts, folder) else { return Hold::Folder };
        let disks = self.disks_below(mount, &mounts);
        let system = self.system_disks(&mounts);
        let ours = |disk: &String| self.portable(disk) && !system.contains_key(disk);
        if disks.is_empty() || !disks.iter().all(ours) {
            return Hold::Folder;
        }
        match self.block(mount) {
            Some(block) if mount.point == folder && mount.whole() => Hold::Drive { block, disks },
            _ => Hold::Inside,
        }
    }

    fn in_use(&self, disks: &BTreeSet<String>) -> bool {
        let mounts = self.mounts();
        mounts.iter().any(|mount| !self.disks_below(mount, &mounts).is_disjoint(disks))
    }
}

async fn write_through(folder: &Path) -> io::Result<()> {
    let folder = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || Ok(rustix::fs::syncfs(File::open(folder)?)?));
    written.await.map_err(io::Error::other)?
}

/// Where no desktop mounts drives, whoever mounted this one may be root, as we are.
async fn unmount_as_root(folder: &Path) -> bool {
    if !rustix::process::geteuid().is_root() {
        return false;
    }
    let folder: PathBuf = folder.to_owned();
    let umount = move || {
        let status = Command::new("umount")
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .arg("--")
            .arg(folder)
            .stdin(Stdio::null())
            .output();
        status.is_ok_and(|output| output.status.success())
    };
    tokio::task::spawn_blocking(umount).await.unwrap_or(false)
}

#[cfg(test)]
#[path = "release_tests.rs"]
mod tests;
