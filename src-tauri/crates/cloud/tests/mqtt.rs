//! A thing's connection to a real broker, and how it ends.

use std::time::Duration;

use fieldkey_core::{Code, DeviceSide, Failure, Identity};

use crate::support::device_side::authority::Authority;
use crate::support::device_side::front::{Act, CONNECT, Front, PUBLISH, SUBSCRIBE, id_of_subscribe, kind, version};
use crate::support::device_side::mosquitto::Mosquitto;
use crate::support::device_side::{at, claim, closed_port, echo, failed, identity, impatient, patient};

#[tokio::test]
async fn a_broker_without_mqtt_5_is_spoken_to_in_3_1_1() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let says_so: fn() -> Act = || Act::Last(vec![0x20, 2, 0, 1]);
    for refuse in [says_so, || Act::Cut, || Act::Last(vec![0x20, 3, 0, 0x84, 0])] {
        let decide = move |packet: &[u8]| match kind(packet) == CONNECT && version(packet) == 5 {
            true => refuse(),
            false => Act::Pass,
        };
        let front = Front::deciding(broker.plain, authority.for_anybody(), decide).await;
        let mut connected = patient().connect(&identity(&authority, front.port)).await.expect("3.1.1");
        echo(&mut *connected).await.expect("it works as well");
        let seen = front.seen();
        assert_eq!(seen.connections, 2);
        assert_eq!(seen.server_name.as_deref(), Some("localhost"), "AWS IoT refuses those who ask for nobody");
    }
}

/// Answers CONNECT so.
async fn let_in_with(answer: Vec<u8>, code: Code) -> Failure {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let decide = move |packet: &[u8]| if kind(packet) == CONNECT { Act::Last(answer.clone()) } else { Act::Pass };
    let front = Front::deciding(broker.plain, authority.for_anybody(), decide).await;
    failed(patient().connect(&identity(&authority, front.port)).await, code)
}

#[tokio::test]
async fn mqtt_5_tells_why_nobody_is_let_in() {
    let with_words = [&[0x20, 17, 0, 0x87, 14, 0x1f, 0, 11][..], b"CONNACK:abc"].concat();
    let failure = let_in_with(with_words, Code::IdentityRefused).await;
    assert!(failure.reason.starts_with("MQTT 0x87, not authorized: CONNACK:abc"), "AWS's own words: {failure}");
    assert!(failure.reason.contains("iot:Connect on client/Fleet_Index_SN-0042"), "{failure}");

    let other_id = let_in_with(vec![0x20, 3, 0, 0x85, 0], Code::IdentityRefused).await;
    assert!(other_id.reason.contains("another client ID than the thing's name"), "{other_id}");
    let_in_with(vec![0x20, 3, 0, 0x97, 0], Code::Throttled).await;
    let_in_with(vec![0x20, 3, 0, 0x88, 0], Code::ServiceError).await;
    let_in_with(b"\x00\xff\xff\xff\xff\xff".to_vec(), Code::WrongEndpoint).await;
}

#[tokio::test]
async fn a_door_closed_without_a_word_is_explained_likeliest_first() {
    let authority = Authority::new();
    let front = Front::deciding(closed_port(), authority.for_anybody(), |_| Act::Cut).await;
    let failure = failed(patient().connect(&identity(&authority, front.port)).await, Code::IdentityRefused);
    let order = ["without a word", "inactive", "not registered", "no policy", "client ID", "device itself"];
    let found: Vec<usize> = order.iter().map(|word| failure.reason.find(word).expect(word)).collect();
    assert!(found.is_sorted(), "whole, and in this order: {failure}");
    let of_claim = patient().with_claim(&claim(&authority), &at(front.port), &authority.pem()).await;
    assert!(failed(of_claim, Code::IdentityRefused).reason.contains("another region or account"));
}

