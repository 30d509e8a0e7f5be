//! A claim becomes an identity, on a real broker where somebody answers as AWS does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fieldkey_core::ports::{New, Provisioning, Unregistered};
use fieldkey_core::{Claim, Code, DeviceSide, Failure};
use rcgen::KeyPair;
use serde_json::json;

use crate::support::device_side::authority::Authority;
use crate::support::device_side::fleet_provisioning::{FleetProvisioning, TOKEN, accepted, rejected};
use crate::support::device_side::front::{Act, Front, PUBLISH, SUBSCRIBE, kind, mentions};
use crate::support::device_side::mosquitto::Mosquitto;
use crate::support::device_side::{
    CERTIFICATE_ID, THING, at, claim, closed_port, echo, failed, identity_with, impatient, patient,
};
use crate::support::text;

const CSR: &str = "-----BEGIN CERTIFICATE REQUEST-----\nMIH…\n-----END CERTIFICATE REQUEST-----\n";

fn parameters() -> BTreeMap<String, String> {
    BTreeMap::from([("SerialNumber".to_owned(), "SN-0042".to_owned())])
}

/// AWS said no, or was never asked.
fn refused(outcome: Result<String, Unregistered>, code: Code) -> Failure {
    match outcome {
        Err(Unregistered::Refused(failure)) => failed::<()>(Err(failure), code),
        other => panic!("the certificate is as it was: {other:?}"),
    }
}

/// AWS was asked, and may have done it.
fn lost(outcome: Result<String, Unregistered>, code: Code) -> Failure {
    match outcome {
        Err(Unregistered::Lost(failure)) => failed::<()>(Err(failure), code),
        other => panic!("nobody knows: {other:?}"),
    }
}

fn new() -> New {
    New {
        certificate_id: CERTIFICATE_ID.into(),
        certificate_pem: String::new(),
        private_key_pem: None,
        ownership_token: TOKEN.into(),
    }
}

#[tokio::test]
async fn a_claim_becomes_an_identity_that_publishes() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let key = KeyPair::generate().unwrap();
    let certificate = authority.client(&key);
    let issued = certificate.clone();
    let aws = FleetProvisioning::on(&broker, move |topic| accepted(topic, &issued, "")).await;

    let device = patient();
    let mut provisioning = device.with_claim(&claim(&authority), &at(broker.tls), &authority.pem()).await.unwrap();
    let new = provisioning.certificate(Some(CSR)).await.expect("a certificate");
    assert_eq!((new.certificate_id.as_str(), new.certificate_pem.as_str()), (CERTIFICATE_ID, certificate.as_str()));
    assert!(new.private_key_pem.is_none(), "it is where the CSR was made");
    let thing = provisioning.register_thing("fieldkey", &new, &parameters()).await.expect("registered");
    assert_eq!(thing, THING);
    drop(provisioning);
    let asked = aws.asked();
    assert_eq!(asked[0], ("$aws/certificates/create-from-csr/json".into(), json!({"certificateSigningRequest": CSR})));
    let registration = json!({"certificateOwnershipToken": TOKEN, "parameters": {"SerialNumber": "SN-0042"}});
    assert_eq!(asked[1], ("$aws/provisioning-templates/fieldkey/provision/json".into(), registration));

    let identity = identity_with(&authority, broker.tls, &new.certificate_pem, &key.serialize_pem());
    let mut connected = device.connect(&identity).await.expect("the new certificate is let in");
    echo(&mut *connected).await.expect("what is published comes back");
}

#[tokio::test]
async fn keys_come_from_aws_on_request() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let _aws = FleetProvisioning::on(&broker, |topic| accepted(topic, "PEM", "THE KEY")).await;
    let mut provisioning = patient().with_claim(&claim(&authority), &at(broker.tls), &authority.pem()).await.unwrap();
    let new = provisioning.certificate(None).await.expect("a certificate");
    assert_eq!(text(new.private_key_pem.as_ref().expect("its key")), "THE KEY");
}

#[tokio::test]
async fn every_rejection_has_its_code_and_aws_s_words() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let table = [
        (400, "InvalidTemplate", "Template with name t1 does not exist.", Code::TemplateNotFound, "t0"),
        (403, "AccessDenied", "Access Denied", Code::RegistrationRefused, "SN-0042"),
        (400, "InvalidParameters", "Cannot resolve reference value: X", Code::RegistrationRefused, "SN-0042"),
        (400, "InvalidCertificateOwnershipToken", TOKEN, Code::ServiceError, "localhost"),
        (429, "Throttling", "Rate exceeded", Code::Throttled, "localhost"),
        (500, "InternalFailure", "oops", Code::ServiceError, "localhost"),
    ];
    let _aws = FleetProvisioning::on(&broker, move |topic| {
        let template = topic.split('/').nth(2).and_then(|name| name.strip_prefix('t')?.parse().ok());
        let (status, name, message, ..) = table[template.unwrap_or(0_usize)];
        rejected(status, name, message)
    })
    .await;
    let mut provisioning = patient().with_claim(&claim(&authority), &at(broker.tls), &authority.pem()).await.unwrap();
    for (index, (_, name, message, code, about)) in table.into_iter().enumerate() {
        let outcome = provisioning.register_thing(&format!("t{index}"), &new(), &parameters()).await;
        let failure = if name == "InternalFailure" { lost(outcome, code) } else { refused(outcome, code) };
        assert_eq!(failure.about, about, "{failure}");
        assert!(failure.reason.starts_with(name), "{failure}");
        assert!(message == TOKEN || failure.reason.ends_with(message), "{failure}");
    }
    let certificate = failed(provisioning.certificate(Some(CSR)).await, Code::ServiceError);
    assert!(certificate.reason.contains("InvalidTemplate"), "{certificate}");
}

