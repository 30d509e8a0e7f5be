//! What sysfs says of a USB device.

use std::path::Path;

use super::disks::{names, word};
use crate::usb::Usb;

/// The USB device that a disk or a port is part of.
pub(super) fn device_of(sys: &Path) -> Option<&Path> {
    sys.ancestors().find(|folder| folder.join("idVendor").exists())
}

/// The device that a disk or a port is part of, and which of its interfaces it is.
pub(super) fn of(sys: &Path) -> Option<Usb> {
    let device = device_of(sys)?;
    let number = |file: &str| u16::from_str_radix(&word(&device.join(file))?, 16).ok();
    let below = sys.ancestors().take_while(|folder| *folder != device);
    let interface = below.filter_map(|folder| word(&folder.join("bInterfaceNumber"))).next();
    Some(Usb {
        vendor: number("idVendor")?,
        product: number("idProduct")?,
        serial_number: word(&device.join("serial")),
        interface: interface.and_then(|number| u8::from_str_radix(&number, 16).ok()),
        several: ports(device) > 1,
        socket: device.file_name().and_then(|name| name.to_str()).map(str::to_owned),
    })
}

/// How many serial ports the device has, whether or not they are up yet: interfaces that take a modem's commands
/// (class 2, subclass 2), else those that a driver has made a port of.
fn ports(device: &Path) -> usize {
    let interfaces: Vec<_> = names(device).into_iter().map(|name| device.join(name)).collect();
    let is = |file: &Path, number: &str| word(file).as_deref() == Some(number);
    let modem =
        |folder: &Path| is(&folder.join("bInterfaceClass"), "02") && is(&folder.join("bInterfaceSubClass"), "02");
    let port = |folder: &Path| {
        folder.join("tty").exists() || names(folder).iter().any(|name| name.starts_with("ttyUSB") || name == "tty")
    };
    let count = |what: &dyn Fn(&Path) -> bool| interfaces.iter().filter(|folder| what(folder)).count();
    count(&modem).max(count(&port))
}
