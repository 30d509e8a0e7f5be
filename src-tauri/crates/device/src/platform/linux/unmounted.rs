//! Volumes that nobody has mounted: what udev has found on them.

use std::collections::{BTreeMap, BTreeSet};

use super::Machine;
use super::disks::{names, word};
use super::mounts::Mount;
use super::volumes::decode;
use crate::attached::Volume;

/// File systems that Linux writes to.
const WRITABLE: [&str; 9] = ["vfat", "exfat", "ntfs", "ext2", "ext3", "ext4", "btrfs", "f2fs", "xfs"];

impl Machine {
    /// Those on drives that can be taken away and that the system does not live on.
    pub(super) fn unmounted(&self, mounts: &[Mount], system: &BTreeMap<String, String>) -> Vec<Volume> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        for mount in mounts {
            let Some(block) = self.block(mount) else { continue };
            used.extend(self.btrfs_members(&block, mount).unwrap_or_else(|| vec![block]));
        }
        let blocks = names(&self.path("/sys/class/block")).into_iter().filter(|block| !used.contains(block));
        blocks.filter_map(|block| self.lying_idle(&block, mounts, system)).collect()
    }

    fn lying_idle(&self, block: &str, mounts: &[Mount], system: &BTreeMap<String, String>) -> Option<Volume> {
        let sys = self.sys(block)?;
        // Something is built upon it: it is that which has a file system, or none.
        if !names(&sys.join("holders")).is_empty() {
            return None;
        }
        let disks = self.disks_of(block, mounts);
        if !self.portable_drive(block, &disks) || disks.iter().any(|disk| system.contains_key(disk)) {
            return None;
        }
        let found = self.udev(block);
        let file_system = found.get("ID_FS_TYPE")?;
        if found.get("UDISKS_IGNORE").is_some_and(|ignore| ignore == "1") {
            return None;
        }
        let disk = disks.first()?;
        let label = found.get("ID_FS_LABEL_ENC").map(|label| decode(label)).filter(|label| !label.trim().is_empty());
        Some(Volume {
            path: format!("/dev/{}", block.replace('!', "/")).into(),
            label: label.or_else(|| self.product(disk)),
            size_bytes: self.size(block),
            read_only: word(&sys.join("ro")).as_deref() == Some("1"),
            foreign: !writable(file_system),
            file_system: Some(file_system.clone()),
            ..self.on(disk)
        })
    }

    /// What udev has noted of a block device: lines of `E:KEY=VALUE`.
    pub(super) fn udev(&self, block: &str) -> BTreeMap<String, String> {
        let number = self.sys(block).and_then(|sys| word(&sys.join("dev"))).unwrap_or_default();
        let notes = std::fs::read(self.path("/run/udev/data").join(format!("b{number}"))).unwrap_or_default();
        let notes = String::from_utf8_lossy(&notes);
        let lines = notes.lines().filter_map(|line| line.strip_prefix("E:")?.split_once('='));
        lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}

/// Could a file system be written to, if it were mounted?
pub(super) fn writable(file_system: &str) -> bool {
    WRITABLE.contains(&file_system)
}

#[cfg(test)]
#[path = "unmounted_tests.rs"]
mod tests;
