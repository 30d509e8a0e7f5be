//! An embedded Linux's login shell on its serial console.
//!
//! Any POSIX shell will do (busybox's ash, dash, bash), with whatever prompt; nobody need have logged in. Files go by
//! ZMODEM where the device has lrzsz's `rz`, else as base64, else as numbers for the shell's `printf`; each is compared
//! on the device before it counts.
//!
//! The key shows up neither on the screen nor in the shell's history nor among the arguments of a program, where every
//! user could read it: see [`shell`]. Whoever can use the console can read the file, though.

mod answer;
mod complaint;
mod encoded;
mod files;
mod login;
mod pace;
mod place;
mod shell;
mod text;
mod tools;
mod zmodem;

#[cfg(all(test, target_os = "linux"))]
pub(crate) mod counterpart;
#[cfg(all(test, target_os = "linux"))]
mod fault_tests;
#[cfg(all(test, target_os = "linux"))]
mod files_tests;
#[cfg(all(test, target_os = "linux"))]
mod login_tests;
#[cfg(all(test, target_os = "linux"))]
mod shell_tests;
#[cfg(all(test, target_os = "linux"))]
mod speed_tests;

use fieldkey_core::ports::Caution;
use fieldkey_core::{Code, Failure, Why};
use secrecy::SecretString;

use self::files::Way;
use self::pace::Pace;
use self::place::Place;
use self::shell::Shell;
use self::tools::Tools;
use crate::drivers::{Driver, Store};
use crate::serial::{Line, Settings};

/// Where credentials go if nobody says where.
pub(crate) const FOLDER: &str = "/etc/fieldkey";

/// The driver. Settings: `user`, who logs in where the device asks for that; `dir`, the folder on the device.
pub(crate) struct Console {
    user: Option<String>,
    password: Option<SecretString>,
    folder: String,
    /// The file that was written last, and its digest, which the device computed from what it had stored. Known until
    /// another command.
    written: Option<(String, String)>,
    /// Of all ways only these, in tests.
    only: Option<fn(Way) -> bool>,
    shell: Shell,
    tools: Tools,
    /// The shell stands in the folder.
    entered: bool,
    /// The folder's file system is in memory.
    volatile: bool,
    /// Somebody logged in, and it was us; or that is not known to have failed.
    logged_in: bool,
    /// Nobody gets at the shell without a password.
    locked: bool,
}

impl Console {
    /// The password is for `user`; a device that asks for none does not get it.
    ///
    /// # Errors
    /// `usage` for a user or a folder that a shell would not take as it is.
    pub(crate) fn new(settings: &mut Settings, password: Option<SecretString>) -> Result<Self, Failure> {
        let user = settings.text("user");
        let folder = settings.text("dir").unwrap_or_else(|| FOLDER.to_owned());
        let plain = |text: &str, more: &[char]| {
            !text.starts_with('-')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(&c))
        };
        if let Some(user) = user.as_deref().filter(|user| user.is_empty() || !plain(user, &[])) {
            let why = Why::new("no name of a user", "ユーザー名として使用できません");
            return Err(Failure::new(Code::Usage).about(format!("?user={user}")).because_of(why));
        }
        if !folder.starts_with('/') || !plain(&folder, &['/']) || folder.split('/').any(|part| part == "..") {
            let why =
                Why::new("no absolute path of plain characters", "絶対パスではないか、使用できない文字があります");
            return Err(Failure::new(Code::Usage).about(format!("?dir={folder}")).because_of(why));
        }
        Ok(Self {
            user,
            password,
            folder,
            written: None,
            only: None,
            shell: Shell::new(Pace::default()),
            tools: Tools::default(),
            entered: false,
            volatile: false,
            logged_in: false,
            locked: false,
        })
    }
}

impl Driver for Console {
    fn name(&self) -> &str {
        "console"
    }

    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        let pace = *self.shell.pace();
        (self.shell, self.entered, self.locked) = (Shell::new(pace), false, false);
        self.written = None;
        match place::find(line, &pace, self.shell.token())? {
            Place::BootLoader => {
                let why = Why::new("it waits in its boot loader", "ブートローダーで停止しています");
                return Err(line.failure(Code::DeviceRejected).because_of(why));
            }
            Place::Login => {
                let (user, password) = (self.user.as_deref(), self.password.as_ref());
                let (token, inside) = (self.shell.token(), &mut self.logged_in);
                self.locked = login::log_in(line, &pace, token, user, password, inside)?;
            }
            _ => {}
        }
        self.shell.start(line, self.logged_in)?;
        let words = self.shell.run(line, "sed -n 's/^PRETTY_NAME=//p' /etc/os-release;uname -srm", pace.answer * 4)?;
        self.tools = Tools::of(&mut self.shell, line)?;
        let words: Vec<&str> = words.text.lines().map(|word| word.trim_matches(['"', '\'', ' '])).collect();
        Ok(Some(words.join(", ")).filter(|words| !words.is_empty()))
    }

    fn leave(&mut self, line: &mut Line) {
        // A line that died is left as it is: nothing more can be done on it.
        if self.shell.is_started() {
            drop(self.shell.end(line));
        } else if self.logged_in {
            drop(login::log_out(line, self.shell.pace(), self.shell.token()));
        }
        self.logged_in = false;
    }

    fn store(&mut self) -> Store<'_> {
        Store::Files(self)
    }

    fn cautions(&self) -> Vec<Caution> {
        let readable = (!self.locked).then_some(Caution::ReadableKey);
        readable.into_iter().chain(self.volatile.then_some(Caution::VolatileStorage)).collect()
    }
}
