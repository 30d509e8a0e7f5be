//! `inspect`, `revoke`, `reissue` and `register` against fakes.

use std::collections::BTreeMap;

use secrecy::SecretSlice;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::fakes::{FakeCloud, FakeDeviceSide, FakeTarget, Seen};
use crate::ports::{Certificate, CertificateStatus, Thing};
use crate::site::tests::site;
use crate::{
    Act, Again, Code, Enroll, Failure, Inspect, KeySource, Register, Reissue, Reissued, Revoke, Revoked, Step, Via,
    inspect, register, reissue, revoke,
};

const THING: &str = "Fleet_Index_SN-1";

fn certificate(first: char, status: CertificateStatus) -> Certificate {
    Certificate {
        id: first.to_string().repeat(64),
        status,
        created: datetime!(2026-11-01 10:00 UTC),
        expires: None,
        policies: vec!["policy".into()],
        other_things: vec![],
    }
}

fn with(certificates: Vec<Certificate>) -> FakeCloud {
    let thing = Thing { name: THING.into(), thing_type: None, attributes: BTreeMap::new(), certificates };
    FakeCloud { thing: Some(thing).into(), groups: Some(vec!["helpdesk"]), ..FakeCloud::default() }
}

fn one_active() -> FakeCloud {
    with(vec![certificate('a', CertificateStatus::Active)])
}

async fn revoked(request: &Revoke, cloud: &FakeCloud) -> Result<Revoked, Failure> {
    let seen = Seen::default();
    revoke(request, &site(), seen.ports(cloud)).await
}

fn all() -> Revoke {
    Revoke { run: "r1".into(), thing_name: THING.into(), certificate: None, act: Act::Delete }
}

#[tokio::test]
async fn a_thing_that_is_not_there_is_named() {
    let (cloud, seen) = (FakeCloud::default(), Seen::default());
    let request = Inspect { run: "r1".into(), thing_name: THING.into() };
    let failure = inspect(&request, &site(), seen.ports(&cloud)).await.expect_err("no such thing");
    assert_eq!((failure.code, failure.step), (Code::ThingNotFound, Some(Step::LookUp)));
    assert_eq!(failure.about, THING);
}

#[tokio::test]
async fn an_installer_may_look_but_not_revoke() {
    let cloud = FakeCloud { groups: Some(vec!["installers"]), ..one_active() };
    let (request, seen) = (Inspect { run: "r1".into(), thing_name: THING.into() }, Seen::default());
    assert_eq!(inspect(&request, &site(), seen.ports(&cloud)).await.expect("a thing").certificates.len(), 1);
    let failure = revoked(&all(), &cloud).await.expect_err("not allowed");
    assert_eq!((failure.code, failure.step), (Code::NotAllowed, Some(Step::SignIn)));
    assert!(failure.reason.contains("helpdesk"), "whom to ask: {}", failure.reason);
}

