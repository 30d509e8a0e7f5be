//! From a mount down to the disks that carry it: through partitions, LVM, LUKS, RAID, loop devices,
//! and file systems that spread over several devices.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::mounts::{Mount, holding};
use super::{Machine, usb};

/// No real machine stacks deeper; a table that points at itself ends here.
const DEPTH: usize = 12;

impl Machine {
    /// The block device that a mount is of, by its kernel name (`sdb1`, `dm-0`).
    pub(super) fn block(&self, mount: &Mount) -> Option<String> {
        let numbered = self.path("/sys/dev/block").join(&mount.device).canonicalize().ok();
        numbered.as_deref().and_then(name).or_else(|| self.block_of_node(&mount.source))
    }

    /// `/dev/mapper/luks-1` → `dm-0`
    pub(super) fn block_of_node(&self, node: &Path) -> Option<String> {
        let node = self.path(node.to_str().filter(|node| node.starts_with("/dev/"))?);
        let target = fs::read_link(&node).unwrap_or(node);
        let found = match target.strip_prefix(self.path("/dev")) {
            // sysfs writes the slash of `cciss/c0d0` as an exclamation mark.
            Ok(below) => below.to_str()?.replace('/', "!"),
            Err(_) => name(&target)?,
        };
        self.sys(&found).map(|_| found)
    }

    /// The disks below a mount, by their kernel names. Empty where there is none (tmpfs, a network).
    pub(super) fn disks_below(&self, mount: &Mount, mounts: &[Mount]) -> BTreeSet<String> {
        let mut disks = BTreeSet::new();
        self.descend(mount, mounts, DEPTH, &mut disks);
        disks
    }

    /// The disks below one block device.
    pub(super) fn disks_of(&self, block: &str, mounts: &[Mount]) -> BTreeSet<String> {
        let mut disks = BTreeSet::new();
        self.descend_block(block, mounts, DEPTH, &mut disks);
        disks
    }

    fn descend(&self, mount: &Mount, mounts: &[Mount], depth: usize, disks: &mut BTreeSet<String>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Some(block) = self.block(mount) {
            for member in self.btrfs_members(&block, mount).unwrap_or_else(|| vec![block]) {
                self.descend_block(&member, mounts, depth, disks);
            }
        } else if mount.file_system == "overlay" {
            // A live system: its root lies over folders of other mounts.
            for layer in layers(mount) {
                if let Some(below) = holding(mounts, &layer).filter(|below| *below != mount) {
                    self.descend(below, mounts, depth, disks);
                }
            }
        }
    }

    fn descend_block(&self, block: &str, mounts: &[Mount], depth: usize, disks: &mut BTreeSet<String>) {
        let (Some(depth), Some(sys)) = (depth.checked_sub(1), self.sys(block)) else { return };
        let (disk, sys) = match sys.parent().and_then(|parent| Some((name(parent)?, parent.to_owned()))) {
            Some(parent) if sys.join("partition").exists() => parent,
            _ => (block.to_owned(), sys),
        };
        let carriers = names(&sys.join("slaves"));
        if !carriers.is_empty() {
            for carrier in carriers {
                self.descend_block(&carrier, mounts, depth, disks);
            }
        } else if let Some(file) = word(&sys.join("loop/backing_file")) {
            if let Some(mount) = holding(mounts, Path::new(&file)) {
                self.descend(mount, mounts, depth, disks);
            }
        } else {
            disks.insert(disk);
        }
    }

    /// All devices of the btrfs that one device belongs to.
    pub(super) fn btrfs_members(&self, block: &str, mount: &Mount) -> Option<Vec<String>> {
        let systems = (mount.file_system == "btrfs").then(|| self.path("/sys/fs/btrfs"))?;
        let members = |system: String| names(&systems.join(system).join("devices"));
        names(&systems).into_iter().map(members).find(|members| members.iter().any(|member| member == block))
    }

    /// A block device's folder in sysfs.
    pub(super) fn sys(&self, block: &str) -> Option<PathBuf> {
        self.path("/sys/class/block").join(block).canonicalize().ok()
    }

    /// Can this disk be taken away: a USB drive of any kind, a card, a removable medium?
    pub(super) fn portable(&self, disk: &str) -> bool {
        let Some(sys) = self.sys(disk) else { return false };
        let card = || word(&sys.join("device/type")).as_deref() == Some("SD");
        word(&sys.join("removable")).as_deref() == Some("1") || usb::device_of(&sys).is_some() || card()
    }

    /// What tells the media below a folder from others in the same place.
    pub(super) fn media(&self, folder: &Path) -> Vec<Medium> {
        let mounts = self.mounts();
        let Some(mount) = holding(&mounts, folder) else { return vec![] };
        let medium = |disk: &String| {
            let sys = self.sys(disk)?;
            let usb = usb::of(&sys).map(|usb| (usb.id(), usb.serial_number, usb.socket));
            Some(Medium { insertion: word(&sys.join("diskseq")), usb })
        };
        self.disks_below(mount, &mounts).iter().filter_map(medium).collect()
    }
}

/// A medium in the machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Medium {
    /// The kernel counts what is put in (since 5.15): the same stick, plugged in again, is another one.
    insertion: Option<String>,
    /// Numbers of maker and model, serial number, socket.
    usb: Option<(String, Option<String>, Option<String>)>,
}

/// The folders that an overlay lies over.
fn layers(mount: &Mount) -> Vec<PathBuf> {
    let values = mount.options.iter().filter_map(|option| option.to_str()?.split_once('='));
    let layers = values.filter(|(key, _)| key.starts_with("lowerdir") || *key == "upperdir");
    layers.flat_map(|(_, folders)| folders.split(':')).filter(|folder| !folder.is_empty()).map(PathBuf::from).collect()
}

/// What a file of sysfs says; `None` if it says nothing.
pub(super) fn word(file: &Path) -> Option<String> {
    let text = fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}

#[cfg(test)]
#[path = "disks_tests.rs"]
mod tests;
