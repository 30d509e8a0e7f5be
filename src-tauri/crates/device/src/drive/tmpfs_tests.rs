//! What only a file system of one's own can show.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::tests::{WHOLE, drive, names};
use super::*;
use crate::layout::SETTINGS;
use crate::layout::tests::bundle;
use crate::sandbox;

#[tokio::test]
async fn a_full_drive_is_refused_before_a_claim_is_spent() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(false).await.expect("there is room");
    sandbox::fill(&folder);
    let failure = drive.check(false).await.expect_err("full");
    assert_eq!((failure.code, failure.about), (Code::TargetFull, folder.display().to_string()));
    assert_eq!(names(&folder), ["filler"], "the probe leaves nothing behind");
}

#[tokio::test]
async fn the_probe_finds_what_the_numbers_hide() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
    let names_of = |folder: Folder| room::probe(&folder, &["a", "b", "c", "d"]);
    // 36 kB are free, 32 are wanted: the numbers say yes. The folder itself takes the rest.
    fs::write(folder.join("filler"), vec![1; 40 * 1024]).expect("file");
    let failure = names_of(Folder::find(&folder).expect("folder")).expect_err("24 kB are free");
    assert_eq!(failure.code, Code::TargetFull);
    assert_eq!(names(&folder), ["filler"]);
}

#[tokio::test]
async fn a_drive_without_room_for_names_is_full() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=1m,nr_inodes=4") else { return };
    assert_eq!(drive(&folder).check(false).await.expect_err("three more at most").code, Code::TargetFull);
    assert!(names(&folder).is_empty());
}

#[tokio::test]
async fn a_drive_that_fills_up_in_the_middle_of_the_write_keeps_what_it_had() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    fs::write(folder.join(SETTINGS), r#"{"expires":"2020-01-01T00:00:00Z"}"#).expect("file");
    let drive = drive(&folder);
    drive.check(false).await.expect("there is room");
    sandbox::fill(&folder);
    // One page for the first file, none for the second.
    let filler = fs::OpenOptions::new().write(true).open(folder.join("filler")).expect("filler");
    filler.set_len(filler.metadata().expect("filler").len() - 4096).expect("room for one");
    let failure = drive.stage(&bundle()).await.err().expect("full");
    assert_eq!(failure.code, Code::TargetFull);
    assert!(failure.about.ends_with("claimPrivateKey.pem"), "the second file: {}", failure.about);
    assert_eq!(names(&folder), ["filler", SETTINGS], "no half file, and the old one stays");
}

#[tokio::test]
async fn a_read_only_drive_is_refused_before_and_in_between() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(false).await.expect("writable");
    let staged = drive.stage(&bundle()).await.expect("staged");
    drop(staged);
    let staged = drive.stage(&bundle()).await.expect("staged again");
    // As FAT does it to itself when it meets an error. Files open for writing stand in the way of
    // a remount of the file system, not of the mount.
    sandbox::run("mount", &["-o", "remount,bind,ro"], &folder);
    assert_eq!(staged.commit().await.expect_err("read-only").code, Code::TargetReadOnly);
    let failure = drive.check(true).await.expect_err("read-only");
    assert_eq!((failure.code, failure.about), (Code::TargetReadOnly, folder.display().to_string()));
    sandbox::run("mount", &["-o", "remount,bind,rw"], &folder);
    assert!(!names(&folder).iter().any(|name| name == SETTINGS), "nothing came into force");
    drive.check(false).await.expect("the lock is off, and the rest of the broken run is swept");
    assert!(names(&folder).is_empty());
}

#[tokio::test]
async fn a_drive_pulled_before_the_write_leaves_no_key_on_the_system_disk() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(false).await.expect("there");
    sandbox::run("umount", &["--lazy"], &folder);
    assert!(folder.exists(), "the mount point stays behind, empty");
    let failure = drive.stage(&bundle()).await.err().expect("gone");
    assert_eq!(failure.code, Code::TargetGone, "{failure}");
    assert!(names(&folder).is_empty(), "the folder below belongs to the system disk");
}

#[tokio::test]
async fn a_drive_pulled_in_the_middle_of_the_write_is_gone() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(false).await.expect("there");
    let staged = drive.stage(&bundle()).await.expect("staged");
    sandbox::run("umount", &["--lazy"], &folder);
    assert_eq!(staged.commit().await.expect_err("gone").code, Code::TargetGone);
    assert_eq!(drive.verify(&bundle()).await.expect_err("gone").code, Code::TargetGone);
    assert!(names(&folder).is_empty(), "the folder below belongs to the system disk");
}

#[tokio::test]
async fn another_drive_in_the_same_place_is_not_written_to() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(false).await.expect("there");
    sandbox::run("mount", &["-t", "tmpfs", "-o", "size=256k", "none"], &folder);
    let failure = drive.stage(&bundle()).await.err().expect("another one");
    assert_eq!(failure.code, Code::TargetGone);
    assert!(failure.reason.contains("taken its place"), "{}", failure.reason);
    drive.check(false).await.expect("checked anew, it will do");
    drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    assert_eq!(names(&folder), WHOLE);
}

#[tokio::test]
async fn a_mounted_file_system_in_memory_is_a_folder() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    assert!(!drive.verify(&bundle()).await.expect("verified").past_cache, "its cache is all there is");
    assert_eq!(drive.release().await.expect("released"), Release::Folder);
    assert_eq!(names(&folder), WHOLE);
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_no_target() {
    const AS_NOBODY: &str = "FIELDKEY_TEST_NOBODY";
    let test = "drive::tmpfs_tests::a_folder_of_somebody_else_is_no_target";
    if let Some(folder) = std::env::var_os(AS_NOBODY) {
        let failure = drive(folder.as_ref()).check(false).await.expect_err("not ours");
        assert_eq!((failure.code, failure.about.as_str()), (Code::TargetPermission, folder.to_str().expect("utf-8")));
        return;
    }
    if !rustix::process::geteuid().is_root() {
        let failure = drive("/srv".as_ref()).check(false).await.expect_err("root's");
        assert_eq!(failure.code, Code::TargetPermission);
        return;
    }
    // Root may write everywhere: run again as nobody, from a copy that nobody may read.
    let folder = tempfile::tempdir().expect("folder");
    for shared in [folder.path(), folder.path().parent().expect("parent")] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        if shared == folder.path() {
            fs::set_permissions(shared, mode).expect("mode");
        }
    }
    let copy = folder.path().join("test");
    fs::copy(std::env::current_exe().expect("test binary"), &copy).expect("copy");
    let output = Command::new(&copy)
        .args(["--exact", test, "--nocapture"])
        .env(AS_NOBODY, folder.path())
        .uid(65534)
        .gid(65534)
        .current_dir("/")
        .output()
        .expect("runs as nobody");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test must have been found");
}
