//! A target on one line, for people.

use fieldkey_core::{Failure, Language};
use fieldkey_device::{Attached, Kind};

use crate::words::either;

/// `drive:/media/x  SENSOR  4C530001  31.9 GB  vfat  0781:5581`
pub(super) fn row(target: &Attached, language: Language) -> String {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let mut columns = vec![target.target.clone(), known(&target.label), known(&target.serial_number)];
    columns.extend(target.size_bytes.map(size));
    columns.extend(target.file_system.clone());
    columns.extend(target.usb.clone());
    // What a drive is written by, its layout says; what a port is spoken to by, hardly anybody knows.
    if target.kind == Kind::Serial {
        let driver = |driver: &String| format!("{}: {driver}", either(language, "driver", "ドライバー"));
        columns.extend(target.driver.as_ref().map(driver));
    }
    columns.extend(target.refused.map(|code| Failure::new(code).about(&target.target).message(language)));
    columns.join("  ")
}

/// As makers of drives count: `31.9 GB`
fn size(bytes: u64) -> String {
    let (mut number, mut unit) = (bytes, "kB");
    for larger in ["MB", "GB", "TB"] {
        if number < 1_000_000 {
            break;
        }
        (number, unit) = (number / 1000, larger);
    }
    // In tenths: neither loses a digit that it shows.
    format!("{}.{} {unit}", number / 1000, number % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Code;

    use super::*;

    fn port() -> Attached {
        Attached {
            target: "serial:/dev/ttyACM0".into(),
            kind: Kind::Serial,
            label: Some("nRF9160 DK".into()),
            serial_number: None,
            driver: Some("nrf91".into()),
            refused: None,
            size_bytes: None,
            file_system: None,
            usb: Some("1366:1055".into()),
            device: None,
        }
    }

    #[test]
    fn a_row_has_what_is_known_and_no_gaps_for_the_rest() {
        let drive = Attached {
            target: "drive:/media/x".into(),
            kind: Kind::Drive,
            label: None,
            serial_number: Some("4C53".into()),
            driver: Some("drive".into()),
            size_bytes: Some(31_914_983_424),
            file_system: Some("vfat".into()),
            usb: Some("0781:5581".into()),
            ..port()
        };
        assert_eq!(row(&drive, Language::English), "drive:/media/x  -  4C53  31.9 GB  vfat  0781:5581");
        let english = row(&port(), Language::English);
        assert_eq!(english, "serial:/dev/ttyACM0  nRF9160 DK  -  1366:1055  driver: nrf91");
        assert!(row(&port(), Language::Japanese).ends_with("ドライバー: nrf91"));
    }

    #[test]
    fn why_a_target_cannot_be_chosen_ends_its_row() {
        let busy = Attached { refused: Some(Code::PortBusy), ..port() };
        let said = row(&busy, Language::English);
        assert!(said.ends_with("  `serial:/dev/ttyACM0` is in use by another program"), "{said}");
    }

    #[test]
    fn sizes_are_counted_as_on_the_package() {
        let sizes = [(0, "0.0 kB"), (8_000, "8.0 kB"), (999_999, "999.9 kB"), (1_000_000, "1.0 MB")];
        for (bytes, said) in sizes.into_iter().chain([(32_000_000_000, "32.0 GB"), (2_000_000_000_000, "2.0 TB")]) {
            assert_eq!(size(bytes), said);
        }
    }
}
