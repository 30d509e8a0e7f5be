//! What a cut rename leaves on FAT is seen before anything is removed. Here two files of the same bytes stand for two
//! names of the same clusters.

use std::fs;

use super::identity_tests::{elsewhere, parts, put, seen, snapshot};
use super::temporary::{kept, replaced};
use super::tests::{WHOLE, drive, names};
use super::*;
use crate::layout::tests::{bundle, identity as made};
use crate::layout::{CA, CERTIFICATE, IDENTITY, PRIVATE_KEY, SETTINGS};

/// A folder with a claim.
async fn claimed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    drive(folder.path()).stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    folder
}

#[tokio::test]
async fn a_rename_that_was_cut_is_refused_and_nothing_is_touched() {
    for (name, left) in [
        (CERTIFICATE, ".fieldkey-claimCert.pem.tmp"),
        (SETTINGS, ".fieldkey-provisioning.json.tmp"),
        (PRIVATE_KEY, ".fieldkey-claimPrivateKey.pem.back.tmp"),
        (PRIVATE_KEY, "FIELDK~1.TMP"),
    ] {
        let folder = claimed().await;
        fs::copy(folder.path().join(name), folder.path().join(left)).expect("copy");
        fs::write(folder.path().join(".fieldkey-other.tmp"), "also left").expect("file");
        let before = snapshot(folder.path());
        let drive = drive(folder.path());
        let failure = drive.check(Kind::Claim, true).await.expect_err(left);
        assert_eq!((failure.code, failure.about), (Code::TargetDamaged, folder.path().display().to_string()));
        assert!(failure.reason.contains(left) && failure.reason.contains(name), "{}", failure.reason);
        assert_eq!(drive.stage(&bundle()).await.err().expect(left).code, Code::TargetDamaged);
        assert_eq!(drive.remove().await.expect_err(left).code, Code::TargetDamaged);
        assert_eq!(snapshot(folder.path()), before, "{left}");

        // A repair cuts one of the two.
        fs::write(folder.path().join(left), "").expect("file");
        drive.check(Kind::Claim, true).await.expect("repaired");
    }
}

#[tokio::test]
async fn a_file_that_has_its_name_only_in_short_is_seen_too() {
    let folder = claimed().await;
    fs::copy(folder.path().join(CERTIFICATE), folder.path().join(".fieldkey-claimCert.pem.tmp")).expect("copy");
    fs::rename(folder.path().join(CERTIFICATE), folder.path().join("CLAIMC~1.PEM")).expect("rename");
    let failure = drive(folder.path()).check(Kind::Claim, true).await.expect_err("cut between two sectors");
    assert_eq!(failure.code, Code::TargetDamaged, "{failure}");
}

#[tokio::test]
async fn what_is_alike_by_right_is_no_damage() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let at = |name: &str| folder.path().join(name);
    // Killed after the copy was made: it is what the file is.
    fs::copy(at(IDENTITY), at(&kept(IDENTITY))).expect("copy");
    fs::copy(at(IDENTITY), at(&replaced(&made(1).certificate_id))).expect("copy");
    // Killed while the CA was being written, which somebody has under another name.
    fs::rename(at(CA), at("root.pem")).expect("rename");
    fs::copy(at("root.pem"), at(&format!(".fieldkey-{CA}.tmp"))).expect("copy");
    // Nothing has no place on a drive.
    fs::write(at("x"), "").expect("file");
    fs::write(at(".fieldkey-x.tmp"), "").expect("file");
    drive(folder.path()).check(Kind::Identity, true).await.expect("no rename leaves that");
    assert!(!names(folder.path()).iter().any(|name| name.starts_with(".fieldkey-")), "and it is swept");
}

#[tokio::test]
async fn a_file_that_is_there_already_is_not_written_again() {
    let folder = claimed().await;
    let drive = drive(folder.path());
    fs::write(folder.path().join(CERTIFICATE), "another").expect("file");
    drive.check(Kind::Claim, true).await.expect("replace is what was asked for");
    let staged = drive.stage(&bundle()).await.expect("staged");
    let hidden: Vec<String> = names(folder.path()).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(hidden, [".fieldkey-claimCert.pem.tmp"]);
    staged.commit().await.expect("committed");
    drive.verify(&bundle()).await.expect("whole");
    assert_eq!(names(folder.path()), WHOLE);
    drive.stage(&bundle()).await.expect("staged").commit().await.expect("there is nothing to do");
    drive.verify(&bundle()).await.expect("whole");
}

#[tokio::test]
async fn the_same_identity_once_more_changes_nothing_and_can_be_withdrawn() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), elsewhere(1)).await);
    let before = snapshot(folder.path());
    put(folder.path(), elsewhere(1)).await.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()), before);
    put(folder.path(), elsewhere(1)).await.settle().await.expect("settled");
    assert_eq!(snapshot(folder.path()), before);
    assert_eq!(seen(folder.path()).await, Some(parts(&elsewhere(1))));
}
