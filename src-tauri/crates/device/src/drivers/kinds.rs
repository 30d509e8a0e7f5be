//! Every kind of device on a serial line, by the name that `--driver` takes.

use std::path::Path;

use fieldkey_core::{Code, Failure, Why};
use secrecy::SecretString;

use super::Driver;
use super::at::{Flow, Modem, Recipe, recipes};
use super::console::{Console, FOLDER};
use super::detect::{Heard, listen};
use super::framed::Framed;
use super::micropython::MicroPython;
use super::nrf91::{Nrf91, TAG};
use super::zephyr::Zephyr;
use crate::layout::Part;
use crate::offered::{Driver as Offered, DriverSetting, SettingKey};
use crate::platform::MACHINE_DRIVERS;
use crate::serial::{Line, Settings, Setup};

/// One kind of device.
#[derive(Clone)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) setup: Setup,
    /// Some devices of this kind make keys.
    pub(crate) makes_keys: bool,
    by: By,
}

#[derive(Clone)]
enum By {
    Nrf91,
    Zephyr,
    MicroPython,
    Console,
    Framed,
    Recipe(Box<Recipe>),
}

/// Every kind, with those of `folder`, which are the user's own recipes, and of the computer's folder. What is wrong
/// in these stops only those who ask for what is not there.
pub(crate) fn kinds(folder: Option<&Path>) -> (Vec<Kind>, Vec<Failure>) {
    let folders: Vec<&Path> = folder.into_iter().chain(MACHINE_DRIVERS.map(Path::new)).collect();
    kinds_of(&folders)
}

/// Those that are built in, with those of these folders.
pub(crate) fn kinds_of(folders: &[&Path]) -> (Vec<Kind>, Vec<Failure>) {
    let own = |name: &str, makes_keys, by| {
        let setup = Setup::default();
        Kind { name: name.to_owned(), setup, makes_keys, by }
    };
    let mut kinds = vec![
        own("fieldkey", true, By::Framed),
        own("nrf91", true, By::Nrf91),
        own("zephyr", true, By::Zephyr),
        own("micropython", false, By::MicroPython),
        own("console", false, By::Console),
    ];
    let (recipes, mistakes) = recipes(folders);
    mistakes.iter().for_each(|mistake| tracing::warn!(%mistake, "a driver file is left out"));
    kinds.extend(recipes.into_iter().map(|recipe| Kind {
        name: recipe.name.clone(),
        setup: Setup { baud: recipe.baud, rts_cts: recipe.flow == Flow::RtsCts },
        makes_keys: false,
        by: By::Recipe(Box::new(recipe)),
    }));
    (kinds, mistakes)
}

/// The kind of that name.
///
/// # Errors
/// `usage`, with the names that there are; `recipe-invalid` if it may be meant by a file that is none.
pub(crate) fn named(name: &str, kinds: &[Kind], mistakes: Vec<Failure>) -> Result<Kind, Failure> {
    kinds.iter().find(|kind| kind.name == name).cloned().ok_or_else(|| {
        if let Some(mistake) = mistakes.into_iter().next() {
            return mistake;
        }
        let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
        let known = known.join(", ");
        let why =
            Why::new(format!("drivers of serial ports: {known}"), format!("シリアルポートで使えるドライバー: {known}"));
        Failure::new(Code::Usage).about(format!("driver `{name}`")).because_of(why)
    })
}

impl Kind {
    /// The driver, with the settings that it takes. `password`: a console's.
    ///
    /// # Errors
    /// `usage` for a setting that is none, or that nobody takes.
    pub(crate) fn driver(
        &self,
        mut settings: Settings,
        setup: Setup,
        password: Option<&SecretString>,
    ) -> Result<Box<dyn Driver>, Failure> {
        let settings = &mut settings;
        let driver: Box<dyn Driver> = match &self.by {
            By::Nrf91 => Box::new(Nrf91::new(settings)?),
            By::Zephyr => Box::new(Zephyr::new(settings)?),
            By::MicroPython => Box::new(MicroPython::new(settings)?),
            By::Console => Box::new(Console::new(settings, password.cloned())?),
            By::Framed => Box::new(Framed::new(setup.baud)),
            By::Recipe(recipe) => Box::new(Modem::new((**recipe).clone(), settings)?),
        };
        settings.none_left(&self.name)?;
        Ok(driver)
    }

