//! The few packets that a device sends and hears, of MQTT 5 and 3.1.1 alike.
//!
//! Reason codes are read where the standard has them: the library knows no short DISCONNECT, and gives up on codes
//! that are not in its list. <https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html>

use rumqttc::mqttbytes::{self, v4};
use rumqttc::v5::mqttbytes::{self as mqttbytes5, v5};
use zeroize::{Zeroize, Zeroizing};

/// A claim lives for 5 minutes, and nobody pings while a slow device is written.
const KEEP_ALIVE_SECONDS: u16 = 300;

/// AWS IoT passes on no more than 128 kB.
const LIMIT: usize = 1 << 18;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::device_side) enum Version {
    V5,
    V311,
}

/// Why the other side will not; in the codes of MQTT 5, where 0x80 and above are refusals.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::device_side) struct Reason {
    pub(in crate::device_side) code: u8,
    /// MQTT 5's reason string; empty if there is none.
    pub(in crate::device_side) words: String,
}

impl Reason {
    pub(super) fn is_refusal(&self) -> bool {
        self.code >= 0x80
    }

    /// Not authorized; or in reply to SUBSCRIBE, unspecified, which is all that 3.1.1 can say.
    pub(in crate::device_side) fn is_about_topics(&self, published: bool) -> bool {
        self.code == 0x87 || (self.code == 0x80 && !published)
    }
}

/// A message on a topic subscribed to.
pub(in crate::device_side) struct Message {
    pub(in crate::device_side) topic: String,
    pub(in crate::device_side) payload: Zeroizing<Vec<u8>>,
}

pub(super) enum Heard {
    Connected(Reason),
    Message { message: Message, id: u16 },
    Taken { id: u16, reason: Reason },
    Subscribed { id: u16, reason: Reason },
    Disconnected(Reason),
    Other,
}

/// Something that is not MQTT.
#[derive(Debug)]
pub(super) struct NotMqtt;

/// The length of the first packet; `None` while it is not whole.
pub(super) fn first_packet(bytes: &[u8]) -> Result<Option<usize>, NotMqtt> {
    match mqttbytes::check(bytes.iter(), LIMIT) {
        Ok(header) => Ok(Some(header.frame_length())),
        Err(mqttbytes::Error::InsufficientBytes(_)) => Ok(None),
        Err(_) => Err(NotMqtt),
    }
}

/// The packet that will be sent, or nothing if it cannot be written.
type Written = Option<Zeroizing<Vec<u8>>>;

impl Version {
    pub(super) fn connect(self, client_id: &str) -> Written {
        let client_id = client_id.to_owned();
        match self {
            Self::V5 => {
                let connect =
                    v5::Connect { keep_alive: KEEP_ALIVE_SECONDS, client_id, clean_start: true, properties: None };
                write5(&v5::Packet::Connect(connect, None, None))
            }
            Self::V311 => {
                let mut connect = v4::Connect::new(client_id);
                connect.keep_alive = KEEP_ALIVE_SECONDS;
                write4(&v4::Packet::Connect(connect))
            }
        }
    }

    pub(super) fn subscribe(self, id: u16, topics: &[&str]) -> Written {
        match self {
            Self::V5 => {
                let filters = topics.iter().map(|topic| v5::Filter::new(*topic, mqttbytes5::QoS::AtLeastOnce));
                let mut subscribe = v5::Subscribe::new_many(filters, None);
                subscribe.pkid = id;
                write5(&v5::Packet::Subscribe(subscribe))
            }
            Self::V311 => {
                let filter = |topic: &&str| v4::SubscribeFilter::new((*topic).to_owned(), mqttbytes::QoS::AtLeastOnce);
                let mut subscribe = v4::Subscribe::new_many(topics.iter().map(filter));
                subscribe.pkid = id;
                write4(&v4::Packet::Subscribe(subscribe))
            }
        }
    }

    /// At QoS 1.
    pub(super) fn publish(self, id: u16, topic: &str, payload: &[u8]) -> Written {
        let (written, payload) = match self {
            Self::V5 => {
                let mut publish = v5::Publish::new(topic, mqttbytes5::QoS::AtLeastOnce, payload.to_vec(), None);
                publish.pkid = id;
                (write5(&v5::Packet::Publish(publish.clone())), publish.payload)
            }
            Self::V311 => {
                let mut publish = v4::Publish::new(topic, mqttbytes::QoS::AtLeastOnce, payload);
                publish.pkid = id;
                (write4(&v4::Packet::Publish(publish.clone())), publish.payload)
            }
        };
        if let Ok(mut payload) = payload.try_into_mut() {
            payload.as_mut().zeroize();
        }
        written
    }

