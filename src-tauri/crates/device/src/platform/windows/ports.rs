//! Serial ports, and which USB devices are behind them.

use fieldkey_win32::{self as win32, Node};
use serialport::{SerialPortInfo, SerialPortType};

use super::volumes;
use crate::attached::SerialPort;
use crate::usb::Usb;

/// The list of names is complete, old drivers' ports and those of programs included. Whose they are the tree of devices
/// knows better: the list makes up serial numbers for devices that have none, and an FTDI's has a letter too many.
pub(crate) fn ports() -> Vec<SerialPort> {
    let mut listed = serialport::available_ports().unwrap_or_default();
    listed.retain(|port| !matches!(port.port_type, SerialPortType::BluetoothPort));
    let nodes = win32::ports();
    let mut found: Vec<SerialPort> = listed.into_iter().map(|port| of(port, &nodes)).collect();
    let devices: Vec<Usb> = found.iter().filter_map(|port| port.usb.clone()).collect();
    for usb in found.iter_mut().filter_map(|port| port.usb.as_mut()) {
        usb.several = devices.iter().filter(|other| same_device(other, usb)).count() > 1;
    }
    found
}

fn of(port: SerialPortInfo, nodes: &[(String, Node)]) -> SerialPort {
    let node = nodes.iter().find(|(name, _)| name.eq_ignore_ascii_case(&port.port_name));
    let usb = node.and_then(|(_, node)| node.usb()).map(volumes::of);
    let (label, listed) = match port.port_type {
        SerialPortType::UsbPort(info) => {
            let usb = Usb { vendor: info.vid, product: info.pid, interface: info.interface, ..Usb::default() };
            (info.product, Some(usb))
        }
        SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => (None, None),
    };
    SerialPort { path: port.port_name, label, usb: usb.or(listed), refused: None }
}

/// Two devices without serial numbers are told apart by their sockets.
fn same_device(one: &Usb, other: &Usb) -> bool {
    let device = |usb: &Usb| (usb.vendor, usb.product, usb.serial_number.clone(), usb.socket.clone());
    device(one) == device(other)
}

#[cfg(test)]
mod tests {
    use serialport::UsbPortInfo;

    use super::*;

    #[test]
    fn a_serial_number_that_the_list_made_up_is_not_believed() {
        // As the list tells of a CH340, which has none: the beginning of what Windows made up.
        let made_up = UsbPortInfo {
            vid: 0x1a86,
            pid: 0x7523,
            serial_number: Some("5".into()),
            manufacturer: None,
            product: Some("USB-SERIAL CH340 (COM3)".into()),
            interface: None,
            location: None,
        };
        let listed = SerialPortInfo { port_name: "COM3".into(), port_type: SerialPortType::UsbPort(made_up) };
        let port = of(listed, &[]);
        let usb = port.usb.expect("USB");
        assert_eq!((usb.id().as_str(), usb.identity()), ("1a86:7523", None), "its twin would have the same");
        assert_eq!(port.label.as_deref(), Some("USB-SERIAL CH340 (COM3)"));
    }

    #[test]
    fn the_list_can_be_had_and_stays_the_same() {
        assert_eq!(ports(), ports());
    }
}
