//! From a target's words on the command line to the target.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use fieldkey_core::site::{Encoding, SiteLayout};
use fieldkey_core::{Code, Failure, Target, Why};
use secrecy::SecretString;

use crate::Drive;
use crate::drivers::{Kind, detected, kinds, kinds_of, line_settings, named};
use crate::layout::{DEVICE_CLIENT_ROOT, DRIVERS, GREENGRASS_ROOT, Layout, Root};
use crate::offered::{Drivers, SettingKey, layouts};
use crate::serial::{MakeDriver, Plugged, Serial, Settings, Setup};

/// What drivers need to know beside the call's words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Means<'a> {
    /// The site's own layout of drives, which is then their default.
    pub layout: Option<&'a SiteLayout>,
    /// Whom the site's devices trust.
    pub ca_pem: Option<&'a str>,
    /// Settings beside those of the call's words, by the same names.
    pub settings: Option<&'a BTreeMap<String, String>>,
    /// For a device that asks who logs in.
    pub password: Option<&'a SecretString>,
    /// A folder with descriptions of further modems.
    pub drivers: Option<&'a Path>,
}

/// Where people put descriptions of modems that are not built in, if they do: `drivers` beside Fieldkey's settings.
pub fn own_drivers() -> Option<PathBuf> {
    let folder = directories::ProjectDirs::from("", "", "fieldkey")?.config_dir().join("drivers");
    folder.is_dir().then_some(folder)
}

/// Every driver; those that a folder describes among them.
pub fn drivers(folder: Option<&Path>) -> Drivers {
    offered(&kinds(folder).0)
}

/// The drivers that Fieldkey brings along, whatever this computer adds.
pub fn built_in_drivers() -> Drivers {
    offered(&kinds_of(&[]).0)
}

fn offered(kinds: &[Kind]) -> Drivers {
    let serial = kinds.iter().map(Kind::offered).collect();
    Drivers { drive: layouts(), serial, asked: line_settings(&Setup::default()) }
}

/// Somebody logs in on the devices of this driver: it may be told a `user`, and gets the password.
pub fn logs_in(driver: &str) -> bool {
    let takes = |known: &crate::Driver| known.settings.iter().any(|setting| setting.key == SettingKey::User);
    drivers(None).serial.iter().any(|known| known.name == driver && takes(known))
}

/// Opens `drive:PATH` or `serial:PATH`, either with `?key=value` settings behind it, through the
/// driver of that name: for a drive `site` if the site has a layout of its own, else `drive`. Nothing is touched yet.
///
/// # Errors
/// `usage` for words that make no target; `site-invalid` where the site's layout cannot hold what it is to.
pub fn open(target: &str, driver: Option<&str>, means: &Means<'_>) -> Result<Box<dyn Target>, Failure> {
    let refuse = |english: &str, japanese: &str| {
        let why = Why::new(english, japanese);
        Err(Failure::new(Code::Usage).about(format!("target `{target}`")).because_of(why))
    };
    let Some((kind, rest)) = target.split_once(':').filter(|(kind, _)| ["drive", "serial"].contains(kind)) else {
        return refuse(
            "a target is written drive:PATH or serial:PORT",
            "drive:PATH または serial:PORT の形で指定してください",
        );
    };
    let (path, mut settings) = split_settings(rest, kind == "serial");
    let more = means.settings.into_iter().flatten();
    settings.extend(more.map(|(key, value)| (key.as_str(), value.as_str())));
    if path.is_empty() {
        return refuse("the path is missing", "パスがありません");
    }
    if kind == "serial" {
        return serial(target, path, settings, driver, means);
    }
    let (layout, root_is_taken) = layout(driver, &settings, means)?;
    if let Some((key, _)) = settings.iter().find(|(key, _)| *key != "root" || !root_is_taken) {
        return refuse(&format!("a drive has no setting `{key}`"), &format!("ドライブに設定 `{key}` はありません"));
    }
    let of_site = means.layout.cloned().map(Arc::new);
    Ok(Box::new(Drive::new(PathBuf::from(path), layout, of_site)))
}

