//! Which volumes could be taken for a device's drive.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::disks::word;
use super::system::is_of_system;
use super::{Machine, usb};
use crate::attached::Volume;

/// Block devices that no device in hand shows up as: images, memory, discs, floppies.
const NOT_DRIVES: [&str; 6] = ["loop", "ram", "zram", "sr", "fd", "nbd"];

/// sysfs counts a disk's size in these, whatever the disk itself does.
const SECTOR: u64 = 512;

impl Machine {
    /// One for each volume, mounted or not; of a disk that the system lives on, one for the disk.
    pub(super) fn volumes(&self) -> Vec<Volume> {
        let mut mounts = self.mounts();
        // A drive that is mounted twice is shown where it can be written to.
        mounts.sort_by_key(|mount| {
            let elsewhere = is_of_system(&mount.point) && mount.point != Path::new("/");
            (elsewhere, mount.point.clone())
        });
        let system = self.system_disks(&mounts);
        let mut seen = BTreeSet::new();
        let mut volumes = vec![];
        for mount in mounts.iter().filter(|mount| mount.whole()) {
            let Some(block) = self.block(mount) else { continue };
            let disks = self.disks_below(mount, &mounts);
            if !self.portable_drive(&block, &disks) {
                continue;
            }
            let of_system = disks.iter().find(|disk| system.contains_key(*disk));
            if !seen.insert(of_system.unwrap_or(&block).clone()) {
                continue;
            }
            let disk = disks.first();
            volumes.push(Volume {
                path: mount.point.clone(),
                mounted: true,
                label: self.label(&block).or_else(|| self.product(disk?)),
                size_bytes: self.size(&block),
                file_system: Some(mount.file_system.clone()),
                read_only: mount.read_only(),
                damaged: mount.gave_up(),
                system: of_system.is_some() || self.reserved(&mount.point).is_some(),
                ..disk.map(|disk| self.on(disk)).unwrap_or_default()
            });
        }
        volumes.extend(self.unmounted(&mounts, &system));
        volumes
    }

    /// Is this a volume of a drive that can be taken away?
    pub(super) fn portable_drive(&self, block: &str, disks: &BTreeSet<String>) -> bool {
        let portable = !disks.is_empty() && disks.iter().all(|disk| self.portable(disk));
        portable && !NOT_DRIVES.iter().any(|kind| block.starts_with(kind))
    }

    /// What a volume has from its disk.
    pub(super) fn on(&self, disk: &str) -> Volume {
        Volume {
            serial_number: self.serial_number(disk),
            usb: self.sys(disk).as_deref().and_then(usb::of),
            ..Volume::default()
        }
    }

    /// A volume's label, as udev's links tell it.
    fn label(&self, block: &str) -> Option<String> {
        let links = fs::read_dir(self.path("/dev/disk/by-label")).ok()?;
        let of_block = |path: &Path| fs::read_link(path).is_ok_and(|node| node.file_name().is_some_and(|n| n == block));
        let link = links.flatten().find(|link| of_block(&link.path()))?;
        Some(decode(&link.file_name().into_string().ok()?))
    }

    pub(super) fn size(&self, block: &str) -> Option<u64> {
        let sectors: u64 = word(&self.sys(block)?.join("size"))?.parse().ok()?;
        sectors.checked_mul(SECTOR)
    }

    pub(super) fn product(&self, disk: &str) -> Option<String> {
        let sys = self.sys(disk)?;
        let usb = usb::device_of(&sys).and_then(|device| word(&device.join("product")));
        usb.or_else(|| word(&sys.join("device/model"))).or_else(|| word(&sys.join("device/name")))
    }

    fn serial_number(&self, disk: &str) -> Option<String> {
        let sys = self.sys(disk)?;
        let usb = usb::device_of(&sys).and_then(|device| word(&device.join("serial")));
        usb.or_else(|| word(&sys.join("device/serial")))
    }
}

/// `FIELD\x20KEY` → `FIELD KEY`: how udev writes what a file name should not hold.
pub(super) fn decode(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let hex = rest.strip_prefix("\\x").and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        match hex {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = rest.get(if hex.is_some() { 4 } else { first.len_utf8() }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
#[path = "volumes_tests.rs"]
mod tests;
