use rcgen::{CertificateParams, KeyPair};

use super::*;
use crate::fakes::{FakeCloud, FakeDeviceSide, FakeTarget, Seen, certificate_id};
use crate::ports::{Entry, RunEnd};
use crate::site::tests::site;
use crate::{Endpoint, RoleAlias};

fn identity() -> Identity {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![]).expect("no names");
    let certificate_pem = params.self_signed(&key).expect("signed").pem();
    Identity {
        certificate_id: certificate_id(&certificate_pem),
        certificate_pem,
        private_key_pem: Some(key.serialize_pem().into()),
        ca_pem: ca(),
        thing_name: "Fleet_Index_SN-1".into(),
        serial_number: "SN-1".into(),
        region: "ap-northeast-1".into(),
        endpoint: Endpoint { host: "a1b2-ats.iot.ap-northeast-1.amazonaws.com".into(), port: 8883 },
        role_alias: Some(RoleAlias {
            name: "alias".into(),
            host: "c1.credentials.iot.ap-northeast-1.amazonaws.com".into(),
        }),
    }
}

fn ca() -> String {
    let key = KeyPair::generate().expect("a key");
    CertificateParams::new(vec![]).expect("no names").self_signed(&key).expect("signed").pem()
}

fn all(bucket: Option<&str>) -> Verify {
    Verify { run: "r1".into(), mqtt: true, direct: true, bucket: bucket.map(str::to_owned) }
}

/// Each check with its verdict, `Connect failed`.
async fn verdicts(request: &Verify, identity: &Identity, device_side: &FakeDeviceSide) -> (Vec<String>, Option<Code>) {
    let (cloud, seen) = (FakeCloud::default(), Seen::default());
    let outcome = verify(request, &site(), &FakeTarget::default(), identity, device_side, seen.ports(&cloud)).await;
    assert!(cloud.calls().is_empty(), "an identity proves itself: nobody signs in");
    (seen.verdicts(), outcome.err().map(|failure| failure.code))
}

fn itself(identity: &Identity) -> FakeDeviceSide {
    let arn = format!("arn:aws:sts::123456789012:assumed-role/device/{}", identity.certificate_id);
    FakeDeviceSide::default().calling_itself(&arn).holding("file.txt")
}

#[tokio::test]
async fn a_good_identity_passes_every_check() {
    let identity = identity();
    let (verdicts, failed) = verdicts(&all(Some("bucket")), &identity, &itself(&identity)).await;
    assert_eq!(failed, None);
    assert_eq!(verdicts.len(), 10, "{verdicts:?}");
    assert!(verdicts.iter().all(|verdict| verdict.ends_with("passed")), "{verdicts:?}");
}

#[tokio::test]
async fn a_key_of_another_stops_before_the_network() {
    let stranger = Identity { private_key_pem: identity().private_key_pem, ..identity() };
    let device_side = itself(&stranger);
    let (verdicts, failed) = verdicts(&all(None), &stranger, &device_side).await;
    assert_eq!(failed, Some(Code::KeyMismatch));
    assert!(verdicts.contains(&"connect skipped".to_owned()), "{verdicts:?}");
    assert!(device_side.calls().is_empty(), "TLS would only say it less clearly");
}

#[tokio::test]
async fn a_refused_connection_does_not_keep_the_other_checks_from_being_made() {
    let identity = identity();
    let device_side = itself(&identity).refusing("connect", &[Code::IdentityRefused]);
    let (verdicts, failed) = verdicts(&all(None), &identity, &device_side).await;
    assert_eq!(failed, Some(Code::IdentityRefused));
    for expected in ["connect failed", "subscribe skipped", "echo skipped", "caller passed", "s3-list skipped"] {
        assert!(verdicts.contains(&expected.to_owned()), "{expected}: {verdicts:?}");
    }
}

#[tokio::test]
async fn messages_that_do_not_come_back_fail_the_echo() {
    let identity = identity();
    let (verdicts, failed) = verdicts(&all(None), &identity, &itself(&identity).deaf()).await;
    assert_eq!(failed, Some(Code::EchoMissing));
    assert!(verdicts.contains(&"subscribe passed".to_owned()), "{verdicts:?}");
}

#[tokio::test]
async fn credentials_of_somebody_else_fail() {
    let identity = identity();
    let device_side = itself(&identity).calling_itself("arn:aws:sts::1:assumed-role/other/x");
    let (verdicts, failed) = verdicts(&all(None), &identity, &device_side).await;
    assert_eq!(failed, Some(Code::RoleAliasRefused));
    assert!(verdicts.contains(&"caller failed".to_owned()), "{verdicts:?}");
}

