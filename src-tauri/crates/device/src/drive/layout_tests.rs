//! Layouts whose files have the same names for every device keep what the driver `drive` keeps.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fieldkey_core::ports::InForce;
use tempfile::TempDir;

use super::identity_tests::{elsewhere, parts, snapshot};
use super::steps::stop::{self, Then};
use super::tests::names;
use super::*;
use crate::layout::tests::{bundle, device_client, greengrass, identity as made};
use crate::layout::{CA, Root, SETTINGS};

const CONFIG: &str = "config.yaml";

fn memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("folder")
}

fn target(folder: &Path, layout: Layout) -> Drive {
    Drive::new(folder.into(), layout, None)
}

async fn write(folder: &Path, layout: Layout, bundle: &Bundle) -> Result<Box<dyn InForce>, Failure> {
    let drive = target(folder, layout);
    let kind = About::of(bundle).kind;
    drive.check(kind, true).await?;
    let in_force = drive.stage(bundle).await?.commit().await?;
    drive.verify(bundle).await?;
    Ok(in_force)
}

async fn put(folder: &Path, layout: Layout, bundle: Bundle) -> Box<dyn InForce> {
    write(folder, layout, &bundle).await.expect("written")
}

async fn seen(folder: &Path) -> Option<[String; 3]> {
    target(folder, Layout::Drive).identity().await.expect("whole, or none").map(|identity| parts(&identity))
}

fn one(number: u8) -> Bundle {
    Bundle::Identity(made(number))
}

#[tokio::test]
async fn an_identity_in_any_layout_is_read_by_its_record() {
    for layout in [greengrass(), device_client()] {
        let folder = memory();
        put(folder.path(), layout.clone(), one(1)).await.settle().await.expect("settled");
        assert_eq!(names(folder.path()).len(), 5, "{:?}", names(folder.path()));
        let read = identity(folder.path()).await.expect("whole");
        assert_eq!(parts(&read), parts(&made(1)), "{}", layout.driver());
        assert_eq!(read.role_alias, made(1).role_alias);
    }
}

#[tokio::test]
async fn one_layout_takes_another_s_place_whole() {
    let layouts = [Layout::Drive, greengrass(), device_client()];
    for (old, new) in layouts.iter().flat_map(|old| layouts.iter().map(move |new| (old, new))) {
        let (folder, fresh) = (memory(), memory());
        let when = format!("{} over {}", new.driver(), old.driver());
        drop(put(folder.path(), old.clone(), Bundle::Identity(elsewhere(1))).await);
        let before = snapshot(folder.path());
        put(folder.path(), new.clone(), one(2)).await.withdraw().await.expect(&when);
        assert_eq!(snapshot(folder.path()), before, "{when}: withdrawn");
        put(folder.path(), new.clone(), one(2)).await.settle().await.expect(&when);
        put(fresh.path(), new.clone(), one(2)).await.settle().await.expect(&when);
        assert_eq!(snapshot(folder.path()), snapshot(fresh.path()), "{when}: nothing of the old one is left");
    }
}

#[tokio::test]
async fn a_claim_goes_with_its_settings_when_an_identity_is_proved() {
    let folder = memory();
    put(folder.path(), greengrass(), bundle()).await.settle().await.expect("settled");
    let claim = snapshot(folder.path());
    put(folder.path(), greengrass(), one(1)).await.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()), claim, "the claim is whole again, `config.yaml` too");
    put(folder.path(), greengrass(), one(1)).await.settle().await.expect("settled");
    let files = greengrass().files(&About::anybody(Kind::Identity));
    let mut expected: Vec<&str> = files.each().chain(["identity.json"]).collect();
    expected.sort_unstable();
    assert_eq!(names(folder.path()), expected);
}

/// What was there before, and what comes.
async fn case(which: usize) -> (TempDir, Bundle) {
    let folder = memory();
    match which {
        0 => (folder, one(2)),
        1 => {
            drop(put(folder.path(), greengrass(), Bundle::Identity(elsewhere(1))).await);
            (folder, one(2))
        }
        2 => {
            drop(put(folder.path(), greengrass(), bundle()).await);
            (folder, one(2))
        }
        _ => {
            drop(put(folder.path(), greengrass(), Bundle::Identity(elsewhere(1))).await);
            (folder, bundle())
        }
    }
}

/// Without what tells a later run of a key that is to go.
fn lasting(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    snapshot(folder).into_iter().filter(|(name, _)| !name.ends_with(".replaced.tmp")).collect()
}

