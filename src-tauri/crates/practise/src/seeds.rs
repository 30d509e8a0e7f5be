//! What is in the registry from the start: something of everything that a help desk meets.

use std::collections::BTreeMap;

use fieldkey_core::ports::CertificateStatus::{self, Active, Inactive, Revoked};
use fieldkey_core::{Failure, Site};
use time::{Duration, OffsetDateTime};

use crate::authority::{Authority, END_OF_IDENTITIES};
use crate::registry::{Described, Registry};

/// A serial number, what is said of the device, and the status of each of its certificates, the oldest first.
type Seed = (&'static str, &'static str, &'static [CertificateStatus]);

const SPECIAL: [Seed; 16] = [
    ("SN-0001", "Boiler room, north wall", &[Active]),
    ("SN-0002", "Boiler room, south wall", &[Inactive]),
    ("SN-0003", "Stolen from the van in March", &[Revoked]),
    ("SN-0004", "Re-issued after a repair", &[Inactive, Active]),
    ("SN-0005", "Two certificates, both active", &[Active, Active]),
    ("SN-0006", "Never put into service", &[]),
    ("SN-0007", "Switched off for the winter", &[Revoked, Inactive]),
    ("SN-0008", "Re-issued four times", &[Revoked, Revoked, Inactive, Inactive, Active]),
    ("SN-0101", "本社 3 階 会議室の温湿度センサー", &[Active]),
    ("SN-0102", "第二工場 受水槽の水位計", &[Inactive]),
    ("SN-0103", "倉庫 B 棟 入口ゲート（交換済み）", &[Inactive, Active]),
    ("SN-0104", "盗難届提出済み", &[Revoked]),
    ("SN-0105", "未設置の予備機", &[]),
    (
        "A-serial-number-as-long-as-some-makers-print-them-0123456789-ABC",
        "The longest serial number of this site",
        &[Active],
    ),
    ("ETAGE_2-GANG_WEST-SCHALTSCHRANK_17-UNTERVERTEILUNG-MESSPUNKT-004", "A name that says where it is", &[Inactive]),
    ("0", "The shortest serial number", &[Active]),
];

const PLACES: [&str; 8] = [
    "Pump house",
    "Loading bay 3",
    "Rooftop, east",
    "Car park, level 2",
    "第一工場 ライン 4",
    "屋上 空調機",
    "正門 守衛室",
    "冷蔵倉庫",
];

/// So many ordinary ones: gateways, every seventh of them switched off.
const GATEWAYS: usize = 24;

/// # Errors
/// This computer could not make a key.
pub(crate) fn fill(registry: &mut Registry, site: &Site, authority: &Authority) -> Result<(), Failure> {
    for (index, (serial, description, statuses)) in SPECIAL.iter().enumerate() {
        add(registry, site, authority, (serial, description, statuses), index)?;
    }
    for (number, place) in (1..=GATEWAYS).zip(PLACES.iter().cycle()) {
        let statuses: &[_] = if number % 7 == 0 { &[Inactive] } else { &[Active] };
        add(registry, site, authority, (&format!("GW-{number:04}"), place, statuses), SPECIAL.len() + number)?;
    }
    share_one(registry, site, authority)
}

fn add(
    registry: &mut Registry,
    site: &Site,
    authority: &Authority,
    (serial, description, statuses): (&str, &str, &[CertificateStatus]),
    index: usize,
) -> Result<(), Failure> {
    let name = format!("{}{serial}", site.thing_name_prefix);
    let day = Duration::days(1);
    let installed = OffsetDateTime::now_utc() - day * (400 - 7 * i32::try_from(index).unwrap_or_default());
    let attributes = [
        ("description", (*description).to_owned()),
        ("installed", installed.date().to_string()),
        ("SerialNumber", serial.to_owned()),
    ];
    let attributes: BTreeMap<String, String> = attributes.map(|(key, value)| (key.to_owned(), value)).into();
    let thing_type = serial.starts_with("GW-").then(|| "Gateway".to_owned());
    registry.describe(&name, Described { thing_type, attributes });
    for (month, status) in (0..).zip(statuses) {
        let (issued, _) = authority.make(&name, END_OF_IDENTITIES)?;
        registry.add(&issued, *status, installed + day * (30 * month));
        registry.attach(&issued.certificate_id, &name, *status);
    }
    Ok(())
}

/// Two things with one certificate: it can neither be deleted nor re-issued without a thought for the other.
fn share_one(registry: &mut Registry, site: &Site, authority: &Authority) -> Result<(), Failure> {
    let names = ["TWIN-A", "TWIN-B"].map(|serial| format!("{}{serial}", site.thing_name_prefix));
    let (issued, _) = authority.make("twins", END_OF_IDENTITIES)?;
    registry.add(&issued, Active, OffsetDateTime::now_utc() - Duration::days(90));
    for name in names {
        registry.attach(&issued.certificate_id, &name, Active);
    }
    Ok(())
}
