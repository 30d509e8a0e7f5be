//! The serial ports of macOS. Not listed by the tests here: kept close to its siblings in `linux` and `windows`.

use serialport::{SerialPortInfo, SerialPortType, UsbPortInfo};

use crate::attached::SerialPort;
use crate::usb::Usb;

pub(crate) fn ports() -> Vec<SerialPort> {
    let mut listed = serialport::available_ports().unwrap_or_default();
    // macOS has two names for each port; this one waits for a modem's carrier.
    listed.retain(|port| !port.port_name.starts_with("/dev/tty."));
    listed.iter().filter_map(|port| of(port, &listed)).collect()
}

fn of(port: &SerialPortInfo, listed: &[SerialPortInfo]) -> Option<SerialPort> {
    let (label, usb) = match &port.port_type {
        SerialPortType::UsbPort(info) => (info.product.clone(), Some(usb(info, listed))),
        // What is not behind USB: a Mac's own debugging consoles, and what comes over the air.
        SerialPortType::Unknown | SerialPortType::PciPort | SerialPortType::BluetoothPort => return None,
    };
    Some(SerialPort { path: port.port_name.clone(), label, usb, refused: None })
}

fn usb(info: &UsbPortInfo, listed: &[SerialPortInfo]) -> Usb {
    let device = |info: &UsbPortInfo| (info.vid, info.pid, info.serial_number.clone(), info.location.clone());
    let same = |port: &&SerialPortInfo| match &port.port_type {
        SerialPortType::UsbPort(other) => device(other) == device(info),
        SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => false,
    };
    Usb {
        vendor: info.vid,
        product: info.pid,
        serial_number: info.serial_number.clone(),
        interface: info.interface,
        several: listed.iter().filter(same).count() > 1,
        socket: info.location.as_ref().map(ToString::to_string),
    }
}
