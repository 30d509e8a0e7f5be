use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::project;

/// MicroPython's own client at work on a port. Returns what it prints.
pub(crate) fn mpremote(port: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("timeout");
    command.args(["60"]).arg(python()).args(["-m", "mpremote", "connect"]).arg(port).args(arguments);
    let output = command.output().expect("mpremote");
    let [said, complained] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "mpremote {arguments:?}: {said}{complained}");
    said
}

fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let made = Command::new("python3").arg(project("tests/support/environments.py")).arg("micropython").output();
        let made = made.expect("python3");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        PathBuf::from(String::from_utf8_lossy(&made.stdout).trim())
    })
}
