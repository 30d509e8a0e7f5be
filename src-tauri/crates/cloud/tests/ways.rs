//! The two ways to an endpoint, and TLS at their end.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fieldkey_core::{Code, DeviceSide, Failure, Identity, Language};
use rcgen::KeyPair;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;

use crate::support::device_side::authority::Authority;
use crate::support::device_side::front::Front;
use crate::support::device_side::mosquitto::Mosquitto;
use crate::support::device_side::{
    CERTIFICATE_ID, closed_port, device, echo, failed, identity, identity_with, patient,
};

#[tokio::test]
async fn where_8883_is_closed_mqtt_is_found_behind_alpn_and_again_at_once() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let front = Front::by_alpn(broker.plain, authority.for_anybody()).await;
    let closed = closed_port();
    let device = device(front.port, Duration::from_secs(10));
    let identity = identity(&authority, closed);
    let mut connected = device.connect(&identity).await.expect("by ALPN");
    echo(&mut *connected).await.expect("it works as well");

    let own = std::net::TcpListener::bind(("127.0.0.1", closed)).unwrap();
    own.set_nonblocking(true).unwrap();
    device.connect(&identity).await.expect("by ALPN");
    assert!(own.accept().is_err(), "the way that worked is the first one now");
}

#[tokio::test]
async fn where_8883_swallows_everything_it_costs_three_seconds_at_most() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let front = Front::by_alpn(broker.plain, authority.for_anybody()).await;
    let swallows = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let device = device(front.port, Duration::from_secs(10));
    let begun = std::time::Instant::now();
    device.connect(&identity(&authority, swallows.local_addr().unwrap().port())).await.expect("by ALPN");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nobody_on_either_port_means_offline() {
    let authority = Authority::new();
    let (own, other) = (closed_port(), closed_port());
    let device = device(other, Duration::from_secs(1));
    let failure = failed(device.connect(&identity(&authority, own)).await, Code::Offline);
    assert_eq!(failure.about, "localhost");
    assert!(failure.reason.contains(&own.to_string()) && failure.reason.contains(&other.to_string()), "{failure}");
}

#[tokio::test]
async fn a_web_server_without_mqtt_on_443_means_offline() {
    let authority = Authority::new();
    let web = Front::before(closed_port(), authority.for_anybody()).await;
    let device = device(web.port, Duration::from_secs(1));
    let failure = failed(device.connect(&identity(&authority, closed_port())).await, Code::Offline);
    assert!(failure.reason.contains("no MQTT is spoken there"), "{failure}");
}

#[tokio::test]
async fn a_name_is_needed() {
    let authority = Authority::new();
    for host in ["127.0.0.1", "::1", "[::1]", "no host"] {
        let mut identity = identity(&authority, 8883);
        identity.endpoint.host = host.into();
        let failure = failed(patient().connect(&identity).await, Code::WrongEndpoint);
        assert_eq!(failure.about, host);
    }
    let mut nowhere = identity(&authority, 8883);
    nowhere.endpoint.host = "no-such-host.invalid".into();
    assert_eq!(failed(patient().connect(&nowhere).await, Code::Offline).about, "no-such-host.invalid");
}

async fn at_server(config: rustls::ServerConfig, identity: impl Fn(u16) -> Identity, code: Code) -> Failure {
    let front = Front::before(closed_port(), config).await;
    let failure = failed(patient().connect(&identity(front.port)).await, code);
    assert_eq!(front.seen().connections, 1, "another try would end the same: {failure}");
    failure
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_told_from_one_that_does_not_trust_us() {
    let authority = Authority::new();
    let ours = |port| identity(&authority, port);
    let stranger = at_server(Authority::new().for_anybody(), ours, Code::TlsUntrusted).await;
    assert!(stranger.reason.contains("UnknownIssuer"), "{stranger}");
    at_server(authority.showing("portal.example", 2020, 2099), ours, Code::TlsUntrusted).await;
    let expired = at_server(authority.showing("localhost", 2020, 2021), ours, Code::TlsUntrusted).await;
    assert!(expired.reason.contains("expired on 2021"), "{expired}");
    let clock = at_server(authority.showing("localhost", 2090, 2099), ours, Code::ClockSkew).await;
    assert!(clock.reason.contains("2090"), "{clock}");

    // What mosquitto's own TLS says of a certificate that it does not know.
    let broker = Mosquitto::start(&authority).await;
    let key = KeyPair::generate().unwrap();
    let theirs = identity_with(&authority, broker.tls, &Authority::new().client(&key), &key.serialize_pem());
    let refused = failed(patient().connect(&theirs).await, Code::IdentityRefused);
    assert!(refused.reason.contains("TLS alert"), "{refused}");
    assert!(refused.message(Language::Japanese).contains("TLS アラート"), "{refused}");
}

#[tokio::test]
async fn keys_of_every_form_sign() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let rsa = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let pkcs8 = rsa.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF).unwrap();
    let of_rsa = authority.client(&KeyPair::from_pem(&pkcs8).unwrap());
    let pkcs1 = rsa.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap();
    let ecdsa = KeyPair::generate().unwrap();
    let of_ecdsa = authority.client(&ecdsa);
    let der = ecdsa.serialize_der();
    // PKCS#8 wraps SEC 1: SEQUENCE { INTEGER 1, OCTET STRING of 32 bytes, … }.
    let version = der.windows(5).position(|five| five == [2, 1, 1, 4, 32]).expect("SEC 1 inside");
    let sec1 = BASE64_STANDARD.encode(&der[version - 2..]);
    let sec1 = format!("-----BEGIN EC PRIVATE KEY-----\n{sec1}\n-----END EC PRIVATE KEY-----\n");
    for (certificate, key) in
        [(&of_rsa, pkcs8.as_str()), (&of_rsa, pkcs1.as_str()), (&of_ecdsa, &ecdsa.serialize_pem()), (&of_ecdsa, &sec1)]
    {
        let identity = identity_with(&authority, broker.tls, certificate, key);
        let connected = patient().connect(&identity).await;
        assert!(connected.is_ok(), "{}: {:?}", key.lines().next().unwrap(), connected.err());
    }
    let mixed = identity_with(&authority, broker.tls, &of_rsa, &sec1);
    assert_eq!(failed(patient().connect(&mixed).await, Code::KeyMismatch).about, CERTIFICATE_ID);
    for (certificate, key, about) in [("", sec1.as_str(), "certificate"), (&of_rsa, "no key", "privateKey")] {
        let broken = identity_with(&authority, broker.tls, certificate, key);
        assert_eq!(failed(patient().connect(&broken).await, Code::CertificateInvalid).about, about);
    }
}