    /// Its settings, those that are asked for most first.
    pub(crate) fn offered(&self) -> Offered {
        let sectag = || DriverSetting::written(SettingKey::Sectag, Some(&TAG.to_string()));
        let mut settings = match &self.by {
            By::Nrf91 => vec![
                sectag(),
                DriverSetting::chosen(SettingKey::Term, None, &["crlf", "cr", "lf", "null"]),
                DriverSetting::chosen(SettingKey::Shell, None, &["yes", "no"]),
            ],
            By::Zephyr => vec![sectag(), DriverSetting::chosen(SettingKey::Format, None, &["bint", "strt"])],
            By::MicroPython => vec![
                DriverSetting::written(SettingKey::Dir, None),
                DriverSetting::chosen(SettingKey::Reset, Some("yes"), &["yes", "no"]),
            ],
            By::Console => vec![
                DriverSetting::written(SettingKey::User, None),
                DriverSetting::written(SettingKey::Dir, Some(FOLDER)),
            ],
            By::Framed => vec![],
            By::Recipe(recipe) => places(recipe),
        };
        settings.extend(line_settings(&self.setup));
        Offered { name: self.name.clone(), settings }
    }

    fn fits(&self, heard: &Heard) -> bool {
        let prompt = heard.prompt.trim_end();
        let at = heard.at.as_deref();
        match &self.by {
            By::Framed => heard.framed,
            By::Nrf91 => at.is_some_and(|at| at.contains("Nordic")),
            // Nordic's own shell has Zephyr's prompt, and a modem behind it.
            By::Zephyr => prompt.ends_with("uart:~$") && at.is_none_or(|at| !at.contains("Nordic")),
            By::MicroPython => prompt.ends_with(">>>") || prompt.contains("raw REPL"),
            By::Console => !heard.framed && is_console(prompt),
            By::Recipe(recipe) => at.is_some_and(|at| recipe.is(at)),
        }
    }
}

fn places(recipe: &Recipe) -> Vec<DriverSetting> {
    let key = |part| match part {
        Part::Ca => Some(SettingKey::Ca),
        Part::Certificate => Some(SettingKey::Certificate),
        Part::PrivateKey => Some(SettingKey::PrivateKey),
        Part::Settings => None,
    };
    recipe.place_names().filter_map(|(part, name)| Some(DriverSetting::written(key(part)?, Some(name)))).collect()
}

/// Of the line itself, whatever is behind it.
pub(crate) fn line_settings(setup: &Setup) -> Vec<DriverSetting> {
    let flow = if setup.rts_cts { "rts-cts" } else { "none" };
    let baud = DriverSetting::written(SettingKey::Baud, Some(&setup.baud.to_string()));
    vec![baud, DriverSetting::chosen(SettingKey::Flow, Some(flow), &["none", "rts-cts"])]
}

fn is_console(prompt: &str) -> bool {
    let last = prompt.lines().last().unwrap_or_default().trim();
    // Zephyr's prompts name no host.
    last.ends_with("login:") || (last.ends_with(['#', '$']) && (!last.ends_with(":~$") || last.contains('@')))
}

/// Finds out which kind of device answers.
///
/// # Errors
/// `device-silent`; `device-rejected` when it could be none of them, or several.
pub(crate) fn detected(line: &mut Line, kinds: &[Kind]) -> Result<Kind, Failure> {
    let heard = listen(line)?;
    let fitting: Vec<&Kind> = kinds.iter().filter(|kind| kind.fits(&heard)).collect();
    match fitting.as_slice() {
        [kind] => Ok((*kind).clone()),
        [] => {
            let why = Why::new(
                "it answers like no device that Fieldkey knows: name its driver",
                "既知のデバイスと一致しません。ドライバーを指定してください",
            );
            Err(line.failure(Code::DeviceRejected).because_of(why))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|kind| kind.name.as_str()).collect();
            let names = names.join(", ");
            let why = Why::new(
                format!("name its driver: it could be {names}"),
                format!("ドライバーを指定してください: {names} の可能性があります"),
            );
            Err(line.failure(Code::DeviceRejected).because_of(why))
        }
    }
}
