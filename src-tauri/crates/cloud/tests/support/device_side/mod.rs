//! AWS IoT as devices meet it: a real broker, somebody who answers on it as AWS does, and what lies between.

pub(crate) mod authority;
pub(crate) mod fleet_provisioning;
pub(crate) mod front;
pub(crate) mod mosquitto;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use fieldkey_cloud::AsDevice;
use fieldkey_core::ports::Connected;
use fieldkey_core::{Claim, Code, Endpoint, Failure, Identity, Language};
use rcgen::KeyPair;
use time::OffsetDateTime;

use self::authority::Authority;
use super::site_at;

pub(crate) const CERTIFICATE_ID: &str = "5f3e0d1c2b4a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(crate) const THING: &str = "Fleet_Index_SN-0042";

/// A device that finds MQTT by ALPN on this port, and is not patient.
pub(crate) fn device(alpn_port: u16, patience: Duration) -> AsDevice {
    let mut site = site_at("http://127.0.0.1:1");
    site.endpoints.as_mut().unwrap().mqtt_alpn_port = Some(alpn_port);
    AsDevice::new(&site, None).unwrap().answers_within(patience)
}

/// One without a second way.
pub(crate) fn patient() -> AsDevice {
    device(closed_port(), Duration::from_secs(10))
}

pub(crate) fn impatient() -> AsDevice {
    device(closed_port(), Duration::from_millis(400))
}

/// Nobody listens there, and below the ports that systems hand out nobody comes to by chance.
pub(crate) fn closed_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let of_this_process = u16::try_from(std::process::id() % 100).unwrap() * 100;
    let mut ports = std::iter::repeat_with(|| 20_000 + of_this_process + NEXT.fetch_add(1, Ordering::SeqCst) % 2_000);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("one of them is free")
}

pub(crate) fn at(port: u16) -> Endpoint {
    Endpoint { host: "localhost".into(), port }
}

pub(crate) fn claim(authority: &Authority) -> Claim {
    let key = KeyPair::generate().unwrap();
    Claim {
        certificate_id: CERTIFICATE_ID.into(),
        certificate_pem: authority.client(&key),
        private_key_pem: key.serialize_pem().into(),
        expires: OffsetDateTime::now_utc() + Duration::from_secs(300),
        lifetime: Duration::from_secs(300),
    }
}

pub(crate) fn identity(authority: &Authority, port: u16) -> Identity {
    let key = KeyPair::generate().unwrap();
    identity_with(authority, port, &authority.client(&key), &key.serialize_pem())
}

pub(crate) fn identity_with(authority: &Authority, port: u16, certificate: &str, private_key: &str) -> Identity {
    Identity {
        certificate_id: CERTIFICATE_ID.into(),
        certificate_pem: certificate.into(),
        private_key_pem: Some(private_key.into()),
        ca_pem: authority.pem(),
        thing_name: THING.into(),
        serial_number: "SN-0042".into(),
        region: "ap-northeast-1".into(),
        endpoint: at(port),
        role_alias: None,
    }
}

/// Fails so, with whole words in both languages and without the token.
pub(crate) fn failed<T>(outcome: Result<T, Failure>, code: Code) -> Failure {
    let failure = outcome.err().expect("this must fail");
    assert_eq!(failure.code, code, "{failure}");
    let (en, ja) = (failure.message(Language::English), failure.message(Language::Japanese));
    assert!(!en.contains("{about}") && !ja.contains("{about}"), "nothing is left blank: {en} {ja}");
    assert!(!format!("{failure:?}").contains(fleet_provisioning::TOKEN), "the token is nobody's business: {failure}");
    failure
}

/// What it publishes, as it comes back.
pub(crate) async fn echo(connected: &mut dyn Connected) -> Result<Vec<u8>, Failure> {
    connected.subscribe("fleet/1").await?;
    connected.publish("fleet/1", b"hello").await?;
    connected.receive().await
}
