//! What only a file system of one's own can show.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::identity_tests::{NEW, OLD, elsewhere, parts, put, seen, snapshot};
use super::tests::{WHOLE, drive, names};
use super::*;
use crate::layout::SETTINGS;
use crate::layout::tests::{bundle, identity as made};
use crate::sandbox;

#[tokio::test]
async fn a_full_drive_is_refused_before_a_claim_is_spent() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(Kind::Claim, false).await.expect("there is room");
    sandbox::fill(&folder);
    let failure = drive.check(Kind::Claim, false).await.expect_err("full");
    assert_eq!((failure.code, failure.about), (Code::TargetFull, folder.display().to_string()));
    assert_eq!(names(&folder), ["filler"], "the probe leaves nothing behind");
}

#[tokio::test]
async fn a_drive_with_room_for_some_of_the_files_is_full() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
    fs::write(folder.join("filler"), vec![1; 40 * 1024]).expect("file");
    assert_eq!(drive(&folder).check(Kind::Claim, false).await.expect_err("24 kB are free").code, Code::TargetFull);
    assert_eq!(names(&folder), ["filler"]);
}

#[tokio::test]
async fn a_drive_without_room_for_names_is_full() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=1m,nr_inodes=4") else { return };
    assert_eq!(drive(&folder).check(Kind::Claim, false).await.expect_err("three more at most").code, Code::TargetFull);
    assert!(names(&folder).is_empty());
}

#[tokio::test]
async fn a_drive_that_fills_up_in_the_middle_of_the_write_keeps_what_it_had() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    fs::write(folder.join(SETTINGS), r#"{"expires":"2020-01-01T00:00:00Z"}"#).expect("file");
    let drive = drive(&folder);
    drive.check(Kind::Claim, false).await.expect("there is room");
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
async fn a_drive_that_fills_up_in_the_middle_of_the_write_keeps_its_identity() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    drop(put(&folder, made(1)).await);
    let drive = drive(&folder);
    drive.check(Kind::Identity, true).await.expect("there is room");
    sandbox::fill(&folder);
    let before = snapshot(&folder);
    let filler = fs::OpenOptions::new().write(true).open(folder.join("filler")).expect("filler");
    // Three pages for the new files, as the CA is there already, and none for the copy of the old record.
    for pages in 0..4 {
        filler.set_len(before["filler"].len() as u64 - pages * 4096).expect("room");
        let failure = drive.stage(&Bundle::Identity(made(2))).await.err().expect("full");
        assert_eq!(failure.code, Code::TargetFull, "{pages} pages");
        assert_eq!(seen(&folder).await, Some(parts(&made(1))), "{pages} pages");
        assert!(names(&folder).iter().eq(before.keys()), "{pages} pages: {:?}", names(&folder));
    }
    filler.set_len(before["filler"].len() as u64 - 4 * 4096).expect("room");
    drive.stage(&Bundle::Identity(made(2))).await.expect("staged").commit().await.map(drop).expect("it needs no more");
    assert_eq!(seen(&folder).await, Some(parts(&made(2))));
}

#[tokio::test]
async fn an_identity_is_withdrawn_from_a_full_drive() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    drop(put(&folder, made(1)).await);
    let before = snapshot(&folder);
    let in_force = put(&folder, elsewhere(2)).await;
    sandbox::fill(&folder);
    in_force.withdraw().await.expect("what goes back in force is on the drive already");
    fs::remove_file(folder.join("filler")).expect("filler");
    assert_eq!(snapshot(&folder), before);
}

#[tokio::test]
async fn the_check_asks_for_the_room_of_the_copies_too() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=96k") else { return };
    drop(put(&folder, made(1)).await);
    // 40 kB of the 48 kB that four files, the CA's copy and the record's may take.
    fs::write(folder.join("filler"), vec![1; 40 * 1024]).expect("file");
    let failure = drive(&folder).check(Kind::Identity, true).await.expect_err("not for all");
    assert_eq!(failure.code, Code::TargetFull);
    fs::remove_file(folder.join("filler")).expect("filler");
    drive(&folder).check(Kind::Identity, true).await.expect("there is room");
}

#[tokio::test]
async fn a_drive_pulled_before_its_identity_is_proved_is_said_to_keep_it() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    drop(put(&folder, made(1)).await);
    let (first, second) = (put(&folder, elsewhere(2)).await, drive(&folder));
    sandbox::run("umount", &["--lazy"], &folder);
    for name in OLD.into_iter().chain(NEW).chain([SETTINGS]) {
        fs::write(folder.join(name), "somebody else's").expect("the folder below belongs to the system disk");
    }
    let before = snapshot(&folder);
    let failure = first.withdraw().await.expect_err("gone");
    assert_eq!(failure.code, Code::TargetGone);
    assert!(failure.reason.contains("may still be in force"), "{}", failure.reason);
    assert!(failure.reason_ja.is_some_and(|reason| reason.contains("取り消せません")));
    assert_eq!(snapshot(&folder), before, "nothing is removed from the system disk");
    assert_eq!(second.identity().await.expect_err("its record makes no sense").code, Code::IdentityInvalid);
}

#[tokio::test]
async fn a_drive_pulled_before_the_old_identity_goes_is_said_to_keep_its_files() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    drop(put(&folder, made(1)).await);
    let in_force = put(&folder, made(2)).await;
    let copy = snapshot(&folder);
    sandbox::run("umount", &["--lazy"], &folder);
    for (name, bytes) in copy.iter().filter(|(name, _)| !name.starts_with('.')) {
        fs::write(folder.join(name), bytes).expect("a backup, on the system disk");
    }
    let before = snapshot(&folder);
    let failure = in_force.settle().await.expect_err("gone");
    assert_eq!(failure.code, Code::TargetGone);
    assert!(failure.reason.contains("the new identity is in force"), "{}", failure.reason);
    assert_eq!(snapshot(&folder), before, "nothing is removed from the system disk");
}

