//! The disk below a volume.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Storage::FileSystem::{BusTypeMmc, BusTypeSd, BusTypeUsb};
use windows_sys::Win32::System::Ioctl::{
    GUID_DEVINTERFACE_DISK, IOCTL_DISK_IS_WRITABLE, IOCTL_STORAGE_GET_DEVICE_NUMBER, IOCTL_STORAGE_QUERY_PROPERTY,
};

use crate::control::{asked, control};
use crate::interfaces::interfaces;
use crate::node::Node;

/// What a disk says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Disk {
    pub number: u32,
    /// Its medium or the whole of it can be taken away.
    pub portable: bool,
    pub read_only: bool,
    pub product: Option<String>,
}

impl Disk {
    /// `root`: `E:\`
    ///
    /// # Errors
    /// No letter, no disk, or several below one volume.
    pub fn below(root: &Path) -> io::Result<Self> {
        let device = asked(device(root)?)?;
        let told = Told::of(&device)?;
        // A reader with no medium in it, and one whose driver does not know the question, are not write-protected.
        let locked = control(&device, IOCTL_DISK_IS_WRITABLE, &[], &mut []).is_err_and(|error| {
            const ERROR_WRITE_PROTECT: i32 = 19;
            error.raw_os_error() == Some(ERROR_WRITE_PROTECT)
        });
        Ok(Self { number: number(&device)?, portable: told.portable(), read_only: locked, product: told.product })
    }
}

/// The disks that are attached, by their numbers.
pub fn disks() -> Vec<(u32, Node)> {
    let all = interfaces(&GUID_DEVINTERFACE_DISK).into_iter();
    all.filter_map(|(path, node)| Some((asked(path).and_then(|disk| number(&disk)).ok()?, node))).collect()
}

/// What opens the volume itself and not its root folder: `\\.\E:`
pub(crate) fn device(root: &Path) -> io::Result<PathBuf> {
    let root = root.to_str().map(|root| root.trim_start_matches(r"\\?\")).unwrap_or_default();
    match root.as_bytes() {
        [letter, b':', b'\\'] if letter.is_ascii_alphabetic() => Ok(format!(r"\\.\{}:", char::from(*letter)).into()),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// STORAGE_DEVICE_NUMBER: the type, the disk's number, the partition's.
fn number(device: &File) -> io::Result<u32> {
    let mut answer = [0; 12];
    let count = control(device, IOCTL_STORAGE_GET_DEVICE_NUMBER, &[], &mut answer)?;
    word(answer.get(..count).unwrap_or_default(), 4).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// STORAGE_DEVICE_DESCRIPTOR, as far as it is wanted.
#[derive(Debug, Eq, PartialEq)]
struct Told {
    removable: bool,
    bus: u32,
    product: Option<String>,
}

impl Told {
    fn of(device: &File) -> io::Result<Self> {
        // StorageDeviceProperty, PropertyStandardQuery, and a byte of nothing, rounded up.
        let (question, mut answer) = ([0; 12], [0; 1024]);
        let count = control(device, IOCTL_STORAGE_QUERY_PROPERTY, &question, &mut answer)?;
        Self::parse(answer.get(..count).unwrap_or_default()).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    fn parse(answer: &[u8]) -> Option<Self> {
        let name = |place| {
            let at = usize::try_from(word(answer, place)?).ok().filter(|at| *at > 0)?;
            let text = answer.get(at..)?.split(|byte| *byte == 0).next()?;
            Some(String::from_utf8_lossy(text).trim().to_owned()).filter(|name| !name.is_empty())
        };
        let (vendor, product) = (name(12), name(16));
        let product = match (vendor, product) {
            (Some(vendor), Some(product)) => Some(format!("{vendor} {product}")),
            (vendor, product) => product.or(vendor),
        };
        Some(Self { removable: *answer.get(10)? != 0, bus: word(answer, 28)?, product })
    }

    fn portable(&self) -> bool {
        self.removable || [BusTypeUsb, BusTypeSd, BusTypeMmc].iter().any(|bus| u32::try_from(*bus) == Ok(self.bus))
    }
}

fn word(bytes: &[u8], place: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(place..place.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(removable: u8, bus: u8) -> Vec<u8> {
        let mut bytes = vec![40, 0, 0, 0, 64, 0, 0, 0, 0, 0, removable, 0];
        for place in [36_u32, 45, 0, 0, u32::from(bus), 0] {
            bytes.extend(place.to_le_bytes());
        }
        bytes.extend(b"SanDisk \0Ultra USB 3.0\0");
        bytes
    }

    #[test]
    fn sticks_cards_and_disks_in_a_case_can_be_taken_away() {
        let told = |removable, bus| Told::parse(&descriptor(removable, bus)).expect("whole");
        let (usb, sd, mmc, nvme, sata) = (7, 12, 13, 17, 11);
        for bus in [usb, sd, mmc] {
            assert!(told(0, bus).portable() && told(1, bus).portable(), "{bus}");
        }
        for bus in [nvme, sata] {
            assert!(!told(0, bus).portable() && told(1, bus).portable(), "{bus}");
        }
        assert_eq!(told(1, usb).product.as_deref(), Some("SanDisk Ultra USB 3.0"));
    }

    #[test]
    fn an_answer_that_is_cut_off_is_none() {
        let whole = descriptor(1, 7);
        for length in 0..32 {
            assert_eq!(Told::parse(&whole[..length]), None, "{length} bytes");
        }
        let names_cut = Told::parse(&whole[..36]).expect("all but the names");
        assert_eq!(names_cut.product, None);
    }

    #[test]
    fn only_a_letter_s_root_has_a_device() {
        for root in [r"E:\", r"\\?\E:\"] {
            assert_eq!(device(Path::new(root)).expect("a letter"), Path::new(r"\\.\E:"));
        }
        for root in [r"E:", r"E:\folder", r"\\server\share\", "", r"\\?\Volume{4c1b02c1}\", r"é:\"] {
            assert!(device(Path::new(root)).is_err(), "{root}");
        }
    }

    #[test]
    fn each_volume_is_asked_for_its_disk_without_harm() {
        for root in crate::roots() {
            let (first, second) = (Disk::below(&root).ok(), Disk::below(&root).ok());
            assert_eq!(first, second, "{root:?}");
        }
        assert!(disks().iter().all(|(_, node)| node.instance().is_some()), "each disk is a device");
    }
}