    /// The acknowledgement of a message at QoS 1.
    pub(super) fn acknowledge(self, id: u16) -> Written {
        match self {
            Self::V5 => write5(&v5::Packet::PubAck(v5::PubAck::new(id, None))),
            Self::V311 => write4(&v4::Packet::PubAck(v4::PubAck::new(id))),
        }
    }

    pub(super) fn disconnect(self) -> Written {
        match self {
            Self::V5 => {
                let normal = v5::Disconnect::new(v5::DisconnectReasonCode::NormalDisconnection);
                write5(&v5::Packet::Disconnect(normal))
            }
            Self::V311 => write4(&v4::Packet::Disconnect),
        }
    }

    /// One whole packet.
    pub(super) fn hear(self, packet: &[u8]) -> Heard {
        let body = packet.iter().skip(1).position(|byte| byte & 0x80 == 0).map_or(&[][..], |at| &packet[at + 2..]);
        let byte = |at: usize| body.get(at).copied().unwrap_or_default();
        let id = u16::from_be_bytes([byte(0), byte(1)]);
        let reason = |code: u8| Reason { code, words: self.words(packet) };
        match packet.first().map_or(0, |first| first >> 4) {
            2 => Heard::Connected(reason(connack_code(byte(1)))),
            3 => self.message(packet),
            4 => Heard::Taken { id, reason: reason(byte(2)) },
            9 => {
                let worst = self.suback_codes(body).iter().copied().max().unwrap_or(0x80);
                Heard::Subscribed { id, reason: reason(worst) }
            }
            14 => Heard::Disconnected(reason(byte(0))),
            _ => Heard::Other,
        }
    }

    fn message(self, packet: &[u8]) -> Heard {
        let read = match self {
            Self::V5 => match read5(packet) {
                Some(v5::Packet::Publish(publish)) => {
                    let topic = String::from_utf8(publish.topic.to_vec()).ok();
                    topic.map(|topic| (topic, publish.pkid, publish.payload))
                }
                _ => None,
            },
            Self::V311 => match v4::Packet::read(&mut packet.into(), LIMIT) {
                Ok(v4::Packet::Publish(publish)) => Some((publish.topic, publish.pkid, publish.payload)),
                _ => None,
            },
        };
        let Some((topic, id, bytes)) = read else { return Heard::Other };
        let payload = Zeroizing::new(bytes.to_vec());
        if let Ok(mut bytes) = bytes.try_into_mut() {
            bytes.as_mut().zeroize();
        }
        Heard::Message { message: Message { topic, payload }, id }
    }

    /// One code for each topic.
    fn suback_codes(self, body: &[u8]) -> &[u8] {
        let rest = body.get(2..).unwrap_or_default();
        let properties = match self {
            Self::V5 => {
                let size = rest.iter().position(|byte| byte & 0x80 == 0).map_or(0, |at| at + 1);
                // MQTT has no longer ones; whoever sends one says nothing of use.
                if size > 4 {
                    return &[];
                }
                let length = rest[..size].iter().rev().fold(0, |sum, byte| (sum << 7) | usize::from(byte & 0x7f));
                size + length
            }
            Self::V311 => 0,
        };
        rest.get(properties..).unwrap_or_default()
    }

    fn words(self, packet: &[u8]) -> String {
        if self == Self::V311 {
            return String::new();
        }
        let words = match read5(packet) {
            Some(v5::Packet::ConnAck(ack)) => ack.properties.and_then(|has| has.reason_string),
            Some(v5::Packet::PubAck(ack)) => ack.properties.and_then(|has| has.reason_string),
            Some(v5::Packet::SubAck(ack)) => ack.properties.and_then(|has| has.reason_string),
            Some(v5::Packet::Disconnect(end)) => end.properties.and_then(|has| has.reason_string),
            _ => None,
        };
        words.unwrap_or_default()
    }
}

/// Of 3.1.1 in terms of 5. A broker that knows only the former answers in its form whatever was asked.
fn connack_code(code: u8) -> u8 {
    match code {
        1 => super::UNSUPPORTED_VERSION,
        2 => 0x85,
        3 => 0x88,
        4 => 0x86,
        5 => 0x87,
        other => other,
    }
}

fn read5(packet: &[u8]) -> Option<v5::Packet> {
    v5::Packet::read(&mut packet.into(), None).ok()
}

fn write5(packet: &v5::Packet) -> Written {
    let mut bytes = Default::default();
    packet.write(&mut bytes, None).ok()?;
    let written = Zeroizing::new(bytes.to_vec());
    bytes.as_mut().zeroize();
    Some(written)
}

fn write4(packet: &v4::Packet) -> Written {
    let mut bytes = Default::default();
    packet.write(&mut bytes, LIMIT).ok()?;
    let written = Zeroizing::new(bytes.to_vec());
    bytes.as_mut().zeroize();
    Some(written)
}

#[cfg(test)]
#[path = "packets_tests.rs"]
mod tests;
