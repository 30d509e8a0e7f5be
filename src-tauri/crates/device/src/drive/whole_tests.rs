//! An identity is read only if it is whole, and nothing else is read with it.

use std::fs;
use std::path::Path;

use fieldkey_core::Language;
use tempfile::TempDir;

use super::identity_tests::{OLD, put};
use super::tests::drive;
use super::*;
use crate::layout::tests::identity as made;
use crate::layout::{CA, IDENTITY};

async fn written() -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    folder
}

/// Why there is no identity, in English.
async fn refused(folder: &Path) -> String {
    let failure = identity(folder).await.expect_err("it must be refused");
    assert_eq!(failure.code, Code::IdentityInvalid, "{failure}");
    assert_eq!(failure.about, folder.display().to_string());
    let ja = failure.reason_ja.clone().expect("in Japanese, too");
    assert!(!ja.is_ascii() && failure.message(Language::Japanese).contains(&ja), "{ja}");
    assert!(!failure.to_string().contains("MII"), "no content in a message: {failure}");
    failure.reason
}

#[tokio::test]
async fn a_file_that_is_missing_or_changed_is_named() {
    for name in &OLD[..3] {
        let folder = written().await;
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).expect("file");
        fs::write(&path, text + " ").expect("file");
        assert!(refused(folder.path()).await.contains(&format!("`{name}` is not the file")), "{name}");
        fs::write(&path, "").expect("file");
        assert!(refused(folder.path()).await.contains(&format!("`{name}` is not the file")), "FAT's zero-length file");
        fs::write(&path, vec![b'x'; 2 << 20]).expect("file");
        assert!(refused(folder.path()).await.contains(&format!("`{name}` is far too large")));
        fs::remove_file(&path).expect("file");
        assert_eq!(refused(folder.path()).await, format!("`{name}` is missing"));
        fs::create_dir(&path).expect("folder");
        assert_eq!(refused(folder.path()).await, format!("`{name}` is not a file"));
    }
}

#[tokio::test]
async fn a_record_that_makes_no_sense_is_refused() {
    let folder = written().await;
    let record = folder.path().join(IDENTITY);
    fs::write(&record, "{").expect("file");
    assert!(refused(folder.path()).await.contains("cannot be read from line 1"));
    fs::write(&record, r#"{"version":7}"#).expect("file");
    assert!(refused(folder.path()).await.contains("version 7"));
    fs::write(&record, vec![b' '; 2 << 20]).expect("file");
    assert!(refused(folder.path()).await.contains("far too large"));
    let failure = drive(folder.path()).identity().await.expect_err("the target's own view is the same");
    assert_eq!(failure.code, Code::IdentityInvalid);
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_is_followed_and_no_pipe_waited_for() {
    for name in OLD {
        let folder = written().await;
        let path = folder.path().join(name);
        let elsewhere = tempfile::tempdir().expect("folder");
        let aside = elsewhere.path().join("aside");
        fs::rename(&path, &aside).or_else(|_| fs::copy(&path, &aside).and(fs::remove_file(&path))).expect("moved");
        std::os::unix::fs::symlink(&aside, &path).expect("link");
        assert_eq!(refused(folder.path()).await, format!("`{name}` is not a file"), "it leads out of the folder");
        fs::remove_file(&path).expect("link");
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
        assert!(made.success());
        assert_eq!(refused(folder.path()).await, format!("`{name}` is not a file"), "nobody is at its other end");
    }
}

#[tokio::test]
async fn a_record_cannot_name_files_elsewhere() {
    let outside = tempfile::tempdir().expect("folder");
    let folder = outside.path().join("drive");
    fs::create_dir(&folder).expect("folder");
    drop(put(&folder, made(1)).await);
    fs::rename(folder.join(OLD[1]), outside.path().join("key")).expect("moved");
    let record = fs::read_to_string(folder.join(IDENTITY)).expect("record");
    for name in ["../key".to_owned(), outside.path().join("key").to_str().expect("utf-8").replace('\\', "/")] {
        fs::write(folder.join(IDENTITY), record.replace(OLD[1], &name)).expect("record");
        assert_eq!(refused(&folder).await, "`files` in `identity.json` is not right", "{name}");
    }
}

#[tokio::test]
async fn a_key_does_not_pass_for_a_certificate() {
    let folder = written().await;
    let record = fs::read_to_string(folder.path().join(IDENTITY)).expect("record");
    // Certificate and key exchanged, hashes and all.
    let swapped = record.replace(OLD[0], "*").replace(OLD[1], OLD[0]).replace('*', OLD[1]);
    fs::write(folder.path().join(IDENTITY), swapped).expect("record");
    let [certificate, key] = [OLD[0], OLD[1]].map(|name| fs::read(folder.path().join(name)).expect("file"));
    fs::write(folder.path().join(OLD[0]), key).expect("file");
    fs::write(folder.path().join(OLD[1]), certificate).expect("file");
    let text = fs::read_to_string(folder.path().join(IDENTITY)).expect("record");
    fs::write(
        folder.path().join(IDENTITY),
        text.replacen(OLD[1], "*", 1).replacen(OLD[0], OLD[1], 1).replacen('*', OLD[0], 1),
    )
    .expect("record");
    assert!(refused(folder.path()).await.contains("holds a private key where a certificate belongs"));
}

#[tokio::test]
async fn a_folder_as_the_console_leaves_it_is_told_what_is_missing() {
    let folder = written().await;
    fs::remove_file(folder.path().join(IDENTITY)).expect("record");
    let why = refused(folder.path()).await;
    assert!(why.starts_with("`identity.json` is missing: certificate and key alone"), "{why}");
    let failure = drive(folder.path()).identity().await.expect_err("a certificate, and nobody knows whose");
    assert_eq!(failure.code, Code::IdentityInvalid);
    fs::remove_file(folder.path().join(OLD[1])).expect("key");
    assert!(refused(folder.path()).await.contains("private key (`…-private.pem.key`) are missing"));
    fs::remove_file(folder.path().join(OLD[0])).expect("certificate");
    assert_eq!(refused(folder.path()).await, "`identity.json` is missing");
    assert!(drive(folder.path()).identity().await.expect("readable").is_none(), "a CA is no identity");
    fs::write(folder.path().join("0A-PRIVATE.PEM.KEY"), "").expect("key");
    assert!(refused(folder.path()).await.contains("certificate (`…-certificate.pem.crt`) are missing"));
}

#[tokio::test]
async fn what_is_no_folder_holds_no_identity() {
    let folder = written().await;
    let missing = folder.path().join("missing");
    assert_eq!(identity(&missing).await.expect_err("missing").code, Code::TargetGone);
    assert_eq!(identity(&folder.path().join(CA)).await.expect_err("a file").code, Code::TargetRefused);
}
