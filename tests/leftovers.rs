//! What tests and demo leave behind, even if they are killed: nothing.

use std::process::{Command, Stdio};

use crate::support::{support, temporary};

#[test]
fn a_cloud_whose_owner_is_killed_ends_and_its_folder_goes() {
    let folder = temporary::folder("owned-").keep();
    let mut owner = Command::new("sleep").arg("600").spawn().expect("it starts");
    let pid = owner.id().to_string();
    let mut removes = Command::new(support("leave_nothing.py")).arg(&folder).arg(&pid).spawn().expect("python3 runs");
    let up = Command::new(support("local_cloud.py"))
        .args(["up", "--port", "0", "--owner", &pid, "--state"])
        .arg(folder.join("cloud"))
        .stdout(Stdio::null())
        .status();
    assert!(up.expect("python3 runs").success());
    assert!(folder.join("cloud/site.json").exists(), "it was there");
    owner.kill().expect("it runs");
    owner.wait().expect("it ends");
    assert!(removes.wait().expect("it ends").success());
    assert!(!folder.exists(), "an owner that is killed drops nothing itself");
}
