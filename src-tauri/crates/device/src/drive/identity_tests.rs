//! An identity comes, replaces what was there, and goes again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use fieldkey_core::ports::InForce;
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::tests::{drive, names};
use super::*;
use crate::layout::tests::{bundle, identity as made};
use crate::layout::{CA, CERTIFICATE, IDENTITY, PRIVATE_KEY, SETTINGS, sha256};

pub(super) const OLD: [&str; 4] = ["0101010101-certificate.pem.crt", "0101010101-private.pem.key", CA, IDENTITY];
pub(super) const NEW: [&str; 4] = ["0202020202-certificate.pem.crt", "0202020202-private.pem.key", CA, IDENTITY];

/// Every file of a folder.
pub(super) fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(&name)).expect("file"))).collect()
}

/// Writes an identity until it is in force.
pub(super) async fn put(folder: &Path, identity: Identity) -> Box<dyn InForce> {
    let bundle = Bundle::Identity(identity);
    let drive = drive(folder);
    drive.check(Kind::Identity, true).await.expect("replace is what was asked for");
    let in_force = drive.stage(&bundle).await.expect("staged").commit().await.expect("committed");
    drive.verify(&bundle).await.expect("verified");
    in_force
}

/// The certificate ID, the key and the CA that the folder's identity has.
pub(super) async fn seen(folder: &Path) -> Option<[String; 3]> {
    drive(folder).identity().await.expect("whole, or none").map(|identity| parts(&identity))
}

pub(super) fn parts(identity: &Identity) -> [String; 3] {
    let key = identity.private_key().expect("on the drive").expose_secret().trim();
    [&identity.certificate_id, key, identity.ca_pem.trim()].map(str::to_owned)
}

/// Another identity that trusts another CA.
pub(super) fn elsewhere(number: u8) -> Identity {
    Identity { ca_pem: "-----BEGIN CERTIFICATE-----\nMIIother\n-----END CERTIFICATE-----".into(), ..made(number) }
}

pub(super) fn lay_claim(folder: &Path, minutes: i64) {
    let expires = OffsetDateTime::now_utc() + time::Duration::minutes(minutes);
    let expires = expires.format(&time::format_description::well_known::Rfc3339).expect("date");
    let settings = serde_json::json!({
        "version": 1,
        "expires": expires,
        "files": {"certificate": CERTIFICATE, "privateKey": PRIVATE_KEY, "ca": CA},
        "sha256": {CERTIFICATE: sha256(b"claim"), PRIVATE_KEY: sha256(b"claim's key"), CA: sha256(b"")},
    });
    fs::write(folder.join(SETTINGS), settings.to_string()).expect("file");
    fs::write(folder.join(CERTIFICATE), "claim").expect("file");
    fs::write(folder.join(PRIVATE_KEY), "claim's key").expect("file");
}

pub(super) fn sorted<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[tokio::test]
async fn an_identity_is_written_and_read_again() {
    let folder = tempfile::tempdir().expect("folder");
    assert!(seen(folder.path()).await.is_none(), "an empty folder holds none");
    put(folder.path(), made(1)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(OLD));
    let read = identity(folder.path()).await.expect("whole");
    let written = made(1);
    assert_eq!(parts(&read), parts(&written));
    assert_eq!(read.certificate_pem, written.certificate_pem);
    assert_eq!((&read.thing_name, &read.serial_number), (&written.thing_name, &written.serial_number));
    assert_eq!((&read.region, &read.endpoint), (&written.region, &written.endpoint));
    assert_eq!(read.role_alias, written.role_alias);
}

#[tokio::test]
async fn an_identity_is_replaced_only_on_request_and_its_key_goes_when_the_new_one_is_proved() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let failure = drive(folder.path()).check(Kind::Identity, false).await.expect_err("an identity");
    assert_eq!(failure.code, Code::IdentityPresent);
    let in_force = put(folder.path(), made(2)).await;
    assert_eq!(seen(folder.path()).await, Some(parts(&made(2))));
    assert!(OLD.iter().all(|name| folder.path().join(name).exists()), "the old files stay until it is proved");
    in_force.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(NEW));
    assert_eq!(seen(folder.path()).await, Some(parts(&made(2))));
}

#[tokio::test]
async fn an_identity_that_is_withdrawn_leaves_the_old_one_byte_for_byte() {
    for new in [made(2), elsewhere(2), Identity { region: "us-east-1".into(), ..made(1) }, elsewhere(1)] {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("README.TXT"), "theirs").expect("file");
        drop(put(folder.path(), made(1)).await);
        let before = snapshot(folder.path());
        let in_force = put(folder.path(), new).await;
        assert_ne!(snapshot(folder.path()), before);
        in_force.withdraw().await.expect("withdrawn");
        assert_eq!(snapshot(folder.path()), before);
    }
}

#[tokio::test]
async fn an_identity_that_is_withdrawn_from_an_empty_drive_leaves_it_empty() {
    let folder = tempfile::tempdir().expect("folder");
    put(folder.path(), made(1)).await.withdraw().await.expect("withdrawn");
    assert!(names(folder.path()).is_empty());
    fs::write(folder.path().join(CA), format!("{}\n", made(1).ca_pem.trim())).expect("file");
    put(folder.path(), made(1)).await.withdraw().await.expect("withdrawn");
    assert_eq!(names(folder.path()), [CA], "it was there before");
}