#[tokio::test]
async fn a_certificate_is_chosen_by_the_beginning_of_its_id() {
    let active = CertificateStatus::Active;
    let cloud = with(vec![certificate('a', active), certificate('b', active)]);
    let one = Revoke { certificate: Some("B".repeat(10)), ..all() };
    let done = revoked(&one, &cloud).await.expect("revoked");
    assert_eq!(done.certificates, ["b".repeat(64)]);
    assert!(!cloud.calls().iter().any(|call| call.contains("aaaa")), "{:?}", cloud.calls());
    for (wrong, code) in
        [("c".repeat(10), Code::CertificateNotFound), ("b".repeat(9), Code::Usage), ("not hex".into(), Code::Usage)]
    {
        let failure = revoked(&Revoke { certificate: Some(wrong), ..all() }, &cloud).await.expect_err("none");
        assert_eq!(failure.code, code);
    }
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_can_be_asked_again() {
    let cloud = with(vec![]);
    let again = Revoke { certificate: Some("d".repeat(64)), ..all() };
    assert!(revoked(&again, &cloud).await.expect("carried on with").act == Act::Delete);
    assert_eq!(revoked(&all(), &cloud).await.expect_err("which?").code, Code::CertificateNotFound);
}

#[tokio::test]
async fn deactivating_keeps_the_certificate() {
    let cloud = one_active();
    let done = revoked(&Revoke { act: Act::Deactivate, ..all() }, &cloud).await.expect("deactivated");
    assert_eq!(done.act, Act::Deactivate);
    assert!(!cloud.calls().iter().any(|call| call.starts_with("delete")), "{:?}", cloud.calls());
}

#[tokio::test]
async fn what_was_deactivated_is_activated_again_by_the_help_desk_only() {
    let cloud = with(vec![certificate('a', CertificateStatus::Inactive)]);
    let activate = Revoke { act: Act::Activate, ..all() };
    revoked(&activate, &cloud).await.expect("active again");
    assert!(cloud.calls().last().is_some_and(|call| call.ends_with("Active")), "{:?}", cloud.calls());
    let installer = FakeCloud { groups: Some(vec!["installers"]), ..with(vec![]) };
    assert_eq!(revoked(&activate, &installer).await.expect_err("not theirs").code, Code::NotAllowed);
}

async fn reissued(cloud: &FakeCloud, device_side: &FakeDeviceSide, compromised: bool) -> Result<Reissued, Failure> {
    reissued_on(&FakeTarget::default(), cloud, device_side, compromised).await
}

async fn reissued_on(
    target: &FakeTarget,
    cloud: &FakeCloud,
    device_side: &FakeDeviceSide,
    compromised: bool,
) -> Result<Reissued, Failure> {
    let again = Again::Enroll(Enroll {
        run: "r1".into(),
        serial_number: "SN-1".into(),
        parameters: BTreeMap::new(),
        replace: false,
        via: Via::Request,
        key: KeySource::Host,
        key_type: None,
    });
    let (request, seen) = (Reissue { again, compromised }, Seen::default());
    reissue(&request, &site(), "ca", target, device_side, seen.ports(cloud)).await
}

/// Where these calls stand among all of the cloud's.
fn order(cloud: &FakeCloud, calls: [&str; 2]) -> [Option<usize>; 2] {
    calls.map(|wanted| cloud.calls().iter().position(|call| call.starts_with(wanted)))
}

#[tokio::test]
async fn the_old_certificate_is_deactivated_after_the_proof() {
    let inactive = certificate('b', CertificateStatus::Inactive);
    let shared = Certificate { other_things: vec!["Other".into()], ..certificate('c', CertificateStatus::Active) };
    let cloud = with(vec![certificate('a', CertificateStatus::Active), inactive, shared]);
    let done = reissued(&cloud, &FakeDeviceSide::default(), false).await.expect("re-issued");
    assert_eq!(done.deactivated, ["a".repeat(64)]);
    assert_eq!(done.shared, ["c".repeat(64)], "another device would stop working");
    let [issue, status] = order(&cloud, ["issue", "set-status"]);
    assert!(issue < status, "{:?}", cloud.calls());
}

#[tokio::test]
async fn another_device_s_identity_is_never_replaced_by_a_re_issue() {
    let cloud = one_active();
    let target = crate::enroll::tests::holding("Fleet_Index_SN-2");
    let failure = reissued_on(&target, &cloud, &FakeDeviceSide::default(), false).await.expect_err("a wrong drive");
    assert_eq!((failure.code, failure.step), (Code::IdentityPresent, Some(Step::Target)));
    assert!(target.acts().is_empty() && cloud.calls().is_empty());
}

#[tokio::test]
async fn a_compromised_one_is_deactivated_first() {
    let cloud = one_active();
    reissued(&cloud, &FakeDeviceSide::default(), true).await.expect("re-issued");
    let [issue, status] = order(&cloud, ["issue", "set-status"]);
    assert!(status < issue, "{:?}", cloud.calls());
}

#[tokio::test(start_paused = true)]
async fn without_a_proof_the_old_one_stays_active() {
    let cloud = one_active();
    let refused = FakeDeviceSide::default().refusing("connect", &[Code::IdentityRefused; 5]);
    reissued(&cloud, &refused, false).await.expect_err("not proved");
    assert_eq!(order(&cloud, ["set-status", "set-status"]), [None, None]);
}

fn to_register(params: rcgen::CertificateParams) -> Register {
    let key = rcgen::KeyPair::generate().expect("a key");
    Register {
        run: "r1".into(),
        thing_name: THING.into(),
        name: "device.pem".into(),
        certificate: params.self_signed(&key).expect("signed").pem().into_bytes().into(),
        private_key: Some(("key.pem".into(), SecretSlice::from(key.serialize_pem().into_bytes()))),
        password: None,
        status: CertificateStatus::Inactive,
    }
}

fn params() -> rcgen::CertificateParams {
    rcgen::CertificateParams::new(vec![]).expect("no names")
}

async fn registered(request: Register) -> (Result<String, Code>, Vec<String>) {
    let (cloud, seen) = (FakeCloud::default(), Seen::default());
    let outcome = register(request, &site(), seen.ports(&cloud)).await;
    (outcome.map(|done| done.certificate.certificate_id).map_err(|failure| failure.code), cloud.calls())
}

#[tokio::test]
async fn a_certificate_of_one_s_own_is_registered_with_its_status() {
    let (outcome, calls) = registered(to_register(params())).await;
    assert_eq!(outcome.expect("registered").len(), 64);
    assert_eq!(calls, ["sign-in", "register Fleet_Index_SN-1 Inactive"]);
}

#[tokio::test]
async fn what_aws_would_refuse_is_refused_before_anybody_signs_in() {
    let mut over = params();
    over.not_after = OffsetDateTime::now_utc() - time::Duration::days(1);
    let stranger = Register { private_key: to_register(params()).private_key, ..to_register(params()) };
    let garbage = Register { certificate: b"garbage".to_vec().into(), ..to_register(params()) };
    let ed25519 = {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        let certificate = params().self_signed(&key).expect("signed").pem().into_bytes();
        Register { certificate: certificate.into(), private_key: None, ..to_register(params()) }
    };
    for (request, code) in [
        (to_register(over), Code::CertificateExpired),
        (stranger, Code::KeyMismatch),
        (garbage, Code::CertificateInvalid),
        (ed25519, Code::CertificateUnsupported),
        (Register { thing_name: "Other_1".into(), ..to_register(params()) }, Code::ThingNameInvalid),
    ] {
        let (outcome, calls) = registered(request).await;
        assert_eq!(outcome.expect_err("refused"), code);
        assert!(calls.is_empty(), "{code}: {calls:?}");
    }
}
