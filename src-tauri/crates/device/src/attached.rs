//! What is attached now, as `fieldkey targets` and the window list it.

use std::path::PathBuf;

use fieldkey_core::Code;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::shown::shown;
use crate::usb::Usb;
use crate::{bootloader, platform, suggestions};

/// One target that could be chosen, or why it cannot.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Attached {
    /// `drive:/media/x`, `drive:/dev/sdb1` for one that is not mounted, `serial:/dev/ttyUSB0`: as `--target` takes it.
    pub target: String,
    pub kind: Kind,
    /// The volume's label, else the product's name.
    pub label: Option<String>,
    /// The USB device's or the card's.
    pub serial_number: Option<String>,
    /// The driver that fits it; `null` where only somebody who knows the device can tell.
    pub driver: Option<String>,
    /// Why it cannot be chosen.
    pub refused: Option<Code>,
    #[ts(type = "number | null")]
    pub size_bytes: Option<u64>,
    pub file_system: Option<String>,
    /// `1209:0001`: the numbers of the device's maker and of its model.
    pub usb: Option<String>,
    /// `1209:0001:SN-0042`: the same wherever it is plugged in. Of a device with several ports, the interface's number
    /// comes behind it.
    pub device: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Kind {
    Drive,
    Serial,
}

/// The drives and the serial ports now attached, in the order of their names. Disks built into the machine are not
/// among them; a system that was started from a USB drive is, refused.
pub fn attached() -> Vec<Attached> {
    let drives = platform::volumes().into_iter().filter_map(Attached::drive);
    let ports = platform::ports().into_iter().map(Attached::serial);
    let mut found: Vec<Attached> = drives.chain(ports).collect();
    found.sort_by(|a, b| a.target.cmp(&b.target));
    found
}

/// Which device is behind a target's words now, if its bus tells: `1209:0001:SN-0042`.
pub(crate) fn device_behind(target: &str) -> Option<String> {
    let plain = target.split_once('?').map_or(target, |(plain, _)| plain);
    let is = |one: &Attached| same(&one.target, plain) || same(&one.target, target);
    attached().into_iter().find(is).and_then(|one| one.device)
}

/// Windows takes `com3` for `COM3`, and `e:` for `E:\`.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('\\').to_ascii_lowercase();
    if cfg!(windows) { plain(one) == plain(other) } else { one == other }
}

/// A volume on a disk that can be taken away, in the platform's words.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Volume {
    /// Where it is mounted, else its node.
    pub(crate) path: PathBuf,
    pub(crate) mounted: bool,
    pub(crate) label: Option<String>,
    pub(crate) serial_number: Option<String>,
    pub(crate) size_bytes: Option<u64>,
    pub(crate) file_system: Option<String>,
    pub(crate) read_only: bool,
    /// The running system needs this disk, or the folder that it is mounted at.
    pub(crate) system: bool,
    /// Read-only because of an error in the file system.
    pub(crate) damaged: bool,
    /// No file system that could be mounted to write on.
    pub(crate) foreign: bool,
    pub(crate) usb: Option<Usb>,
}

/// A serial port, in the platform's words.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct SerialPort {
    /// `/dev/ttyUSB0`, `COM3`
    pub(crate) path: String,
    pub(crate) label: Option<String>,
    pub(crate) usb: Option<Usb>,
    /// Why it cannot be opened, as far as that is known without trying.
    pub(crate) refused: Option<Code>,
}

impl Attached {
    /// `None` for a mount point that no command line could name.
    fn drive(volume: Volume) -> Option<Self> {
        Some(Self {
            target: format!("drive:{}", volume.path.to_str()?),
            kind: Kind::Drive,
            label: volume.label.as_deref().and_then(shown),
            serial_number: volume.serial_number.as_deref().and_then(shown),
            driver: Some("drive".into()),
            refused: refused(&volume),
            size_bytes: volume.size_bytes,
            usb: volume.usb.as_ref().map(Usb::id),
            device: volume.usb.as_ref().and_then(Usb::identity),
            file_system: volume.file_system,
        })
    }