#[tokio::test]
async fn dropped_both_identities_stay() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    drop(put(folder.path(), elsewhere(2)).await);
    let kept = [".fieldkey-0101010101.replaced.tmp"];
    assert_eq!(names(folder.path()), sorted(OLD.into_iter().chain(NEW).chain(kept)), "and what tells whose they are");
    assert_eq!(seen(folder.path()).await, Some(parts(&elsewhere(2))));
}

#[tokio::test]
async fn the_same_certificate_written_again_survives_its_settling() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let again = Identity { thing_name: "Other".into(), ..made(1) };
    put(folder.path(), again).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(OLD));
    assert_eq!(identity(folder.path()).await.expect("whole").thing_name, "Other");
}

#[tokio::test]
async fn a_claim_goes_when_the_identity_is_proved_and_not_before() {
    for (minutes, replace) in [(-1, false), (4, true)] {
        let folder = tempfile::tempdir().expect("folder");
        lay_claim(folder.path(), minutes);
        let before = snapshot(folder.path());
        let failure = drive(folder.path()).check(Kind::Identity, false).await.err();
        assert_eq!(failure.map(|failure| failure.code), replace.then_some(Code::IdentityPresent), "{minutes} min");
        put(folder.path(), made(1)).await.withdraw().await.expect("withdrawn");
        assert_eq!(snapshot(folder.path()), before, "the claim is as it was");
        put(folder.path(), made(1)).await.settle().await.expect("settled");
        assert_eq!(names(folder.path()), sorted(OLD), "no claim misleads the device, no key lies about");
    }
}

#[tokio::test]
async fn a_claim_that_is_withdrawn_gives_the_identity_back() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), elsewhere(1)).await);
    let before = snapshot(folder.path());
    let drive = drive(folder.path());
    drive.check(Kind::Claim, true).await.expect("replace");
    let in_force = drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    assert!(!folder.path().join(IDENTITY).exists(), "the device is to take the claim");
    in_force.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()), before, "its CA, too");
    let in_force = drive.stage(&bundle()).await.expect("staged").commit().await.expect("committed");
    in_force.settle().await.expect("settled");
    assert!(folder.path().join(OLD[1]).exists(), "a claim takes nobody's key");
    assert!(!folder.path().join(IDENTITY).exists() && folder.path().join(SETTINGS).exists());
}

#[tokio::test]
async fn a_record_that_names_other_people_s_files_takes_none_of_them() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let record = fs::read_to_string(folder.path().join(IDENTITY)).expect("record");
    // With the right hash.
    fs::copy(folder.path().join(OLD[1]), folder.path().join("photo.jpg")).expect("file");
    fs::write(folder.path().join(IDENTITY), record.replace(OLD[1], "photo.jpg")).expect("record");
    put(folder.path(), made(2)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(NEW.into_iter().chain(["photo.jpg"])), "no identity's key is called so");
    assert_eq!(seen(folder.path()).await, Some(parts(&made(2))));
}

#[tokio::test]
async fn a_record_in_capitals_is_replaced_and_given_back() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    for name in OLD {
        fs::rename(folder.path().join(name), folder.path().join(name.to_ascii_uppercase())).expect("renamed");
    }
    assert_eq!(seen(folder.path()).await, Some(parts(&made(1))), "FAT may give names back in capitals");
    let before = snapshot(folder.path());
    let in_force = put(folder.path(), elsewhere(2)).await;
    assert_eq!(seen(folder.path()).await, Some(parts(&elsewhere(2))));
    in_force.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()), before);
    put(folder.path(), elsewhere(2)).await.settle().await.expect("settled");
    assert_eq!(seen(folder.path()).await, Some(parts(&elsewhere(2))));
    let left: Vec<String> = names(folder.path()).into_iter().filter(|name| !NEW.contains(&name.as_str())).collect();
    assert!(left.iter().all(|name| name.eq_ignore_ascii_case(CA)), "the old key is gone: {left:?}");
}

#[tokio::test]
async fn what_is_begun_is_carried_to_its_end_if_nobody_waits() {
    // Begun, and at once forgotten.
    async fn begin(work: impl Future<Output = Result<(), Failure>>) {
        tokio::select! {
            biased;
            done = work => done.expect("quicker than that"),
            () = std::future::ready(()) => {}
        }
    }
    let until = async |folder: &Path, names_in_the_end: Vec<String>| {
        for _ in 0..500 {
            if names(folder) == names_in_the_end {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it was not carried to its end: {:?}", names(folder));
    };
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let before = snapshot(folder.path());
    begin(put(folder.path(), made(2)).await.withdraw()).await;
    until(folder.path(), before.keys().cloned().collect()).await;
    assert_eq!(snapshot(folder.path()), before);
    begin(put(folder.path(), made(2)).await.settle()).await;
    until(folder.path(), sorted(NEW).into_iter().map(str::to_owned).collect()).await;
}

#[tokio::test]
async fn a_record_that_is_another_one_by_now_is_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let in_force = put(folder.path(), made(1)).await;
    let record = folder.path().join(IDENTITY);
    let theirs = fs::read_to_string(&record).expect("record").replace("SN-1", "SN-2");
    fs::write(&record, &theirs).expect("record");
    assert_eq!(in_force.withdraw().await.expect_err("another drive").code, Code::TargetGone);
    assert_eq!(fs::read_to_string(&record).expect("record"), theirs);
}