#[tokio::test]
async fn what_was_not_asked_for_is_skipped() {
    let identity = identity();
    let request = Verify { direct: false, ..all(None) };
    let device_side = itself(&identity);
    let (verdicts, failed) = verdicts(&request, &identity, &device_side).await;
    assert_eq!(failed, None);
    assert!(verdicts.contains(&"temporary-credentials skipped".to_owned()), "{verdicts:?}");
    assert!(!device_side.calls().iter().any(|call| call.starts_with("temporary")));
}

#[tokio::test]
async fn an_identity_that_leads_elsewhere_than_the_site_fails() {
    let good = identity();
    let elsewhere = Identity { endpoint: Endpoint { host: "evil.example".into(), port: 8883 }, ..good.clone() };
    let alias =
        Some(RoleAlias { name: "another".into(), host: "c1.credentials.iot.ap-northeast-1.amazonaws.com".into() });
    let stranger = Identity { thing_name: "Other_1".into(), ..good.clone() };
    let site = Site { role_alias: Some("alias".into()), ..site() };
    for (identity, code) in [
        (elsewhere, Code::WrongEndpoint),
        (Identity { role_alias: alias, ..good.clone() }, Code::WrongEndpoint),
        (stranger, Code::ThingNameInvalid),
    ] {
        let (cloud, seen, device_side) = (FakeCloud::default(), Seen::default(), itself(&identity));
        let outcome =
            verify(&all(None), &site, &FakeTarget::default(), &identity, &device_side, seen.ports(&cloud)).await;
        assert_eq!(outcome.expect_err("the device would go there").code, code);
    }
}

#[tokio::test]
async fn credentials_that_were_asked_for_and_are_not_offered_fail() {
    let identity = Identity { role_alias: None, ..identity() };
    let (verdicts, failed) = verdicts(&all(None), &identity, &itself(&identity)).await;
    assert_eq!(failed, Some(Code::NotOffered));
    assert!(verdicts.contains(&"temporary-credentials failed".to_owned()), "{verdicts:?}");
}

/// The start and the end of the one run that the journal holds.
fn recorded(seen: &Seen) -> (RunStart, RunEnd) {
    match seen.entries().as_slice() {
        [Entry::Started(start), Entry::Ended(end)] => (start.clone(), end.clone()),
        entries => panic!("one run, from its start to its end: {entries:?}"),
    }
}

#[tokio::test]
async fn an_identity_that_cannot_be_read_is_a_run_that_failed() {
    let whole = async || Ok::<Option<Identity>, Failure>(None);
    let torn = async || Err(Failure::new(Code::TargetGone));
    for (read, code) in [(whole().await, Code::IdentityInvalid), (torn().await, Code::TargetGone)] {
        let (cloud, seen) =
            (FakeCloud { standing: Some("clerk@example.com"), ..FakeCloud::default() }, Seen::default());
        let read = read_identity("r1", &site(), &FakeTarget::default(), async { read }, seen.ports(&cloud)).await;
        assert_eq!(read.expect_err("nothing to prove").step, Some(Step::Read));
        let (start, end) = recorded(&seen);
        assert_eq!((start.job, start.target.as_str(), start.thing_name.as_str()), (Job::Verify, "drive:/media/x", ""));
        assert_eq!(end.failed, Some((code, Some(Step::Read))));
        assert_eq!(end.operator, "clerk@example.com", "whoever is signed in did it, though nobody had to sign in");
        assert_eq!(seen.words(), ["started", &format!("failed {code} at Some(Read)")]);
    }
}

#[tokio::test]
async fn a_reading_that_is_stopped_is_an_interrupted_run_and_a_whole_one_leaves_the_run_to_the_proof() {
    let (cloud, seen, site, target) = (FakeCloud::default(), Seen::default(), site(), FakeTarget::default());
    let slow = tokio::time::timeout(
        std::time::Duration::ZERO,
        read_identity("r1", &site, &target, std::future::pending(), seen.ports(&cloud)),
    );
    assert!(slow.await.is_err(), "a drive that hangs is given up by the person");
    assert_eq!(recorded(&seen).1.failed, Some((Code::Interrupted, Some(Step::Read))));

    let (seen, identity) = (Seen::default(), identity());
    let read = async { Ok(Some(identity.clone())) };
    read_identity("r1", &site, &target, read, seen.ports(&cloud)).await.expect("it is whole");
    assert!(seen.entries().is_empty() && seen.words().is_empty(), "a run begins once");
    verify(&all(None), &site, &target, &identity, &itself(&identity), seen.ports(&cloud)).await.expect("it is good");
    let (start, _) = recorded(&seen);
    assert_eq!((start.thing_name.as_str(), start.target.as_str()), ("Fleet_Index_SN-1", "drive:/media/x"));
}
