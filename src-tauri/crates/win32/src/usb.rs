//! What the name of a USB device says.

/// A USB device, and the part of it that was asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Usb {
    pub vendor: u16,
    pub product: u16,
    pub serial_number: Option<String>,
    /// The interface's number, where the device has several.
    pub interface: Option<u8>,
    /// Where it is plugged in.
    pub socket: Option<String>,
}

impl Usb {
    /// `id`: `USB\VID_0781&PID_5581\4C530001`, or that of one of several interfaces, `USB\VID_1D50&PID_6018&MI_02\…`,
    /// which does not have the device's serial number.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let mut parts = id.split('\\');
        if !parts.next()?.eq_ignore_ascii_case("USB") {
            return None;
        }
        let (device, instance) = (parts.next()?, parts.next()?);
        let number = |key: &str| {
            let mut words = device.split('&');
            words.find_map(|word| word.get(..key.len())?.eq_ignore_ascii_case(key).then(|| word.get(key.len()..))?)
        };
        let hex = |key| u16::from_str_radix(number(key)?, 16).ok();
        let interface = number("MI_").and_then(|number| u8::from_str_radix(number, 16).ok());
        // Windows makes up a name for a device without a serial number, and for each interface.
        let serial_number = (interface.is_none() && !instance.contains('&')).then(|| instance.to_owned());
        Some(Self { vendor: hex("VID_")?, product: hex("PID_")?, serial_number, interface, socket: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_the_device_s_own_or_none() {
        let serial_number = |id| Usb::parse(id).expect("USB").serial_number;
        assert_eq!(serial_number(r"USB\VID_0781&PID_5581\4C530001").as_deref(), Some("4C530001"));
        assert_eq!(serial_number(r"USB\VID_303A&PID_1001\34:85:18:AC:2B:10").as_deref(), Some("34:85:18:AC:2B:10"));
        assert_eq!(serial_number(r"USB\VID_1A86&PID_7523\5&2A2F1B5C&0&3"), None, "made up for where it is plugged in");
        assert_eq!(serial_number(r"USB\VID_1D50&PID_6018&MI_02\6&A694CA9&0&0002"), None, "the interface's");
    }

    #[test]
    fn numbers_are_read_and_other_buses_are_not_usb() {
        let part = Usb::parse(r"usb\vid_1d50&pid_6018&mi_02\6&a694ca9&0&0002").expect("USB");
        assert_eq!((part.vendor, part.product, part.interface), (0x1d50, 0x6018, Some(2)));
        for id in [
            r"USBSTOR\DISK&VEN_SANDISK&PROD_ULTRA&REV_1.00\4C530001&0",
            r"FTDIBUS\VID_0403+PID_6001+A702TB52A\0000",
            r"USB\ROOT_HUB30\4&1E6A64D&0&0",
            r"PCI\VEN_8086&DEV_A36D&SUBSYS_00000000&REV_10\3&11583659&0&A0",
            r"USB\VID_0781",
            "",
        ] {
            assert_eq!(Usb::parse(id), None, "{id}");
        }
    }
}
