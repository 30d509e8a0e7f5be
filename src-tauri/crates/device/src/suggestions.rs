//! Which driver fits a serial port, by what USB says of the device. Only where it is sure: a bridge chip (CP210x, FTDI,
//! CH340, and Espressif's own 303a:1001) says nothing of the firmware behind it.

use std::ops::RangeInclusive;

use crate::usb::Usb;

struct Row {
    vendor: u16,
    products: RangeInclusive<u16>,
    /// How the serial number begins.
    serial_number: &'static [&'static str],
    /// The interfaces that take commands, where others carry traces or positions. Empty: any.
    interfaces: &'static [u8],
    driver: &'static str,
}

const ALL: RangeInclusive<u16> = 0..=0xffff;

const fn row(vendor: u16, products: RangeInclusive<u16>, driver: &'static str) -> Row {
    Row { vendor, products, serial_number: &[], interfaces: &[], driver }
}

const fn one(product: u16) -> RangeInclusive<u16> {
    product..=product
}

/// The first row that fits.
const ROWS: &[Row] = &[
    // Nordic's kits have SEGGER's debugger as their port; which kit it is, its serial number says (nrfcredstore 2.1.0,
    // `comms.py`). The first port is the modem's.
    Row {
        serial_number: &["0009600", "0010509", "0010510", "0010512", "0010513", "0010520", "0010550", "0010551"],
        interfaces: &[0],
        ..row(0x1366, ALL, "nrf91")
    },
    // Thingy:91 and Thingy:91 X, through the bridge in their second chip: the same source.
    Row { serial_number: &["THINGY91", "PCA20035"], interfaces: &[0], ..row(0x1915, ALL, "nrf91") },
    // Of u-blox the modems; the receivers for positions are 01a4 to 01a9 and 05xx (Linux, `drivers/usb/serial/option.c`,
    // and u-blox' integration manuals for TOBY-L2, LARA-R6, LENA-R8).
    row(0x1546, 0x1100..=0x13ff, "ublox"),
    // SARA-R410M, under the number of its chip's maker: the same.
    Row { interfaces: &[2], ..row(0x05c6, one(0x90b2), "ublox") },
    // Quectel's modules on Qualcomm chips: 0 traces, 1 positions, 2 and 3 commands (Quectel, Linux USB driver guide).
    Row { interfaces: &[2, 3], ..row(0x2c7c, 0x0100..=0x08ff, "quectel") },
    row(0x2c7c, ALL, "quectel"),
    // SIM7500/7600 and SIM7000/7070/7080: the same order (SIMCom, Linux USB driver notes).
    Row { interfaces: &[2, 3], ..row(0x1e0e, one(0x9001), "simcom") },
    Row { interfaces: &[2, 3], ..row(0x1e0e, one(0x9206), "simcom") },
    // A76xx.
    row(0x1e0e, one(0x9011), "simcom"),
    // MicroPython's own boards, and its RP2 port (micropython, `ports/rp2/boards`).
    row(0xf055, 0x9800..=0x980f, "micropython"),
    row(0x2e8a, one(0x0005), "micropython"),
    // DAPLink's serial number begins with the board's: 9900 to 9906 are the micro:bit.
    Row { serial_number: &["990"], ..row(0x0d28, one(0x0204), "micropython") },
    // The Zephyr project's own vendor number (zephyr, `CONFIG_USB_DEVICE_VID`).
    row(0x2fe3, ALL, "zephyr"),
    // A Linux device that shows a serial port of its own: g_serial, and the multifunction gadget (Linux,
    // `Documentation/usb/gadget_serial.rst`, `drivers/usb/gadget/legacy/multi.c`).
    row(0x0525, one(0xa4a7), "console"),
    row(0x1d6b, one(0x0104), "console"),
];