/// A device on a serial port. Without a driver's name it is found out when the device is first spoken to.
fn serial(
    target: &str,
    path: &str,
    settings: Vec<(&str, &str)>,
    driver: Option<&str>,
    means: &Means<'_>,
) -> Result<Box<dyn Target>, Failure> {
    let (kinds, mistakes) = kinds(means.drivers);
    let kind = driver.map(|name| named(name, &kinds, mistakes)).transpose()?;
    let mut settings = Settings::new(settings)?;
    let mut setup = kind.as_ref().map_or(Setup::default(), |kind| kind.setup);
    setup.baud = settings.parsed("baud")?.map_or(setup.baud, |Baud(baud)| baud);
    if let Some(flow) = settings.parsed::<Flow>("flow")? {
        setup.rts_cts = flow == Flow::RtsCts;
    }
    let password = means.password.cloned();
    if let Some(kind) = &kind {
        // Words that make no sense are refused now, and not when the device is waiting.
        kind.driver(settings.clone(), setup, password.as_ref())?;
    }
    if let Some(layout) = means.layout {
        refuse_bundle_in_der(layout, means)?;
    }
    let makes_keys = kind.as_ref().is_none_or(|kind| kind.makes_keys);
    let layout = means.layout.map_or(Layout::Drive, |layout| Layout::Site(Arc::new(layout.clone())));
    let driver: MakeDriver = Box::new(move |line| {
        let found = kind.clone().map_or_else(|| detected(line, &kinds), Ok)?;
        found.driver(settings.clone(), setup, password.as_ref())
    });
    let plugged = Box::new(Plugged::new(path, setup));
    Ok(Box::new(Serial::new(target.to_owned(), plugged, driver, layout, makes_keys)))
}

/// No port is slower, and none that is known is quicker.
struct Baud(u32);

impl FromStr for Baud {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().ok().filter(|baud| (300..=4_000_000).contains(baud)).map(Self).ok_or(())
    }
}

/// Who says when the other side may send.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    None,
    RtsCts,
}

impl FromStr for Flow {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "none" => Ok(Self::None),
            "rts-cts" => Ok(Self::RtsCts),
            _ => Err(()),
        }
    }
}

/// The layout of that name, and whether it takes the setting `root`.
fn layout(driver: Option<&str>, settings: &[(&str, &str)], means: &Means<'_>) -> Result<(Layout, bool), Failure> {
    let root = |default: &str| {
        let given = settings.iter().find(|(key, _)| *key == "root").map_or(default, |(_, root)| root);
        Root::parse(given).ok_or_else(|| {
            let why = Why::new(
                "must be an absolute path on the device, without what a shell reads as something else",
                "デバイス上の絶対パスを指定してください。シェルが特別に扱う文字は使えません",
            );
            Failure::new(Code::Usage).about(format!("root={given}")).because_of(why)
        })
    };
    let default = if means.layout.is_some() { "site" } else { "drive" };
    match (driver.unwrap_or(default), means.layout) {
        ("drive", _) => Ok((Layout::Drive, false)),
        ("greengrass", _) => Ok((Layout::Greengrass(root(GREENGRASS_ROOT)?), true)),
        ("device-client", _) => Ok((Layout::DeviceClient(root(DEVICE_CLIENT_ROOT)?), true)),
        ("site", Some(layout)) => {
            refuse_bundle_in_der(layout, means)?;
            Ok((Layout::Site(Arc::new(layout.clone())), false))
        }
        ("site", None) => {
            let why = Why::new("the site file has no `layout`", "サイトファイルに `layout` がありません");
            Err(Failure::new(Code::Usage).about("driver `site`").because_of(why))
        }
        (driver, _) => {
            let failure = Failure::new(Code::Usage).about(format!("driver `{driver}`"));
            let known = DRIVERS.join(", ");
            Err(failure.because_of(Why::new(
                format!("drivers of drives: {known}"),
                format!("ドライブで使えるドライバー: {known}"),
            )))
        }
    }
}

/// A file of several CAs has no DER. Said before a claim is spent.
fn refuse_bundle_in_der(layout: &SiteLayout, means: &Means<'_>) -> Result<(), Failure> {
    let count = means.ca_pem.unwrap_or_default().matches("-----BEGIN ").count();
    if layout.encoding == Some(Encoding::Der) && count > 1 {
        let why = Why::new(
            "the CA file holds several certificates, and DER only one",
            "CA ファイルに証明書が複数あります。DER には 1 件しか入りません",
        );
        return Err(Failure::new(Code::SiteInvalid).about("layout.encoding").because_of(why));
    }
    Ok(())
}

/// `/dev/ttyUSB0?baud=115200` → path and settings. A `?` may be part of a folder's name, so it
/// parts them only where everything behind it reads like settings.
fn split_settings(text: &str, on_a_port: bool) -> (&str, Vec<(&str, &str)>) {
    let pair = |text| pair(text, on_a_port);
    let parts = text.rsplit_once('?');
    let parts = parts.and_then(|(path, rest)| Some((path, rest.split('&').map(pair).collect::<Option<_>>()?)));
    parts.unwrap_or((text, vec![]))
}