#[tokio::test]
async fn a_drive_can_be_unmounted_once_its_identity_is_settled() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    drop(put(&folder, made(1)).await);
    put(&folder, elsewhere(2)).await.settle().await.expect("settled");
    sandbox::run("umount", &[], &folder);
    assert!(names(&folder).is_empty(), "no file was open on it");
    sandbox::run("mount", &["-t", "tmpfs", "-o", "size=256k", "none"], &folder);
    let in_force = put(&folder, made(1)).await;
    sandbox::run("umount", &[], &folder);
    assert_eq!(in_force.settle().await.expect_err("unmounted").code, Code::TargetGone, "it had replaced nothing");
}

#[tokio::test]
async fn a_read_only_drive_is_refused_before_and_in_between() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(Kind::Claim, false).await.expect("writable");
    let staged = drive.stage(&bundle()).await.expect("staged");
    // FAT turns itself read-only when it meets an error. A mount over the same place stands in for
    // that: files open for writing keep the first one from being remounted.
    sandbox::run("sh", &["-ec", "mount --bind \"$0\" \"$0\"; mount -o remount,bind,ro \"$0\""], &folder);
    assert_eq!(staged.commit().await.err().expect("read-only").code, Code::TargetReadOnly);
    let failure = drive.check(Kind::Claim, true).await.expect_err("read-only");
    assert_eq!((failure.code, failure.about), (Code::TargetReadOnly, folder.display().to_string()));
    sandbox::run("umount", &[], &folder);
    assert!(!names(&folder).iter().any(|name| name == SETTINGS), "nothing came into force");
    drive.check(Kind::Claim, false).await.expect("the lock is off, and the rest of the broken run is swept");
    assert!(names(&folder).is_empty());
}

#[tokio::test]
async fn a_drive_pulled_before_the_write_leaves_no_key_on_the_system_disk() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(Kind::Claim, false).await.expect("there");
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
    drive.check(Kind::Claim, false).await.expect("there");
    let staged = drive.stage(&bundle()).await.expect("staged");
    sandbox::run("umount", &["--lazy"], &folder);
    fs::write(folder.join(SETTINGS), "somebody else's").expect("the folder below belongs to the system disk");
    assert_eq!(staged.commit().await.err().expect("gone").code, Code::TargetGone);
    assert_eq!(drive.verify(&bundle()).await.expect_err("gone").code, Code::TargetGone);
    assert_eq!(names(&folder), [SETTINGS], "nothing is written there, and nothing removed");
}

#[tokio::test]
async fn another_drive_in_the_same_place_is_not_written_to() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=256k") else { return };
    let drive = drive(&folder);
    drive.check(Kind::Claim, false).await.expect("there");
    sandbox::run("mount", &["-t", "tmpfs", "-o", "size=256k", "none"], &folder);
    let failure = drive.stage(&bundle()).await.err().expect("another one");
    assert_eq!(failure.code, Code::TargetGone);
    assert!(failure.reason.contains("taken its place"), "{}", failure.reason);
    drive.check(Kind::Claim, false).await.expect("checked anew, it will do");
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
async fn the_read_back_sees_the_drive_and_not_the_cache() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=4m") else { return };
    // A real file system in an image: what happens to the image behind its back is a faulty drive.
    let (image, point) = (folder.join("image"), folder.join("drive"));
    fs::create_dir(&point).expect("folder");
    fs::write(&image, vec![0; 1 << 20]).expect("image");
    sandbox::run("mke2fs", &["-q", "-t", "ext2"], &image);
    let mounted = Command::new("mount").args(["-o", "loop"]).args([&image, &point]).status().expect("mount");
    if !mounted.success() {
        eprintln!("SKIPPED: this machine permits no loop device");
        return;
    }
    let drive = drive(&point);
    drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    assert!(drive.verify(&bundle()).await.expect("verified").past_cache, "a drive of its own is behind it");

    let path = point.join("claimCert.pem");
    let written = fs::read(&path).expect("into the cache");
    let whole = fs::read(&image).expect("image");
    let at = whole.windows(written.len()).position(|part| part == written).expect("it is on the drive");
    fs::OpenOptions::new().write(true).open(&image).expect("image").write_all_at(b"x", at as u64 + 30).expect("rot");
    assert_eq!(fs::read(&path).expect("cached"), written, "the cache hides it");
    let failure = drive.verify(&bundle()).await.expect_err("the drive has rotted");
    assert_eq!((failure.code, failure.reason.as_str()), (Code::VerifyMismatch, "different from byte 30 on"));
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_no_target() {
    const AS_NOBODY: &str = "FIELDKEY_TEST_NOBODY";
    let test = "drive::tmpfs_tests::a_folder_of_somebody_else_is_no_target";
    if let Some(folder) = std::env::var_os(AS_NOBODY) {
        let failure = drive(folder.as_ref()).check(Kind::Claim, false).await.expect_err("not ours");
        assert_eq!((failure.code, failure.about.as_str()), (Code::TargetPermission, folder.to_str().expect("utf-8")));
        return;
    }
    if !rustix::process::geteuid().is_root() {
        let failure = drive("/srv".as_ref()).check(Kind::Claim, false).await.expect_err("root's");
        assert_eq!(failure.code, Code::TargetPermission);
        return;
    }
    // Root may write everywhere: run again as nobody, from a copy that nobody can reach.
    let folder = tempfile::tempdir().expect("folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mode");
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