/// The driver to suggest, as `--driver` takes it.
pub(crate) fn driver(usb: &Usb) -> Option<&'static str> {
    let device = |row: &&Row| {
        let serial_number = usb.serial_number.as_deref().unwrap_or_default();
        row.vendor == usb.vendor
            && row.products.contains(&usb.product)
            && (row.serial_number.is_empty() || row.serial_number.iter().any(|begin| serial_number.starts_with(begin)))
    };
    let row = ROWS.iter().find(device)?;
    let takes = row.interfaces.is_empty() || usb.interface.is_none_or(|number| row.interfaces.contains(&number));
    takes.then_some(row.driver)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(vendor: u16, product: u16, serial_number: &str, interface: u8) -> Option<&'static str> {
        let serial_number = Some(serial_number.to_owned());
        driver(&Usb { vendor, product, serial_number, interface: Some(interface), ..Usb::default() })
    }

    #[test]
    fn a_device_that_is_known_for_sure_has_a_driver() {
        assert_eq!(of(0x1366, 0x1061, "001051234567", 0), Some("nrf91"), "nRF9151 DK");
        assert_eq!(of(0x1366, 0x1055, "000960012345", 0), Some("nrf91"), "nRF9160 DK");
        assert_eq!(of(0x1915, 0x9100, "THINGY91_0123456789AB", 0), Some("nrf91"));
        assert_eq!(of(0x1546, 0x1146, "", 0), Some("ublox"));
        assert_eq!(of(0x2c7c, 0x0125, "", 2), Some("quectel"));
        assert_eq!(of(0x2c7c, 0x6005, "", 4), Some("quectel"));
        assert_eq!(of(0x1e0e, 0x9001, "0123", 2), Some("simcom"));
        assert_eq!(of(0x2e8a, 0x0005, "e6605838", 0), Some("micropython"));
        assert_eq!(of(0x0d28, 0x0204, "9904360262024e45", 1), Some("micropython"));
        assert_eq!(of(0x2fe3, 0x0004, "", 0), Some("zephyr"));
        assert_eq!(of(0x0525, 0xa4a7, "", 0), Some("console"));
    }

    /// What a pattern of udev's matches: `11??|0[1-8]??`.
    fn matches(pattern: &str, text: &str) -> bool {
        let to_regex = |glob: &str| format!("^{}$", glob.replace('*', ".*").replace('?', "."));
        pattern.split('|').any(|glob| regex::Regex::new(&to_regex(glob)).expect("a pattern").is_match(text))
    }

    /// Does udev's file of the packages give whoever sits at the computer this port?
    fn is_given(rules: &str, usb: &Usb) -> bool {
        let interface = format!("{:02x}", usb.interface.unwrap_or_default());
        let facts = [
            ("ATTRS{idVendor}", format!("{:04x}", usb.vendor)),
            ("ATTRS{idProduct}", format!("{:04x}", usb.product)),
            ("ATTRS{serial}", usb.serial_number.clone().unwrap_or_default()),
            ("ENV{ID_USB_INTERFACE_NUM}", interface),
        ];
        let fits = |rule: &str| {
            rule.split(", ").filter_map(|word| word.split_once("==")).all(|(key, pattern)| {
                let fact = facts.iter().find(|(name, _)| *name == key);
                matches(pattern.trim_matches('"'), &fact.unwrap_or_else(|| panic!("{key} in {rule}")).1)
            })
        };
        rules.lines().filter(|line| line.contains("TAG+=\"uaccess\"")).any(fits)
    }

    #[test]
    fn udev_gives_the_ports_that_have_a_driver_and_no_others() {
        let rules = include_str!("../../../linux/70-fieldkey.rules");
        let of = |row: &Row, product, serial: Option<&&str>, interface| Usb {
            vendor: row.vendor,
            product,
            serial_number: serial.map(|begin| format!("{begin}12345")),
            interface: Some(interface),
            ..Usb::default()
        };
        for row in ROWS {
            let (first, last) = (*row.products.start(), *row.products.end());
            let products = [first.wrapping_sub(1), first, first / 2 + last / 2, last, last.wrapping_add(1)];
            for (product, interface) in products.into_iter().flat_map(|product| (0..4).map(move |i| (product, i))) {
                for serial in row.serial_number.iter().map(Some).chain([Some(&"none of ours"), None]) {
                    let usb = of(row, product, serial, interface);
                    assert_eq!(is_given(rules, &usb), driver(&usb).is_some(), "{usb:?}");
                }
            }
        }
        let vendors = rules.split("ATTRS{idVendor}==\"").skip(1).map(|rest| &rest[..4]);
        for vendor in vendors {
            let known = ROWS.iter().any(|row| format!("{:04x}", row.vendor) == vendor);
            assert!(known, "no driver is suggested for anything of {vendor}");
        }
    }

    #[test]
    fn what_could_be_anything_has_none() {
        for (vendor, product) in [(0x10c4, 0xea60), (0x0403, 0x6001), (0x1a86, 0x7523), (0x303a, 0x1001)] {
            assert_eq!(of(vendor, product, "0001", 0), None, "{vendor:04x}:{product:04x}");
        }
        assert_eq!(of(0x1366, 0x1051, "001050123456", 0), None, "another Nordic kit has the same debugger");
        assert_eq!(of(0x1366, 0x1061, "001051234567", 2), None, "the kit's second port is not the modem's");
        assert_eq!(of(0x1546, 0x01a8, "", 0), None, "a receiver for positions is no modem");
        assert_eq!(of(0x2c7c, 0x0125, "", 0), None, "that port carries traces");
        assert_eq!(of(0x0d28, 0x0204, "0240000034544e45", 1), None, "DAPLink on another board");
    }
}
