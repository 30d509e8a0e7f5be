//! A device on USB, and what tells it from another one.

use crate::shown::shown;

/// What a device says of itself when it is plugged in, and where it is plugged in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Usb {
    pub(crate) vendor: u16,
    pub(crate) product: u16,
    pub(crate) serial_number: Option<String>,
    /// The interface's number, where one device has several ports.
    pub(crate) interface: Option<u8>,
    /// Several ports belong to this device.
    pub(crate) several: bool,
    /// The socket, through all hubs: `1-1.4`.
    pub(crate) socket: Option<String>,
}

impl Usb {
    /// `1209:0001`
    pub(crate) fn id(&self) -> String {
        format!("{:04x}:{:04x}", self.vendor, self.product)
    }

    /// `1209:0001:SN-0042`, and `1209:0001:SN-0042:02` for one of several ports. It stays the same wherever the device
    /// is plugged in. `None` if the device has no serial number: then it cannot be told from its twin.
    pub(crate) fn identity(&self) -> Option<String> {
        let device = format!("{}:{}", self.id(), self.serial_number.as_deref().and_then(shown)?);
        match self.interface.filter(|_| self.several) {
            Some(interface) => Some(format!("{device}:{interface:02x}")),
            None => Some(device),
        }
    }

    /// Is this the identity that was given? The number of the interface may be left out, or be there though the device
    /// shows one port only: while it is being plugged in, its ports come one after the other.
    pub(crate) fn is(&self, identity: &str) -> bool {
        let Some(serial_number) = self.serial_number.as_deref().and_then(shown) else { return false };
        let id = self.id();
        let given = identity.get(..id.len()).filter(|given| given.eq_ignore_ascii_case(&id));
        let Some(rest) = given.and_then(|_| identity.get(id.len()..)?.strip_prefix(':')) else { return false };
        let interface = self.interface.map(|interface| format!("{serial_number}:{interface:02x}"));
        rest == serial_number || interface.is_some_and(|interface| rest.eq_ignore_ascii_case(&interface))
    }
}

/// Does this read like an identity? `COM3` and `/dev/ttyUSB0` do not.
pub(crate) fn is_identity(text: &str) -> bool {
    let hex = |part: Option<&str>| part.is_some_and(|p| p.len() == 4 && p.bytes().all(|b| b.is_ascii_hexdigit()));
    let mut parts = text.splitn(3, ':');
    hex(parts.next()) && hex(parts.next()) && parts.next().is_some_and(|serial_number| !serial_number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(serial_number: &str) -> Usb {
        Usb { vendor: 0x303a, product: 0x1001, serial_number: Some(serial_number.into()), ..Usb::default() }
    }

    #[test]
    fn an_identity_names_vendor_product_and_serial_number() {
        let device = device("34:85:18:AC:2B:10");
        assert_eq!(device.identity().as_deref(), Some("303a:1001:34:85:18:AC:2B:10"));
        assert!(device.is("303A:1001:34:85:18:AC:2B:10"), "a serial number may hold colons");
        assert!(!device.is("303a:1001:34:85:18:AC:2B:11") && !device.is("303a:1002:34:85:18:AC:2B:10"));
        assert_eq!(Usb { serial_number: None, ..device }.identity(), None, "twins cannot be told apart by it");
    }

    #[test]
    fn two_ports_of_one_device_differ() {
        let second = Usb { interface: Some(2), several: true, ..device("SN") };
        assert_eq!(second.identity().as_deref(), Some("303a:1001:SN:02"));
        assert!(second.is("303a:1001:SN:02") && second.is("303a:1001:SN") && !second.is("303a:1001:SN:00"));
        let alone = Usb { several: false, ..second };
        assert_eq!(alone.identity().as_deref(), Some("303a:1001:SN"));
        assert!(alone.is("303a:1001:SN:02"), "the other port has not come up yet");
    }

    #[test]
    fn names_of_ports_are_no_identities() {
        assert!(is_identity("1209:0001:SN-0042") && is_identity("2E8A:0005:e660:02"));
        for name in ["COM3", "/dev/ttyACM0", "1209:0001", "1209:0001:", "129:0001:SN", "/dev/1209:0001:x"] {
            assert!(!is_identity(name), "{name}");
        }
    }
}