#[tokio::test]
async fn what_a_policy_does_not_allow_is_named() {
    let authority = Authority::new();
    let broker = Mosquitto::with(&authority, "topic readwrite fleet/#\n").await;
    let mut connected = patient().connect(&identity(&authority, broker.tls)).await.unwrap();
    let publish = failed(connected.publish("other/1", b"x").await, Code::IdentityRefused);
    assert!(publish.reason.contains("iot:Publish on topic/other/1"), "{publish}");
    connected.publish("fleet/1", b"x").await.expect("the connection stands");

    let decide = |packet: &[u8]| match (kind(packet), id_of_subscribe(packet)) {
        (SUBSCRIBE, [high, low]) => Act::Answer(vec![0x90, 4, high, low, 0, 0x87]),
        _ => Act::Pass,
    };
    let front = Front::deciding(broker.plain, authority.for_anybody(), decide).await;
    let mut connected = patient().connect(&identity(&authority, front.port)).await.unwrap();
    let subscribe = failed(connected.subscribe("fleet/1").await, Code::IdentityRefused);
    assert!(subscribe.reason.contains("iot:Subscribe on topicfilter/fleet/1"), "{subscribe}");

    let decide = |packet: &[u8]| if kind(packet) == PUBLISH { Act::Last(vec![0xe0, 1, 0x87]) } else { Act::Pass };
    let front = Front::deciding(broker.plain, authority.for_anybody(), decide).await;
    let mut connected = patient().connect(&identity(&authority, front.port)).await.unwrap();
    let publish = failed(connected.publish("fleet/1", b"x").await, Code::IdentityRefused);
    assert!(publish.reason.starts_with("MQTT 0x87, not authorized"), "a DISCONNECT of one byte: {publish}");
}

#[tokio::test]
async fn a_device_that_comes_online_itself_is_the_reason_to_leave() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let identity = identity(&authority, broker.tls);
    let mut ours = patient().connect(&identity).await.unwrap();
    ours.subscribe("fleet/1").await.unwrap();
    let _device = patient().connect(&identity).await.expect("mosquitto lets the newer one in");
    let failure = failed(ours.receive().await, Code::IdentityRefused);
    assert!(failure.reason.contains("the device itself is online"), "{failure}");

    let decide = |packet: &[u8]| if kind(packet) == PUBLISH { Act::Last(vec![0xe0, 1, 0x8e]) } else { Act::Pass };
    let front = Front::deciding(broker.plain, authority.for_anybody(), decide).await;
    let mut ours = patient().connect(&Identity { endpoint: at(front.port), ..identity }).await.unwrap();
    let failure = failed(ours.publish("fleet/1", b"x").await, Code::IdentityRefused);
    assert!(failure.reason.starts_with("MQTT 0x8e, session taken over; somebody else came"), "{failure}");
}

#[tokio::test]
async fn what_does_not_come_back_is_named() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let mut connected = impatient().connect(&identity(&authority, broker.tls)).await.unwrap();
    connected.subscribe("fleet/1").await.unwrap();
    assert_eq!(failed(connected.receive().await, Code::EchoMissing).about, "fleet/1");
}

#[tokio::test]
async fn a_broker_that_says_nothing_is_not_waited_for_long() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let mute = |packet: &[u8]| if kind(packet) == PUBLISH { Act::Answer(vec![]) } else { Act::Pass };
    let front = Front::deciding(broker.plain, authority.for_anybody(), mute).await;
    let mut connected = impatient().connect(&identity(&authority, front.port)).await.unwrap();
    let failure = failed(connected.publish("fleet/1", b"x").await, Code::Offline);
    assert!(failure.reason.contains("no answer in time to PUBLISH fleet/1"), "{failure}");
}

#[tokio::test]
async fn whoever_leaves_says_goodbye() {
    let authority = Authority::new();
    let broker = Mosquitto::start(&authority).await;
    let front = Front::before(broker.plain, authority.for_anybody()).await;
    let connected = patient().connect(&identity(&authority, front.port)).await.unwrap();
    drop(connected);
    for _ in 0..200 {
        if front.seen().packets.len() > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let last = front.seen().packets.pop().expect("CONNECT at least");
    assert_eq!(last, [0xe0, 0], "DISCONNECT: a broker must not take it for lost");
}
