//! A site's own names and forms: written, read again, and cleared away.

use std::fs;
use std::path::Path;

use fieldkey_core::site::SiteLayout;
use fieldkey_core::{ClaimBundle, Code, x509};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::identity_tests::snapshot;
use super::tests::names;
use super::*;
use crate::layout::tests::{bundle, identity as made};
use crate::layout::{CA, SETTINGS};

const CERTIFICATES: [(&str, &str); 2] = [
    (
        include_str!("../../../core/tests-data/x509/p256.pem"),
        include_str!("../../../core/tests-data/x509/p256-key.pem"),
    ),
    (include_str!("../../../core/tests-data/x509/rsa.pem"), include_str!("../../../core/tests-data/x509/rsa-key.pem")),
];

const OURS: &str = include_str!("../../../core/tests-data/x509/ca.pem");

fn layout(encoding: &str, form: &str) -> SiteLayout {
    let json = serde_json::json!({
        "encoding": encoding,
        "privateKeyFormat": form,
        "claim": {"certificate": "claim.crt", "privateKey": "claim.key", "ca": "ca.crt"},
        "identity": {
            "certificate": "{thingName}.crt", "privateKey": "device.key", "ca": "ca.crt",
            "config": {
                "name": "device.ini", "format": "plain",
                "template": "host={endpoint}:{port}\nthing={thingName}\nkey={privateKeyFile}\nalias={roleAlias}\n",
            },
        },
    });
    serde_json::from_value(json).expect("a layout")
}

/// Real ones: their forms are changed.
fn identity_of(which: usize) -> Identity {
    let (certificate_pem, key) = CERTIFICATES[which];
    let certificate_id = x509::preview(certificate_pem).expect("a certificate").certificate_id;
    Identity {
        certificate_id,
        certificate_pem: certificate_pem.into(),
        private_key_pem: Some(key.into()),
        ca_pem: OURS.into(),
        ..made(1)
    }
}

fn claim() -> Bundle {
    let Bundle::Claim(claim) = bundle() else { panic!("a claim") };
    let (certificate_pem, key) = CERTIFICATES[1];
    let certificate_pem = certificate_pem.into();
    Bundle::Claim(ClaimBundle { certificate_pem, private_key_pem: key.into(), ca_pem: OURS.into(), ..claim })
}

fn target(folder: &Path, layout: &SiteLayout) -> Drive {
    let layout = Arc::new(layout.clone());
    Drive::new(folder.into(), Layout::Site(Arc::clone(&layout)), Some(layout))
}

async fn write(folder: &Path, layout: &SiteLayout, bundle: &Bundle) -> Box<dyn fieldkey_core::ports::InForce> {
    let drive = target(folder, layout);
    drive.check(About::of(bundle).kind, true).await.expect("replace");
    let in_force = drive.stage(bundle).await.expect("staged").commit().await.expect("committed");
    drive.verify(bundle).await.expect("verified");
    in_force
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("folder")
}

#[tokio::test]
async fn every_form_is_read_into_the_identity_that_it_was_written_from() {
    for (encoding, form) in [("pem", "pkcs8"), ("pem", "pkcs1"), ("der", "pkcs8"), ("der", "pkcs1")] {
        for which in 0..2 {
            let (folder, when) = (folder(), format!("{encoding} {form} {which}"));
            let written = identity_of(which);
            let in_force = write(folder.path(), &layout(encoding, form), &Bundle::Identity(written.clone())).await;
            in_force.settle().await.expect("settled");
            let expected = ["Fleet_Index_SN-1.crt", "ca.crt", "device.ini", "device.key", "identity.json"];
            assert_eq!(names(folder.path()), expected, "{when}");
            let key = fs::read(folder.path().join("device.key")).expect("key");
            assert_eq!(key.starts_with(b"-----BEGIN "), encoding == "pem", "{when}");
            let read = identity(folder.path()).await.expect(&when);
            assert_eq!(x509::preview(&read.certificate_pem).expect("read").certificate_id, written.certificate_id);
            assert!(read.ca_pem.contains("BEGIN CERTIFICATE"), "{when}");
            let key = read.private_key().expect("on the drive");
            assert!(x509::key_matches(&written.certificate_pem, key).expect("a key"), "{when}");
            assert_eq!((read.thing_name, read.endpoint), (written.thing_name, written.endpoint));
        }
    }
}

