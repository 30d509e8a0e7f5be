//! What is shown of a drive, and what goes from it.

use std::fs;

use fieldkey_core::ports::Stored;
use tempfile::TempDir;

use super::identity_tests::{OLD, elsewhere, lay_claim, put, seen, snapshot};
use super::steps::stop::{self, Then};
use super::tests::{drive, names};
use super::*;
use crate::layout::tests::{bundle, greengrass, identity as made};
use crate::layout::{CA, IDENTITY, sha256};

fn memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("folder")
}

fn sorted(stored: &[Stored]) -> Vec<&str> {
    let mut names: Vec<&str> = stored.iter().map(|stored| stored.name.as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn what_lies_there_is_told_by_size_and_digest() {
    let folder = memory();
    fs::write(folder.path().join("README.TXT"), "theirs").expect("file");
    assert!(drive(folder.path()).holds().await.expect("readable").stored.is_empty());
    drop(put(folder.path(), made(1)).await);
    let held = drive(folder.path()).holds().await.expect("readable");
    assert_eq!(held.driver, "drive");
    let mut expected = OLD;
    expected.sort_unstable();
    assert_eq!(sorted(&held.stored), expected);
    for stored in &held.stored {
        let bytes = fs::read(folder.path().join(&stored.name)).expect("file");
        assert_eq!(stored.bytes, Some(bytes.len() as u64));
        assert_eq!(stored.digest, Some(format!("sha256:{}", sha256(&bytes))));
    }
    assert!(held.cautions.is_empty(), "a folder of this machine's is no FAT drive: {:?}", held.cautions);
    fs::remove_file(folder.path().join(IDENTITY)).expect("record");
    let held = drive(folder.path()).holds().await.expect("readable");
    assert_eq!(sorted(&held.stored), [OLD[0], OLD[1]], "as the console leaves them");
}

#[tokio::test]
async fn identity_and_claim_go_and_everything_else_stays() {
    for layout in [Layout::Drive, greengrass()] {
        let folder = memory();
        fs::write(folder.path().join("README.TXT"), "theirs").expect("file");
        let target = || Drive::new(folder.path().into(), layout.clone(), None);
        let identity = Bundle::Identity(made(1));
        drop(target().stage(&identity).await.expect("staged").commit().await.expect("committed"));
        let held = target().holds().await.expect("readable").stored;
        let gone = target().remove().await.expect("removed");
        assert_eq!(sorted(&gone), sorted(&held));
        assert_eq!(names(folder.path()), ["README.TXT"]);
        drop(target().stage(&bundle()).await.expect("staged").commit().await.expect("committed"));
        assert_eq!(target().remove().await.expect("removed").len(), names_of(&layout));
        assert_eq!(names(folder.path()), ["README.TXT"]);
        assert!(target().remove().await.expect("nothing").is_empty());
    }
}

fn names_of(layout: &Layout) -> usize {
    layout.files(&About::anybody(Kind::Claim)).each().count() + 1
}

#[tokio::test]
async fn a_file_that_is_not_what_the_record_says_stays() {
    let folder = memory();
    drop(put(folder.path(), made(1)).await);
    lay_claim(folder.path(), 4);
    fs::write(folder.path().join(OLD[1]), "another key by now").expect("file");
    fs::write(folder.path().join("claimPrivateKey.pem"), "another, too").expect("file");
    drive(folder.path()).remove().await.expect("removed");
    assert_eq!(names(folder.path()), [OLD[1], "claimPrivateKey.pem"]);
}

#[tokio::test]
async fn a_record_that_names_other_people_s_files_removes_none_of_them() {
    let folder = memory();
    drop(put(folder.path(), made(1)).await);
    let record = fs::read_to_string(folder.path().join(IDENTITY)).expect("record");
    fs::copy(folder.path().join(OLD[1]), folder.path().join("photo.jpg")).expect("file");
    fs::write(folder.path().join(IDENTITY), record.replace(OLD[1], "photo.jpg")).expect("record");
    let before = snapshot(folder.path());
    // It may be a site's own name for a key, which nobody would find without the record.
    let refused = drive(folder.path()).remove().await.expect_err("no layout calls a key so");
    assert!(refused.code == Code::Usage && refused.reason.contains("`photo.jpg`"), "{refused}");
    assert_eq!(snapshot(folder.path()), before);
}

#[tokio::test]
async fn a_record_that_nobody_can_read_is_said_and_nothing_goes() {
    let folder = memory();
    drop(put(folder.path(), made(1)).await);
    fs::write(folder.path().join(IDENTITY), "{").expect("record");
    let before = snapshot(folder.path());
    assert_eq!(drive(folder.path()).remove().await.expect_err("unreadable").code, Code::IdentityInvalid);
    assert_eq!(snapshot(folder.path()), before);
}

#[tokio::test]
async fn keys_of_identities_that_nobody_proved_go_too() {
    let folder = memory();
    for number in 1..3 {
        drop(put(folder.path(), elsewhere(number)).await);
    }
    drive(folder.path()).remove().await.expect("removed");
    assert!(names(folder.path()).iter().all(|name| name == CA), "{:?}", names(folder.path()));
}

#[tokio::test]
async fn a_removal_that_is_killed_is_ended_by_the_next_run() {
    for steps in 0.. {
        let folder = memory();
        drop(put(folder.path(), made(1)).await);
        lay_claim(folder.path(), 4);
        stop::after(steps, folder.path(), Then::End);
        let removed = drive(folder.path()).remove().await.is_ok();
        let stopped = stop::lift(folder.path());
        let when = format!("killed after {steps} steps");
        let record = folder.path().join(IDENTITY).exists();
        assert_eq!(seen_if_whole(folder.path()).await.is_some(), record, "{when}: whole, or not taken for it");
        drive(folder.path()).remove().await.expect(&when);
        let left = names(folder.path());
        assert!(left.iter().all(|name| name == CA), "{when}: {left:?}");
        if !stopped {
            assert!(removed && steps > 6, "{when}: no step is left");
            break;
        }
    }
}

/// The identity; a certificate whose record is on its way out counts as none.
async fn seen_if_whole(folder: &Path) -> Option<[String; 3]> {
    if folder.join(IDENTITY).exists() { seen(folder).await } else { None }
}
