//! What a window offers: the drivers, and what each of them may be told.

use serde::Serialize;
use ts_rs::TS;

use crate::layout::{DEVICE_CLIENT_ROOT, GREENGRASS_ROOT};

/// Every driver, by the name that `--driver` takes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct Drivers {
    /// Layouts of drives. That of the site is not among them.
    pub drive: Vec<Driver>,
    /// Of devices on a serial port; recipes of this computer's own among them.
    pub serial: Vec<Driver>,
    /// What may be told where no driver is named, and the device on the port is asked what it is.
    pub asked: Vec<DriverSetting>,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct Driver {
    pub name: String,
    pub settings: Vec<DriverSetting>,
}

/// A setting that stands behind a target's `?`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct DriverSetting {
    pub key: SettingKey,
    /// What holds without it; `null` where that is found out, or nothing.
    pub usual: Option<String>,
    /// The only ones there are; empty where a person writes it.
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum SettingKey {
    /// Who logs in on the device. The password goes its own way.
    User,
    Dir,
    Sectag,
    Format,
    Term,
    Shell,
    Reset,
    Ca,
    Certificate,
    PrivateKey,
    Root,
    Baud,
    Flow,
}

impl DriverSetting {
    /// Written by a person.
    pub(crate) fn written(key: SettingKey, usual: Option<&str>) -> Self {
        Self { key, usual: usual.map(str::to_owned), values: vec![] }
    }

    /// One of these.
    pub(crate) fn chosen(key: SettingKey, usual: Option<&str>, values: &[&str]) -> Self {
        Self { key, usual: usual.map(str::to_owned), values: values.iter().map(|&value| value.to_owned()).collect() }
    }
}

/// The layouts of drives that need nothing of the site.
pub(crate) fn layouts() -> Vec<Driver> {
    let root = |root| vec![DriverSetting::written(SettingKey::Root, Some(root))];
    [("drive", vec![]), ("greengrass", root(GREENGRASS_ROOT)), ("device-client", root(DEVICE_CLIENT_ROOT))]
        .map(|(name, settings)| Driver { name: name.to_owned(), settings })
        .into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Means, drivers, logs_in, open};

    const KEYS: [SettingKey; 13] = [
        SettingKey::User,
        SettingKey::Dir,
        SettingKey::Sectag,
        SettingKey::Format,
        SettingKey::Term,
        SettingKey::Shell,
        SettingKey::Reset,
        SettingKey::Ca,
        SettingKey::Certificate,
        SettingKey::PrivateKey,
        SettingKey::Root,
        SettingKey::Baud,
        SettingKey::Flow,
    ];

    fn is_taken(target: &str, driver: &str, key: SettingKey, value: &str) -> bool {
        let word = serde_json::to_value(key).expect("JSON").as_str().expect("a word").to_owned();
        let settings = BTreeMap::from([(word, value.to_owned())]);
        open(target, Some(driver), &Means { settings: Some(&settings), ..Means::default() }).is_ok()
    }

    #[test]
    fn every_driver_takes_what_is_offered_and_nothing_else() {
        let all = drivers(None);
        let drives = all.drive.iter().map(|driver| ("drive:/media/x", driver));
        let each: Vec<_> = drives.chain(all.serial.iter().map(|driver| ("serial:/dev/x", driver))).collect();
        assert!(each.len() > 12, "the layouts, our own drivers, and the recipes");
        for (target, driver) in each {
            let user = driver.settings.iter().any(|setting| setting.key == SettingKey::User);
            assert_eq!(logs_in(&driver.name), user, "{}: who logs in is told to nobody else", driver.name);
            for key in KEYS {
                let offered = driver.settings.iter().find(|setting| setting.key == key);
                let values = offered.map(|setting| setting.values.iter().chain(&setting.usual)).into_iter().flatten();
                for value in values {
                    assert!(is_taken(target, &driver.name, key, value), "{} {key:?}={value}", driver.name);
                }
                // Whatever it is, nobody takes what is not theirs.
                let taken = ["root", "/x", "1", "yes", "9600", "none", "crlf", "bint"];
                let taken = taken.map(|value| is_taken(target, &driver.name, key, value));
                assert_eq!(taken.contains(&true), offered.is_some(), "{} {key:?}", driver.name);
                if offered.is_some_and(|setting| !setting.values.is_empty()) {
                    assert!(!is_taken(target, &driver.name, key, "9"), "{} {key:?}: only these", driver.name);
                }
            }
        }
    }

    #[test]
    fn what_is_usual_is_what_the_driver_does() {
        let all = drivers(None);
        let usual = |name: &str, key| {
            let driver = all.serial.iter().find(|driver| driver.name == name).expect("a driver");
            driver.settings.iter().find(|setting| setting.key == key).and_then(|setting| setting.usual.clone())
        };
        assert_eq!(usual("console", SettingKey::Dir).as_deref(), Some("/etc/fieldkey"));
        assert_eq!(usual("nrf91", SettingKey::Sectag).as_deref(), Some("42"));
        assert_eq!(usual("quectel", SettingKey::PrivateKey).as_deref(), Some("key.pem"));
        assert_eq!(usual("esp-at", SettingKey::Baud).as_deref(), Some("115200"));
        assert_eq!(
            all.asked.iter().map(|setting| setting.key).collect::<Vec<_>>(),
            [SettingKey::Baud, SettingKey::Flow]
        );
    }

    #[test]
    fn a_setting_said_twice_is_refused_whichever_way_it_came() {
        let settings = BTreeMap::from([("baud".to_owned(), "9600".to_owned())]);
        let means = Means { settings: Some(&settings), ..Means::default() };
        assert!(open("serial:/dev/x?baud=115200", Some("console"), &means).is_err());
    }

    #[test]
    fn a_value_is_one_value_whatever_is_in_it() {
        let settings = BTreeMap::from([("dir".to_owned(), "/etc/x&user=root".to_owned())]);
        let means = Means { settings: Some(&settings), ..Means::default() };
        let refused = open("serial:/dev/x", Some("console"), &means).err().expect("no path");
        assert_eq!(refused.about, "?dir=/etc/x&user=root", "it is not taken apart");
    }
}