fn pair(text: &str, on_a_port: bool) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let word = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    // No port's name holds a `?`, but a folder's may.
    let value_is_one = on_a_port || key == "root" || !value.contains(['/', '\\']);
    (word && value_is_one).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(target: &str, driver: Option<&str>) -> Failure {
        match open(target, driver, &Means::default()) {
            Ok(target) => panic!("{} was opened", target.name()),
            Err(failure) => failure,
        }
    }

    #[test]
    fn a_drive_s_name_is_what_was_typed() {
        for target in ["drive:/media/x", "drive:./a b", r"drive:E:\", "drive:/media/why?", "drive:/a?b=/c"] {
            assert_eq!(open(target, None, &Means::default()).expect(target).name(), target);
        }
    }

    #[test]
    fn words_that_make_no_target_are_refused_with_the_reason() {
        let cases = [
            ("/media/x", "drive:PATH"),
            ("disk:/media/x", "drive:PATH"),
            ("drive:", "path is missing"),
            ("drive:?baud=1", "path is missing"),
            ("drive:/media/x?baud=115200", "`baud`"),
        ];
        for (target, reason) in cases {
            let failure = refused(target, None);
            assert_eq!(failure.code, Code::Usage, "{target}");
            assert!(failure.reason.contains(reason), "{target}: {}", failure.reason);
        }
    }

    #[test]
    fn an_unknown_driver_is_told_the_known_ones() {
        assert!(open("drive:/media/x", Some("drive"), &Means::default()).is_ok());
        let failure = refused("drive:/media/x", Some("nrf91"));
        assert_eq!(
            (failure.code, failure.reason.as_str()),
            (Code::Usage, "drivers of drives: drive, greengrass, device-client, site")
        );
    }

    #[test]
    fn only_layouts_with_paths_in_them_have_a_root() {
        let target = "drive:/media/x?root=/opt/gg";
        assert!(open(target, Some("greengrass"), &Means::default()).is_ok());
        assert!(open(target, Some("device-client"), &Means::default()).is_ok());
        assert!(refused(target, Some("drive")).reason.contains("`root`"));
        assert!(refused("drive:/media/x?baud=9600", Some("greengrass")).reason.contains("`baud`"));
        let failure = refused("drive:/media/x?root=opt", Some("greengrass"));
        assert_eq!((failure.code, failure.about.as_str()), (Code::Usage, "root=opt"));
    }

    #[test]
    fn a_site_s_own_layout_is_its_drives_default() {
        let text = include_str!("../../cli/tests/files/site.json");
        let own = r#"{"layout": {"encoding": "der", "claim": {"certificate": "a", "privateKey": "b", "ca": "c"}},"#;
        let site = fieldkey_core::site::parse(&text.replacen('{', own, 1)).expect("a site");
        let means = Means { layout: site.layout.as_ref(), ..Means::default() };
        let holder = |driver| layout(driver, &[], &means).expect("a layout").0.driver();
        assert_eq!((holder(None), holder(Some("drive"))), ("site", "drive"));
        assert!(refused("drive:/media/x", Some("site")).reason.contains("no `layout`"));
        let two = Means { ca_pem: Some("-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----"), ..means };
        assert_eq!(open("drive:/x", None, &two).err().expect("DER holds one").code, Code::SiteInvalid);
        assert!(open("drive:/x", Some("drive"), &two).is_ok());
    }

    #[test]
    fn a_port_s_speed_is_one_that_ports_have() {
        for baud in ["0", "1", "299", "4000001", "fast"] {
            assert_eq!(refused(&format!("serial:/dev/x?baud={baud}"), Some("fieldkey")).about, "?baud=", "{baud}");
        }
        assert!(open("serial:/dev/x?baud=921600", Some("fieldkey"), &Means::default()).is_ok());
    }

    #[test]
    fn settings_are_read_apart_from_the_path() {
        assert_eq!(split_settings("/dev/ttyS0?baud=9600&dir=/etc/x", true).1, [("baud", "9600"), ("dir", "/etc/x")]);
        assert_eq!(
            split_settings("/media/x?root=/greengrass/v2", false),
            ("/media/x", vec![("root", "/greengrass/v2")])
        );
        assert_eq!(split_settings("/media/what?", false).0, "/media/what?", "this is a folder's name");
    }
}
