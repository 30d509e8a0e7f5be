use super::*;

#[test]
fn a_disconnect_of_one_byte_has_its_reason() {
    let Heard::Disconnected(reason) = Version::V5.hear(&[0xe0, 1, 0x87]) else { panic!("a DISCONNECT") };
    assert_eq!((reason.code, reason.is_refusal()), (0x87, true), "the library takes it for cut off");
    let Heard::Disconnected(reason) = Version::V5.hear(&[0xe0, 0]) else { panic!("a DISCONNECT") };
    assert_eq!(reason.code, 0, "none means a normal one");
}

#[test]
fn a_reason_string_is_heard() {
    let text = b"\x1f\x00\x05Not a";
    let packet = [&[0x20, 11, 0, 0x87, 8][..], text].concat();
    let Heard::Connected(reason) = Version::V5.hear(&packet) else { panic!("a CONNACK") };
    assert_eq!(reason, Reason { code: 0x87, words: "Not a".into() });
}

#[test]
fn an_older_broker_s_refusal_of_mqtt_5_is_understood() {
    let Heard::Connected(reason) = Version::V5.hear(&[0x20, 2, 0, 1]) else { panic!("a CONNACK") };
    assert_eq!(reason.code, 0x84, "it cannot but say so in its own form");
}

#[test]
fn one_refused_topic_of_two_is_a_refusal() {
    let Heard::Subscribed { id, reason } = Version::V5.hear(&[0x90, 5, 0, 7, 0, 1, 0x87]) else { panic!("SUBACK") };
    assert_eq!((id, reason.code), (7, 0x87));
    let Heard::Subscribed { reason, .. } = Version::V311.hear(&[0x90, 4, 0, 7, 0x80, 1]) else { panic!("SUBACK") };
    assert!(reason.is_refusal());
}

#[test]
fn packets_cut_short_or_garbled_are_nothing_worse() {
    for packet in [&[][..], &[0x20], &[0x90, 2, 0, 7], &[0x90, 5, 0, 7, 0xff, 0xff, 0xff], &[0x30, 2, 0, 9], &[0x40, 0]]
    {
        for version in [Version::V5, Version::V311] {
            version.hear(packet);
        }
    }
    assert!(first_packet(b"HTTP/1.1 400 Bad Request").is_ok_and(|whole| whole.is_none()), "it waits for the rest");
    assert!(first_packet(&[0x20, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
}
