//! What tests and demo leave behind, even if they are killed: nothing.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
    let told = std::fs::read(folder.join("cloud/cloud.json")).expect("told where it is");
    let told: serde_json::Value = serde_json::from_slice(&told).expect("JSON");
    let cloud = told["pid"].as_i64().expect("a number");
    assert!(runs(cloud), "it is the process that was told");
    owner.kill().expect("it runs");
    owner.wait().expect("it ends");
    assert!(removes.wait().expect("it ends").success());
    assert!(!folder.exists(), "an owner that is killed drops nothing itself");
    let end = Instant::now() + Duration::from_secs(10);
    while runs(cloud) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!runs(cloud), "nor does it end its cloud");
}

/// One that has ended and that nobody asked about yet runs no more.
fn runs(pid: i64) -> bool {
    let ps = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().expect("ps runs");
    let state = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}