#[tokio::test]
async fn an_answer_that_is_none_is_named() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let _aws = FleetProvisioning::on(&broker, |topic| match topic {
        "$aws/certificates/create/json" => Some(("accepted", json!({"certificateId": "x"}))),
        _ => None,
    })
    .await;
    let mut provisioning = impatient().with_claim(&claim(&authority), &at(broker.tls), &authority.pem()).await.unwrap();
    let half = failed(provisioning.certificate(None).await, Code::ServiceError);
    assert!(half.reason.contains("cannot be read"), "{half}");
    let silence = failed(provisioning.certificate(Some(CSR)).await, Code::ServiceError);
    assert!(silence.reason.contains("create-from-csr/json/accepted or /rejected"), "{silence}");
}

/// Everybody in between, who stays as long as this is kept.
type Between = (Mosquitto, FleetProvisioning, Front);

/// A connection whose packets are cut off where it is said.
async fn cut(
    claim: Claim,
    authority: &Authority,
    at_packet: fn(&[u8], usize) -> bool,
) -> (Box<dyn Provisioning>, Between) {
    let broker = Mosquitto::start(authority).await;
    let aws = FleetProvisioning::on(&broker, |topic| accepted(topic, "PEM", "KEY")).await;
    let count = AtomicUsize::new(0);
    let decide = move |packet: &[u8]| match at_packet(packet, count.fetch_add(1, Ordering::SeqCst)) {
        true => Act::Cut,
        false => Act::Pass,
    };
    let front = Front::deciding(broker.plain, authority.for_anybody(), decide).await;
    let provisioning = patient().with_claim(&claim, &at(front.port), &authority.pem()).await.unwrap();
    (provisioning, (broker, aws, front))
}

#[tokio::test]
async fn a_connection_cut_at_a_request_is_explained() {
    let authority = Authority::new();
    let csr = |packet: &[u8], _| kind(packet) == PUBLISH && mentions(packet, "create-from-csr");
    let (mut provisioning, _between) = cut(claim(&authority), &authority, csr).await;
    let failure = failed(provisioning.certificate(Some(CSR)).await, Code::IdentityRefused);
    assert_eq!(failure.about, "localhost");
    assert!(failure.reason.contains("too many devices register at once"), "{failure}");

    let registration = |packet: &[u8], _| kind(packet) == PUBLISH && mentions(packet, "provisioning-templates");
    let (mut provisioning, _between) = cut(claim(&authority), &authority, registration).await;
    provisioning.certificate(Some(CSR)).await.expect("not cut off yet");
    let outcome = provisioning.register_thing("fieldkey", &new(), &parameters()).await;
    assert_eq!(lost(outcome, Code::RegistrationRefused).about, "SN-0042");

    let topics = |packet: &[u8], _| kind(packet) == SUBSCRIBE && mentions(packet, "provisioning-templates");
    let (mut provisioning, between) = cut(claim(&authority), &authority, topics).await;
    let outcome = provisioning.register_thing("fieldkey", &new(), &parameters()).await;
    let failure = refused(outcome, Code::RegistrationRefused);
    assert!(failure.reason.contains("another template"), "as 3.1.1 refuses a topic: {failure}");
    assert_eq!(between.2.seen().connections, 2, "it might have been the connection's fault");
}

#[tokio::test]
async fn a_connection_lost_while_a_device_was_written_is_made_anew() {
    let authority = Authority::new();
    // CONNECT, then SUBSCRIBE, PUBLISH and PUBACK for the certificate.
    let idle = |packet: &[u8], before: usize| kind(packet) == SUBSCRIBE && before == 4;
    let (mut provisioning, between) = cut(claim(&authority), &authority, idle).await;
    let new = provisioning.certificate(Some(CSR)).await.expect("a certificate");
    let thing = provisioning.register_thing("fieldkey", &new, &parameters()).await;
    assert_eq!(thing.expect("the token serves on another connection, too"), THING);
    assert_eq!(between.2.seen().connections, 2);
}

#[tokio::test]
async fn a_claim_that_ends_meanwhile_is_named() {
    let authority = Authority::new();
    let short = Claim { lifetime: Duration::from_millis(700), ..claim(&authority) };
    let lifetime = short.lifetime;
    let (mut provisioning, _between) = cut(short, &authority, |packet, _| kind(packet) == SUBSCRIBE).await;
    tokio::time::sleep(lifetime).await;
    failed(provisioning.certificate(Some(CSR)).await, Code::ClaimExpired);
}

#[tokio::test]
async fn a_claim_that_is_over_is_not_shown() {
    let authority = Authority::new();
    let over = Claim { lifetime: Duration::ZERO, ..claim(&authority) };
    failed(patient().with_claim(&over, &at(closed_port()), &authority.pem()).await, Code::ClaimExpired);
}

#[tokio::test]
async fn a_template_that_is_not_the_claim_s_is_named() {
    let authority = Authority::new();
    let broker = Mosquitto::with(&authority, "topic readwrite $aws/certificates/#\n").await;
    let mut provisioning = patient().with_claim(&claim(&authority), &at(broker.tls), &authority.pem()).await.unwrap();
    let outcome = provisioning.register_thing("fieldkey", &new(), &parameters()).await;
    let failure = refused(outcome, Code::TemplateNotFound);
    assert_eq!(failure.about, "fieldkey");
}