#[tokio::test]
async fn a_write_that_is_killed_leaves_the_old_or_the_new() {
    for which in 0..4 {
        for steps in 0.. {
            let (folder, coming) = case(which).await;
            let (before, old) = (lasting(folder.path()), seen(folder.path()).await);
            stop::after(steps, folder.path(), Then::End);
            let committed = write(folder.path(), greengrass(), &coming).await.map(drop).is_ok();
            let stopped = stop::lift(folder.path());
            let when = format!("case {which}, killed after {steps} steps");
            let marker = marker(About::of(&coming).kind);
            let record = greengrass().contents(&coming).expect("contents").pop().expect("a record");
            let is_new = fs::read(folder.path().join(marker)).is_ok_and(|bytes| bytes == *record.bytes);
            assert!(is_new || !committed, "{when}: success was said");
            match &coming {
                Bundle::Identity(identity) if is_new => {
                    assert_eq!(seen(folder.path()).await, Some(parts(identity)), "{when}");
                }
                Bundle::Claim(_) if is_new => {}
                _ => assert_eq!(seen(folder.path()).await, old, "{when}: the old one is whole"),
            }
            target(folder.path(), greengrass()).check(Kind::Identity, true).await.expect(&when);
            if is_new {
                target(folder.path(), greengrass()).verify(&coming).await.expect(&when);
            } else {
                let mut now = lasting(folder.path());
                if !before.contains_key(CA) {
                    // It is public, and in nobody's way.
                    now.remove(CA);
                }
                assert!(now == before, "{when}: {:?} {:?}", now.keys(), before.keys());
            }
            if !stopped {
                assert!(committed && steps > 20, "{when}: no step is left");
                break;
            }
        }
    }
}

#[tokio::test]
async fn files_that_somebody_else_put_there_are_kept_without_replace() {
    for (name, kind) in [
        ("device.pem.crt", Kind::Identity),
        ("PRIVATE.PEM.KEY", Kind::Identity),
        ("config.yaml", Kind::Claim),
        ("claim.private.pem.key", Kind::Claim),
    ] {
        let folder = memory();
        fs::write(folder.path().join(name), "by hand").expect("file");
        let failure = target(folder.path(), greengrass()).check(kind, false).await.expect_err(name);
        assert_eq!(failure.code, Code::IdentityPresent, "{name}");
        assert!(failure.about.eq_ignore_ascii_case(&folder.path().join(name).display().to_string()), "{failure}");
        target(folder.path(), greengrass()).check(kind, true).await.expect("replace is what was asked for");
        target(folder.path(), Layout::Drive).check(kind, false).await.expect("in nobody's way");
    }
    let folder = memory();
    drop(put(folder.path(), greengrass(), bundle()).await);
    let settings = fs::read_to_string(folder.path().join(SETTINGS)).expect("settings");
    fs::write(folder.path().join(SETTINGS), settings.replace("2126", "2020")).expect("settings");
    target(folder.path(), greengrass()).check(Kind::Claim, false).await.expect("our own claim, which is over");
    fs::write(folder.path().join(CONFIG), "edited").expect("file");
    let failure = target(folder.path(), greengrass()).check(Kind::Claim, false).await.expect_err("edited");
    assert_eq!(failure.code, Code::IdentityPresent);
}

#[cfg(unix)]
#[tokio::test]
async fn the_device_client_may_read_what_it_insists_on_reading() {
    use std::os::unix::fs::PermissionsExt;
    let folder = memory();
    drop(put(folder.path(), device_client(), one(1)).await);
    let expected =
        [("device.pem.crt", 0o644), ("private.pem.key", 0o600), (CA, 0o644), ("aws-iot-device-client.conf", 0o640)];
    for (name, mode) in expected {
        let is = fs::metadata(folder.path().join(name)).expect(name).permissions().mode();
        assert_eq!(is & 0o777, mode, "{name}");
    }
}

#[tokio::test]
async fn an_absolute_root_is_only_written_about() {
    let folder = memory();
    let layout = Layout::Greengrass(Root::parse("/no/such/folder").expect("a root"));
    drop(put(folder.path(), layout, one(1)).await);
    let config = fs::read_to_string(folder.path().join(CONFIG)).expect("config");
    assert!(config.contains("\"/no/such/folder/device.pem.crt\""), "{config}");
}
