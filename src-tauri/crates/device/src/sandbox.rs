//! Tests on a file system of their own: full, read-only, or pulled away; and tests without root's rights.
//!
//! A test runs itself again in a mount namespace, where a tmpfs is at hand that may be filled,
//! remounted and unmounted without anybody else noticing.

use std::any::type_name;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FOLDER: &str = "FIELDKEY_TEST_TMPFS";
/// To read and write any file; to open what another has for itself.
const WITHOUT: &str = "-dac_override,-dac_read_search,-sys_admin";
const BOUND: &str = "FIELDKEY_TEST_BOUND";

/// In the namespace: the tmpfs. Outside: runs the calling test in one, asserts that it passed, and
/// returns `None`. `here` is any closure written in the test: its type carries the test's name.
pub(crate) fn tmpfs<F: Fn()>(_here: &F, options: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return Some(folder.into());
    }
    let name = type_name::<F>().replace("::{{closure}}", "");
    let (_, name) = name.split_once("::").expect("a test has a module");
    let own = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    if !Command::new("unshare").args([own, "true"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success()) {
        eprintln!("SKIPPED {name}: this machine permits no mount namespace of one's own");
        return None;
    }
    let folder = tempfile::tempdir().expect("folder");
    let script = format!("mount -t tmpfs -o {options} none \"${FOLDER}\" && exec \"$@\"");
    let test = std::env::current_exe().expect("test binary");
    let output = Command::new("unshare")
        .args([own, "sh", "-ec", &script, "sh"])
        .arg(test)
        .args(["--exact", name, "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .expect("unshare");
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{name} failed in its namespace:\n{said}{complained}");
    complained.lines().filter(|line| line.starts_with("SKIPPED")).for_each(|line| eprintln!("{line}"));
    assert!(said.contains("1 passed"), "{name} was not found:\n{said}");
    None
}

/// True where files' permissions bind this process. For root, who stands above them, runs the calling test again without
/// that right, asserts that it passed, and returns false.
pub(crate) fn without_rights<F: Fn()>(_here: &F) -> bool {
    if !rustix::process::geteuid().is_root() || std::env::var_os(BOUND).is_some() {
        return true;
    }
    let name = type_name::<F>().replace("::{{closure}}", "");
    let (_, name) = name.split_once("::").expect("a test has a module");
    let output = Command::new("setpriv")
        .args(["--bounding-set", WITHOUT, "--inh-caps", WITHOUT])
        .arg(std::env::current_exe().expect("test binary"))
        .args(["--exact", name, "--nocapture"])
        .env(BOUND, "1")
        .output()
        .expect("setpriv is part of util-linux, as mount is");
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{name} failed without root's rights:\n{said}{complained}");
    assert!(said.contains("1 passed"), "{name} was not found:\n{said}");
    false
}

/// Runs a command on a path. Only for use in the namespace.
pub(crate) fn run(program: &str, arguments: &[&str], path: &Path) {
    let status = Command::new(program).args(arguments).arg(path).status().expect(program);
    assert!(status.success(), "{program} {arguments:?} {}: {status}", path.display());
}

/// Leaves no byte free.
pub(crate) fn fill(folder: &Path) {
    let filler = std::fs::File::create(folder.join("filler")).expect("file");
    let full = std::io::copy(&mut std::io::repeat(1), &mut &filler).expect_err("it must fill up");
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
}