#[tokio::test]
async fn the_file_of_settings_names_what_lies_beside_it() {
    let folder = folder();
    drop(write(folder.path(), &layout("pem", "pkcs8"), &Bundle::Identity(identity_of(0))).await);
    let text = fs::read_to_string(folder.path().join("device.ini")).expect("settings");
    let expected =
        "host=x-ats.iot.ap-northeast-1.amazonaws.com:8883\nthing=Fleet_Index_SN-1\nkey=device.key\nalias=fieldkey\n";
    assert_eq!(text, expected);
    assert!(target(folder.path(), &layout("pem", "pkcs8")).wants_credentials_endpoint(), "it names the role alias");
}

#[tokio::test]
async fn an_identity_of_the_same_names_comes_and_goes_again() {
    let (folder, layout) = (folder(), layout("der", "pkcs1"));
    drop(write(folder.path(), &layout, &claim()).await);
    let claimed = snapshot(folder.path());
    write(folder.path(), &layout, &Bundle::Identity(identity_of(0))).await.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()), claimed);
    write(folder.path(), &layout, &Bundle::Identity(identity_of(0))).await.settle().await.expect("settled");
    assert!(!folder.path().join(SETTINGS).exists() && !folder.path().join("claim.key").exists());
    let first = snapshot(folder.path());
    write(folder.path(), &layout, &Bundle::Identity(identity_of(1))).await.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()), first);
    let failure = target(folder.path(), &layout).check(Kind::Identity, false).await.expect_err("an identity");
    assert_eq!(failure.code, Code::IdentityPresent);
}

#[tokio::test]
async fn the_site_s_files_are_cleared_by_whoever_knows_the_site() {
    let (folder, layout) = (folder(), layout("der", "pkcs8"));
    drop(write(folder.path(), &layout, &Bundle::Identity(identity_of(0))).await);
    let all = names(folder.path());
    let stranger = Drive::new(folder.path().into(), Layout::Drive, None);
    assert_eq!(stranger.holds().await.expect("readable").stored.len(), all.len(), "a record names them");
    let same_site = Drive::new(folder.path().into(), Layout::Drive, Some(Arc::new(layout)));
    let gone = same_site.remove().await.expect("removed");
    assert_eq!((gone.len(), names(folder.path()).len()), (all.len(), 0), "though another driver was named");
}

#[tokio::test]
async fn what_the_site_does_not_say_is_as_the_drive_s() {
    let only_identities = SiteLayout { claim: None, ..layout("der", "pkcs1") };
    let folder = folder();
    drop(write(folder.path(), &only_identities, &bundle()).await);
    assert_eq!(names(folder.path()), [CA, "claimCert.pem", "claimPrivateKey.pem", SETTINGS]);
    let key = fs::read_to_string(folder.path().join("claimPrivateKey.pem")).expect("as it came");
    let Bundle::Claim(claim) = bundle() else { panic!("a claim") };
    assert_eq!(key.trim(), claim.private_key_pem.expose_secret().trim());
}

#[tokio::test]
async fn a_der_file_that_is_another_one_is_named_and_not_shown() {
    let (folder, layout) = (folder(), layout("der", "pkcs8"));
    drop(write(folder.path(), &layout, &Bundle::Identity(identity_of(0))).await);
    let record = fs::read_to_string(folder.path().join("identity.json")).expect("record");
    // A key in the certificate's place, hash and all.
    let key = fs::read(folder.path().join("device.key")).expect("key");
    let certificate = fs::read(folder.path().join("Fleet_Index_SN-1.crt")).expect("certificate");
    fs::write(folder.path().join("Fleet_Index_SN-1.crt"), &key).expect("file");
    let [old, new] = [&certificate, &key].map(|bytes| crate::layout::sha256(bytes));
    fs::write(folder.path().join("identity.json"), record.replace(&old, &new)).expect("record");
    let failure = identity(folder.path()).await.expect_err("no certificate");
    assert_eq!(failure.code, Code::IdentityInvalid);
    assert!(failure.reason.contains("`Fleet_Index_SN-1.crt`"), "{failure}");
}
