use std::fs;
use std::path::Path;

use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::layout::tests::bundle;
use crate::layout::{CA, CERTIFICATE, PRIVATE_KEY, SETTINGS};

pub(super) fn drive(folder: &Path) -> Drive {
    Drive::new(folder.into(), Layout::Drive, None)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("folder")
}

/// The names in a folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().expect("utf-8")).collect();
    names.sort();
    names
}

pub(super) const WHOLE: [&str; 4] = [CA, CERTIFICATE, PRIVATE_KEY, SETTINGS];

/// Writes a claim that ends so many minutes from now.
fn claim(folder: &Path, minutes: i64) {
    let expires = OffsetDateTime::now_utc() + Duration::minutes(minutes);
    let expires = expires.format(&time::format_description::well_known::Rfc3339).expect("date");
    fs::write(folder.join(SETTINGS), format!(r#"{{"version":1,"expires":"{expires}"}}"#)).expect("file");
    fs::write(folder.join(CERTIFICATE), "old").expect("file");
}

async fn refused(drive: &Drive, replace: bool) -> Failure {
    drive.check(Kind::Claim, replace).await.expect_err("it must be refused")
}

#[tokio::test]
async fn a_bundle_is_written_read_back_and_let_go() {
    let folder = folder();
    let drive = drive(folder.path());
    drive.check(Kind::Claim, false).await.expect("an empty folder");
    assert!(names(folder.path()).is_empty(), "the check leaves nothing behind");
    let staged = drive.stage(&bundle()).await.expect("staged");
    assert!(names(folder.path()).iter().all(|name| name.starts_with(".fieldkey-")), "nothing is in force yet");
    staged.commit().await.expect("committed");
    assert_eq!(names(folder.path()), WHOLE);
    let back = drive.verify(&bundle()).await.expect("verified");
    let order: Vec<&str> = back.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(order, [CERTIFICATE, PRIVATE_KEY, CA, SETTINGS], "in the order of writing");
    let key = fs::read(folder.path().join(PRIVATE_KEY)).expect("key");
    assert_eq!((back.files[1].bytes, back.files[1].sha256.len()), (key.len() as u64, 64));
    assert_eq!(drive.release().await.expect("released"), Release::Folder, "there is nothing to unplug");
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let drive = drive(folder.path());
    drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    for name in WHOLE {
        let mode = fs::metadata(folder.path().join(name)).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_folder_is_refused() {
    let folder = folder();
    let missing = folder.path().join("missing");
    let failure = refused(&drive(&missing), false).await;
    assert_eq!((failure.code, failure.about), (Code::TargetGone, missing.display().to_string()));
    fs::write(&missing, "").expect("file");
    let failure = refused(&drive(&missing), false).await;
    assert_eq!((failure.code, failure.reason.as_str()), (Code::TargetRefused, "it is a file, not a folder"));
    assert_eq!(refused(&drive(&missing.join("below")), false).await.code, Code::TargetGone);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_the_system_is_the_system() {
    let folder = folder();
    let link = folder.path().join("innocent");
    std::os::unix::fs::symlink("/", &link).expect("link");
    let failure = refused(&drive(&link), true).await;
    assert_eq!(failure.code, Code::TargetRefused, "{failure}");
}

#[tokio::test]
async fn a_boot_loader_s_drive_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("INFO_UF2.TXT"), "UF2 Bootloader v3.0").expect("file");
    let failure = refused(&drive(folder.path()), true).await;
    assert_eq!(failure.code, Code::TargetRefused);
    assert!(failure.reason.contains("UF2"), "{}", failure.reason);
}

#[tokio::test]
async fn an_identity_is_kept_without_replace() {
    for name in ["identity.json", "0a1b2c3d4e-certificate.pem.crt", "IDENTITY.JSON"] {
        let folder = folder();
        fs::write(folder.path().join(name), "{}").expect("file");
        let drive = drive(folder.path());
        let failure = refused(&drive, false).await;
        assert_eq!(failure.code, Code::IdentityPresent);
        assert_eq!(failure.about, folder.path().join(name).display().to_string(), "the file says why");
        drive.check(Kind::Claim, true).await.expect("replace is what was asked for");
    }
}

#[tokio::test]
async fn a_live_claim_is_kept_and_an_expired_one_is_not() {
    let folder = folder();
    let drive = drive(folder.path());
    claim(folder.path(), 4);
    assert_eq!(refused(&drive, false).await.code, Code::IdentityPresent);
    claim(folder.path(), -1);
    drive.check(Kind::Claim, false).await.expect("it opens no door any more");
    fs::write(folder.path().join(SETTINGS), "{").expect("file");
    assert_eq!(refused(&drive, false).await.code, Code::IdentityPresent, "nobody can tell, so it is kept");
    fs::remove_file(folder.path().join(CERTIFICATE)).expect("file");
    drive.check(Kind::Claim, false).await.expect("without a certificate it is no claim");
}

#[tokio::test]
async fn a_folder_in_the_way_is_found_before_a_claim_is_spent() {
    let folder = folder();
    fs::create_dir(folder.path().join(CA)).expect("folder");
    let failure = refused(&drive(folder.path()), true).await;
    assert_eq!(failure.code, Code::TargetRefused);
    assert!(failure.about.ends_with(CA), "{}", failure.about);
}

#[tokio::test]
async fn files_of_a_killed_run_are_swept() {
    let folder = folder();
    for name in [".fieldkey-claimPrivateKey.pem.tmp", ".fieldkey-old.tmp"] {
        fs::write(folder.path().join(name), "half a key").expect("file");
    }
    fs::write(folder.path().join(".fieldkey.toml"), "the operator's").expect("file");
    drive(folder.path()).check(Kind::Claim, false).await.expect("free");
    assert_eq!(names(folder.path()), [".fieldkey.toml"], "half a key goes, other files stay");
}

#[tokio::test]
async fn two_at_one_drive_do_not_mix_their_files() {
    let folder = folder();
    let first = drive(folder.path()).stage(&bundle()).await.expect("staged");
    let failure = refused(&drive(folder.path()), false).await;
    assert_eq!((failure.code, failure.reason.as_str()), (Code::TargetRefused, "another Fieldkey is writing here"));
    first.commit().await.expect("the first one is not disturbed");
    assert_eq!(names(folder.path()), WHOLE);
}

#[tokio::test]
async fn an_interrupted_write_leaves_what_was_there() {
    let folder = folder();
    claim(folder.path(), -1);
    let before = fs::read(folder.path().join(SETTINGS)).expect("old");
    let drive = drive(folder.path());
    drive.check(Kind::Claim, false).await.expect("expired");
    drop(drive.stage(&bundle()).await.expect("staged"));
    assert_eq!(names(folder.path()), [CERTIFICATE, SETTINGS], "no file more, no file less");
    assert_eq!(fs::read(folder.path().join(SETTINGS)).expect("old"), before);
    assert_eq!(fs::read(folder.path().join(CERTIFICATE)).expect("old"), b"old");
}

#[tokio::test]
async fn replacing_takes_the_identity_s_record_and_leaves_its_key() {
    let folder = folder();
    let identity = ["0a1b2c3d4e-certificate.pem.crt", "0a1b2c3d4e-private.pem.key", "identity.json"];
    for name in identity {
        fs::write(folder.path().join(name), "{}").expect("file");
    }
    claim(folder.path(), 4);
    let drive = drive(folder.path());
    drive.check(Kind::Claim, true).await.expect("replace");
    let staged = drive.stage(&bundle()).await.expect("staged");
    assert!(folder.path().join("identity.json").exists(), "nothing goes before the new one is on the drive");
    staged.commit().await.expect("committed");
    assert_eq!(names(folder.path()), [&identity[..2], &WHOLE].concat());
    drive.verify(&bundle()).await.expect("verified");
}

#[tokio::test]
async fn an_identity_that_came_after_the_check_is_kept() {
    let folder = folder();
    let drive = drive(folder.path());
    drive.check(Kind::Claim, false).await.expect("empty");
    fs::write(folder.path().join("identity.json"), "{}").expect("file");
    let failure = drive.stage(&bundle()).await.err().expect("the device was quicker, or it is another one");
    assert_eq!(failure.code, Code::IdentityPresent);
    assert_eq!(names(folder.path()), ["identity.json"]);
}

/// Windows keeps a folder whose files are open.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_goes_before_the_commit_is_gone() {
    let folder = folder();
    let drive = drive(folder.path());
    drive.check(Kind::Claim, false).await.expect("empty");
    let staged = drive.stage(&bundle()).await.expect("staged");
    let path = folder.path().to_owned();
    drop(folder);
    assert_eq!(staged.commit().await.err().expect("gone").code, Code::TargetGone);
    assert!(!path.exists(), "and it does not come back");
    assert_eq!(drive.stage(&bundle()).await.err().expect("gone").code, Code::TargetGone);
    assert_eq!(drive.verify(&bundle()).await.expect_err("gone").code, Code::TargetGone);
    assert_eq!(drive.release().await.expect_err("gone").code, Code::TargetGone);
}

/// Windows keeps an open file until it is closed, so nothing can be lost this way.
#[cfg(unix)]
#[tokio::test]
async fn a_commit_that_breaks_off_leaves_nothing_that_passes_for_whole() {
    for lost in [CERTIFICATE, PRIVATE_KEY, CA, SETTINGS] {
        let folder = folder();
        claim(folder.path(), -1);
        let drive = drive(folder.path());
        drive.check(Kind::Claim, false).await.expect("expired");
        let staged = drive.stage(&bundle()).await.expect("staged");
        // As if the drive had been pulled just before this file's turn.
        fs::remove_file(folder.path().join(format!(".fieldkey-{lost}.tmp"))).expect("file");
        let failure = staged.commit().await.err().expect("half");
        assert_eq!(failure.code, Code::TargetGone, "{lost}");
        let left = names(folder.path());
        assert!(!left.iter().any(|name| name == SETTINGS || name == PRIVATE_KEY), "{lost}: {left:?}");
        assert!(!left.iter().any(|name| name.ends_with(".tmp")), "{lost}: {left:?}");
    }
}

#[tokio::test]
async fn every_change_after_the_commit_is_noticed() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        (PRIVATE_KEY, |path| fs::write(path, "-----BEGIN RSA PRIVATE KEY-----\nMIIF\n").expect("file")),
        (CERTIFICATE, |path| fs::write(path, "").expect("file")),
        (SETTINGS, |path| fs::write(path, [fs::read(path).expect("file"), b" ".into()].concat()).expect("file")),
        (CA, |path| fs::remove_file(path).expect("file")),
    ];
    for (name, change) in changes {
        let folder = folder();
        let drive = drive(folder.path());
        drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
        change(&folder.path().join(name));
        let failure = drive.verify(&bundle()).await.expect_err("it is not what was written");
        assert_eq!(failure.code, Code::VerifyMismatch, "{failure}");
        assert_eq!(failure.about, folder.path().join(name).display().to_string());
        assert!(!failure.to_string().contains("MII"), "no content in a message: {failure}");
    }
}

/// The way up is written for Unix.
#[cfg(unix)]
#[tokio::test]
async fn a_relative_path_is_a_path() {
    let folder = folder();
    let name = folder.path().file_name().expect("name");
    // The test's own folder is somewhere below `/`, so enough `..` lead out of it.
    let up =
        "../".repeat(32) + folder.path().parent().expect("parent").to_str().expect("utf-8").trim_start_matches('/');
    let drive = drive(&Path::new(&up).join(name));
    drive.check(Kind::Claim, false).await.expect("a relative path");
    drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    assert_eq!(names(folder.path()), WHOLE);
}
