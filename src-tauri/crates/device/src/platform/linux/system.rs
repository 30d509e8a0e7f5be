//! What the running system lives on. Credentials never go there by mistake.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fieldkey_core::Why;

use super::super::why;
use super::Machine;
use super::mounts::{Mount, holding, unescape};

/// Folders that belong to the system, as such. A folder in one of them is its owner's business.
const SYSTEM: &str = "/ /bin /boot /dev /efi /etc /home /lib /lib32 /lib64 /libx32 /media /opt /proc /root /run \
                      /sbin /sys /tmp /usr /usr/local /var /var/lib";

/// Where the system keeps what it needs to start and to run.
const NEEDED: [&str; 7] = ["/", "/boot", "/boot/efi", "/efi", "/usr", "/var", "/home"];

impl Machine {
    /// Why a folder must not be written to, if so.
    pub(super) fn refusal(&self, folder: &Path) -> Option<Why> {
        if let Some(why) = self.reserved(folder) {
            return Some(why);
        }
        let mounts = self.mounts();
        // A bind mount shows a folder, so it is one: the disk's other folders stay out of it.
        let mount = mounts.iter().find(|mount| mount.point == folder && mount.whole())?;
        let system = self.system_disks(&mounts);
        let disks = self.disks_below(mount, &mounts);
        let (disk, needed) = disks.iter().find_map(|disk| Some((disk, system.get(disk)?)))?;
        Some(Why::new(
            format!("it is on {disk}, which holds {needed} of this computer"),
            format!("このパソコンの {needed} がある {disk} 上にあります"),
        ))
    }

    /// Why a folder as such must not be written to, whatever is mounted there.
    pub(super) fn reserved(&self, folder: &Path) -> Option<Why> {
        let is = |path: &Path| path == folder || path.canonicalize().is_ok_and(|path| path == folder);
        // Home first: for root, it is a system folder as well.
        if self.home.as_deref().is_some_and(is) {
            return Some(why::home());
        }
        SYSTEM.split(' ').map(Path::new).any(is).then(why::system_folder)
    }

    /// The disks that the system lives on, each with what it keeps there.
    pub(super) fn system_disks(&self, mounts: &[Mount]) -> BTreeMap<String, String> {
        let mut disks = BTreeMap::new();
        let mut keep = |disk: String, needed: &str| {
            disks.entry(disk).or_insert_with(|| needed.to_owned());
        };
        let home = self.home.as_deref().and_then(Path::to_str);
        for needed in NEEDED.into_iter().chain(home) {
            for disk in holding(mounts, Path::new(needed)).map(|m| self.disks_below(m, mounts)).unwrap_or_default() {
                keep(disk, needed);
            }
        }
        // `Filename Type Size Used Priority`, below a line of headings.
        let swaps = fs::read(self.path("/proc/swaps")).unwrap_or_default();
        for line in swaps.split(|byte| *byte == b'\n').skip(1) {
            let place = line.split(u8::is_ascii_whitespace).next().map(unescape).unwrap_or_default();
            let place = Path::new(&place);
            let below = match self.block_of_node(place) {
                Some(block) => self.disks_of(&block, mounts),
                None if place.is_absolute() => {
                    holding(mounts, place).map(|m| self.disks_below(m, mounts)).unwrap_or_default()
                }
                None => continue,
            };
            for disk in below {
                keep(disk, "the swap space");
            }
        }
        disks
    }
}

pub(super) fn is_of_system(folder: &Path) -> bool {
    SYSTEM.split(' ').any(|name| folder == Path::new(name))
}

#[cfg(test)]
#[path = "system_tests.rs"]
mod tests;