    fn serial(port: SerialPort) -> Self {
        let usb = port.usb.as_ref();
        Self {
            target: format!("serial:{}", port.path),
            kind: Kind::Serial,
            label: port.label.as_deref().and_then(shown),
            serial_number: usb.and_then(|usb| shown(usb.serial_number.as_deref()?)),
            driver: usb.and_then(suggestions::driver).map(Into::into),
            refused: port.refused,
            size_bytes: None,
            file_system: None,
            usb: usb.map(Usb::id),
            device: usb.and_then(Usb::identity),
        }
    }
}

fn refused(volume: &Volume) -> Option<Code> {
    if volume.system || volume.foreign || (volume.mounted && bootloader::found(&volume.path).is_some()) {
        Some(Code::TargetRefused)
    } else if volume.damaged {
        Some(Code::TargetDamaged)
    } else {
        volume.read_only.then_some(Code::TargetReadOnly)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn volume(mount_point: &Path) -> Volume {
        Volume { path: mount_point.into(), mounted: true, ..Volume::default() }
    }

    fn ultra() -> Usb {
        Usb { vendor: 0x781, product: 0x5581, serial_number: Some("4C53".into()), ..Usb::default() }
    }

    #[test]
    fn the_keys_are_the_contract_s() {
        let volume = Volume { size_bytes: Some(1), usb: Some(ultra()), ..volume(Path::new("/media/x")) };
        let json = serde_json::to_value(Attached::drive(volume)).expect("json");
        let expected = serde_json::json!({
            "target": "drive:/media/x", "kind": "drive", "label": null, "serialNumber": null, "driver": "drive",
            "refused": null, "sizeBytes": 1, "fileSystem": null, "usb": "0781:5581", "device": "0781:5581:4C53",
        });
        assert_eq!(json, expected, "scripts read these keys");
    }

    #[test]
    fn a_port_has_the_same_keys_and_the_driver_that_fits() {
        let serial_number = Some("E66\u{202e}05".into());
        let usb = Usb { vendor: 0x2e8a, product: 5, serial_number, ..Usb::default() };
        let port = SerialPort {
            path: "/dev/ttyACM0".into(),
            label: Some("Board in \u{200b}FS mode".into()),
            usb: Some(usb),
            refused: Some(Code::PortBusy),
        };
        let json = serde_json::to_value(Attached::serial(port)).expect("json");
        let expected = serde_json::json!({
            "target": "serial:/dev/ttyACM0", "kind": "serial", "label": "Board in FS mode", "serialNumber": "E6605",
            "driver": "micropython", "refused": "port-busy", "sizeBytes": null, "fileSystem": null,
            "usb": "2e8a:0005", "device": "2e8a:0005:E6605",
        });
        assert_eq!(json, expected, "and what a device says of itself is made fit to be shown");
    }

    #[test]
    fn a_port_that_is_no_usb_device_has_neither_identity_nor_driver() {
        let port = Attached::serial(SerialPort { path: "COM1".into(), ..SerialPort::default() });
        assert_eq!((port.usb, port.device, port.driver, port.serial_number), (None, None, None, None));
    }

    #[cfg(windows)]
    #[test]
    fn a_drive_is_the_same_however_its_letter_is_written() {
        assert!(same(r"drive:E:\", "drive:e:") && same("serial:COM12", "serial:com12"));
        assert!(!same(r"drive:E:\", r"drive:F:\") && !same("serial:COM1", "serial:COM12"));
    }

    #[test]
    fn why_a_drive_cannot_be_chosen_is_said_in_the_list() {
        let folder = tempfile::tempdir().expect("folder");
        let code = |volume| Attached::drive(volume).expect("utf-8").refused;
        assert_eq!(code(volume(folder.path())), None);
        let locked = Volume { read_only: true, ..volume(folder.path()) };
        assert_eq!(code(locked.clone()), Some(Code::TargetReadOnly));
        assert_eq!(code(Volume { damaged: true, ..locked.clone() }), Some(Code::TargetDamaged), "no lock switch helps");
        assert_eq!(code(Volume { system: true, ..locked }), Some(Code::TargetRefused), "the lock is not the point");
        let foreign = Volume { foreign: true, mounted: false, ..volume(Path::new("/dev/sdb1")) };
        assert_eq!(code(foreign), Some(Code::TargetRefused), "nothing can be written there");
        std::fs::write(folder.path().join("INFO_UF2.TXT"), "UF2 Bootloader v3.0\r\n").expect("file");
        assert_eq!(code(volume(folder.path())), Some(Code::TargetRefused), "a boot loader keeps no files");
    }
}
