//! The `fieldkey` command, as scripts run it, with a home of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::cloud::{Cloud, Operator, cloud};
use super::temporary;

/// Names a Windows build of the command.
const UNDER_WINE: &str = "FIELDKEY_UNDER_WINE";

pub(crate) fn under_wine() -> bool {
    std::env::var_os(UNDER_WINE).is_some()
}

/// The command under test: as `cargo test` built it, or a Windows build of it under wine.
fn under_test() -> Command {
    let Some(program) = std::env::var_os(UNDER_WINE) else { return Command::new(binary()) };
    let mut command = Command::new(std::env::var_os("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER").expect("wine"));
    command.arg(program);
    command
}

/// The command that `cargo test` built beside this test.
pub(crate) fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.parent().and_then(Path::parent).expect("target/debug");
    folder.join(format!("fieldkey{}", std::env::consts::EXE_SUFFIX))
}

/// A person's computer: home, site file, and a folder that plays the drive.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with_site(&cloud().site())
    }

    /// At the site of another cloud.
    pub(crate) fn at(cloud: &Cloud) -> Self {
        let desk = Self::with_site(&cloud.site());
        std::fs::write(desk.path("ca.pem"), cloud.ca()).expect("writable");
        desk
    }

    /// With another site file than the deployed one; the CA lies beside it.
    pub(crate) fn with_site(site: &Value) -> Self {
        let folder = temporary::folder("desk-");
        std::fs::write(folder.path().join("ca.pem"), cloud().ca()).expect("writable");
        std::fs::write(folder.path().join("site.json"), site.to_string()).expect("writable");
        for name in ["drive", "flash", "tmp", "home"] {
            std::fs::create_dir(folder.path().join(name)).expect("writable");
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn target(&self) -> String {
        format!("drive:{}", self.path("drive").display())
    }

    /// A command of Fieldkey's, with nothing of the caller's environment that would change what it does.
    pub(crate) fn fieldkey(&self, words: &[&str]) -> Command {
        let mut command = under_test();
        for (name, _) in std::env::vars() {
            if name.starts_with("FIELDKEY_") || name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        self.at_home(&mut command).stdin(Stdio::null()).args(words);
        command
    }

    /// What an organisation puts on this computer: a policy, and the desk's site as `plant`.
    pub(crate) fn organisation(&self, policy: &str) {
        std::fs::create_dir_all(self.path("machine/sites")).expect("writable");
        std::fs::write(self.path("machine/policy.json"), policy).expect("writable");
        for (from, to) in [("site.json", "plant.json"), ("ca.pem", "ca.pem")] {
            std::fs::copy(self.path(from), self.path("machine/sites").join(to)).expect("writable");
        }
    }

    /// An AWS profile of the account's administrator, as `aws configure` writes it.
    pub(crate) fn profile(&self, name: &str) {
        std::fs::create_dir(self.path("home/.aws")).expect("writable");
        let keys = format!("[{name}]\naws_access_key_id = test\naws_secret_access_key = test\n");
        std::fs::write(self.path("home/.aws/credentials"), keys).expect("writable");
        let region = format!("[profile {name}]\nregion = ap-northeast-1\n");
        std::fs::write(self.path("home/.aws/config"), region).expect("writable");
    }

    /// Gives a command this desk's home and computer, in English and without a keychain.
    pub(crate) fn at_home<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("FIELDKEY_KEYCHAIN", "off")
            .env("FIELDKEY_MACHINE_FOLDER", self.path("machine"))
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_DATA_HOME", self.path("home/share"))
            .env("XDG_CONFIG_HOME", self.path("home/config"))
    }

    /// `provision --json` onto this desk's drive.
    pub(crate) fn provision(&self, operator: &Operator, serial_number: &str, more: &[&str]) -> Command {
        let (site, target) = (self.path("site.json").display().to_string(), self.target());
        let words = ["provision", "--json", "--site", &site, "--user", &operator.email];
        let words = [&words[..], &["--serial-number", serial_number, "--target", &target], more].concat();
        let mut command = self.fieldkey(&words);
        command.env("FIELDKEY_PASSWORD", &operator.password);
        command
    }

    /// `enroll --json` onto this desk's drive.
    pub(crate) fn enroll(&self, operator: &Operator, serial_number: &str, more: &[&str]) -> Command {
        let target = self.target();
        let words = [&["enroll", "--serial-number", serial_number, "--target", &target], more].concat();
        self.job(operator, &words)
    }

    /// A job with `--json` at this desk's site, for an operator.
    pub(crate) fn job(&self, operator: &Operator, words: &[&str]) -> Command {
        let site = self.path("site.json").display().to_string();
        let (job, more) = words.split_first().expect("a job");
        let words = [&[*job, "--json", "--site", &site, "--user", &operator.email], more].concat();
        let mut command = self.fieldkey(&words);
        command.env("FIELDKEY_PASSWORD", &operator.password);
        command
    }

    /// `verify --json` of the identity on this desk's drive.
    pub(crate) fn verify(&self, more: &[&str]) -> Command {
        let (site, identity) = (self.path("site.json").display().to_string(), self.path("drive").display().to_string());
        self.fieldkey(&[&["verify", "--json", "--site", &site, "--identity", &identity], more].concat())
    }

    /// The runs of this desk's journal, newest first.
    pub(crate) fn history(&self) -> Vec<Value> {
        let output = self.fieldkey(&["history", "--json"]).output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The names of the files on the drive, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("drive")).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Gives one command the environment of another, which it will start.
pub(crate) fn hand_on(from: &Command, to: &mut Command) {
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
}

/// What a `--json` run said, held against the promised order.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) events: Vec<Value>,
    pub(crate) errors: String,
}

impl Said {
    pub(crate) fn by(command: &mut Command) -> Self {
        Self::of(&command.output().expect("the command starts"))
    }

    pub(crate) fn of(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let events: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}; {errors}")))
            .collect();
        let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().expect("an event")).collect();
        assert_eq!(kinds.first(), Some(&"started"), "a run begins so: {events:?} {errors}");
        assert!(matches!(kinds.last(), Some(&"finished" | &"failed")), "a run ends so: {events:?}");
        let ends = kinds.iter().filter(|kind| matches!(**kind, "finished" | "failed")).count();
        assert_eq!(ends, 1, "exactly one end: {events:?}");
        Self { status: output.status.code().unwrap_or(-1), events, errors }
    }

    pub(crate) fn last(&self) -> &Value {
        self.events.last().expect("an end")
    }

    /// The result of a run that finished.
    pub(crate) fn result(&self) -> &Value {
        assert_eq!(self.last()["event"], "finished", "{:?} {}", self.last(), self.errors);
        assert_eq!(self.status, 0);
        &self.last()["result"]
    }

    /// Status, code and step of a run that failed, with words for the person.
    pub(crate) fn failure(&self) -> (i32, &str, &str) {
        let last = self.last();
        assert_eq!(last["event"], "failed", "{:?}", self.events);
        for key in ["message", "help"] {
            let words = last[key].as_str().unwrap_or_default();
            assert!(!words.is_empty(), "{key} is missing: {last}");
            for raw in ["SdkError", "ServiceError", "Unhandled", "DispatchFailure", "\\\""] {
                assert!(!words.contains(raw), "raw words of a library: {words}");
            }
        }
        (self.status, last["code"].as_str().expect("a code"), last["step"].as_str().unwrap_or_default())
    }

    pub(crate) fn failure_owned(&self) -> (i32, String, String) {
        let (status, code, step) = self.failure();
        (status, code.to_owned(), step.to_owned())
    }

    /// What `verify` found by a check: `passed`, `failed` or `skipped`.
    pub(crate) fn verdict(&self, check: &str) -> &str {
        let step = self.step(check).unwrap_or_else(|| panic!("{check} is missing: {:?}", self.events));
        step["detail"]["verdict"].as_str().expect("a verdict")
    }

    pub(crate) fn step(&self, step: &str) -> Option<&Value> {
        self.events.iter().find(|event| event["step"] == step && event["status"] == "done")
    }
}
