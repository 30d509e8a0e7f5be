//! Drives that can be taken away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fieldkey_win32::{self as win32, Disk, Kind, Node};

use super::system;
use crate::attached::Volume;
use crate::usb::Usb;

pub(crate) fn volumes() -> Vec<Volume> {
    let with_disk = |root: PathBuf| {
        let disk = Disk::below(&root).ok();
        is_portable(win32::kind(&root), disk.as_ref()).then_some((root, disk))
    };
    let portable: Vec<_> = win32::roots().into_iter().filter_map(with_disk).collect();
    if portable.is_empty() {
        return vec![];
    }
    let devices: BTreeMap<u32, Node> = win32::disks().into_iter().collect();
    portable.into_iter().filter_map(|(root, disk)| volume(root, disk.as_ref(), &devices)).collect()
}

/// A disk in a case of its own is a fixed one to Windows: there its bus tells.
pub(super) fn is_portable(kind: Kind, disk: Option<&Disk>) -> bool {
    match kind {
        Kind::Removable => true,
        Kind::Fixed => disk.is_some_and(|disk| disk.portable),
        Kind::Other => false,
    }
}

/// `None` for a reader without a card, and for a drive that nobody has unlocked.
fn volume(root: PathBuf, disk: Option<&Disk>, devices: &BTreeMap<u32, Node>) -> Option<Volume> {
    let told = win32::Volume::at(&root).ok()?;
    let usb = disk.and_then(|disk| devices.get(&disk.number)?.usb()).map(of);
    Some(Volume {
        mounted: true,
        label: told.label.or_else(|| disk?.product.clone()),
        serial_number: usb.as_ref().and_then(|usb| usb.serial_number.clone()),
        size_bytes: win32::Room::at(&root).ok().map(|room| room.whole),
        file_system: told.file_system,
        read_only: told.read_only || disk.is_some_and(|disk| disk.read_only),
        system: system::refusal(&super::real(&root)).is_some(),
        usb,
        path: root,
        ..Volume::default()
    })
}

pub(super) fn of(usb: win32::Usb) -> Usb {
    Usb {
        vendor: usb.vendor,
        product: usb.product,
        serial_number: usb.serial_number,
        interface: usb.interface,
        several: false,
        socket: usb.socket,
    }
}

/// The number of the disk that a volume is on, if it is on one.
pub(super) fn disk(root: &Path) -> Option<u32> {
    Disk::below(root).ok().map(|disk| disk.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(portable: bool) -> Disk {
        Disk { number: 1, portable, read_only: false, product: None }
    }

    #[test]
    fn a_disk_on_usb_can_be_taken_away_and_one_that_is_built_in_cannot() {
        assert!(is_portable(Kind::Fixed, Some(&disk(true))) && !is_portable(Kind::Fixed, Some(&disk(false))));
        assert!(is_portable(Kind::Removable, None), "some readers tell nothing of themselves");
        assert!(!is_portable(Kind::Fixed, None) && !is_portable(Kind::Other, Some(&disk(true))));
    }

    #[test]
    fn the_drive_that_windows_lives_on_is_never_offered() {
        let system = std::env::var("SystemDrive").expect("Windows has one");
        let offered = volumes().into_iter().filter(|volume| !volume.system);
        for volume in offered {
            assert_ne!(volume.path, PathBuf::from(format!("{system}\\")), "{volume:?}");
        }
    }
}
