//! How a connection ends when nobody here wanted it to, and what that usually means.

use fieldkey_core::{Code, Failure, Why};
use rustls::AlertDescription;

use super::mqtt::Reason;

/// Why a connection did not come about, or is no more.
#[derive(Debug)]
pub(super) enum Ended {
    /// Found out already.
    Known(Failure),
    /// TLS's word on our certificate.
    Alert(AlertDescription),
    /// MQTT's word.
    Refused(Reason),
    /// The other side hung up without a word, as AWS IoT does on MQTT 3.1.1.
    Silently,
    OutOfTime,
    /// The network, in the system's words.
    Broken(String),
    NotMqtt,
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Known(failure)
    }
}

/// What was going on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment<'a> {
    Connecting,
    Subscribing(&'a str),
    Publishing(&'a str),
    /// For a message on this topic.
    Waiting(&'a str),
}

impl Ended {
    /// What means the same whoever is connected.
    ///
    /// # Errors
    /// What is left is about the certificate that was shown.
    pub(super) fn common(self, host: &str, moment: Moment<'_>) -> Result<Failure, Self> {
        let failure = |code| Failure::new(code).about(host);
        Ok(match self {
            Self::Known(failure) => failure,
            Self::OutOfTime => failure(Code::Offline).because_of(no_answer(moment)),
            Self::Broken(words) => failure(Code::Offline).because(words),
            Self::NotMqtt => {
                let why = Why::new("what answers there speaks no MQTT", "MQTT 以外の応答がありました");
                failure(Code::WrongEndpoint).because_of(why)
            }
            Self::Alert(AlertDescription::UnrecognisedName) => {
                let why = Why::new("nobody has that name there", "その名前のエンドポイントはありません");
                failure(Code::WrongEndpoint).because_of(why)
            }
            Self::Alert(AlertDescription::ProtocolVersion) => {
                let why = Why::new("it speaks no TLS 1.2 or newer", "TLS 1.2 以降に対応していません");
                failure(Code::WrongEndpoint).because_of(why)
            }
            Self::Refused(reason) if is_throttling(reason.code) => failure(Code::Throttled).because_of(named(&reason)),
            Self::Refused(reason) if is_unwell(reason.code) => failure(Code::ServiceError).because_of(named(&reason)),
            left => return Err(left),
        })
    }
}

/// Server busy, message rate too high, quota exceeded, connection rate exceeded.
fn is_throttling(code: u8) -> bool {
    matches!(code, 0x89 | 0x96 | 0x97 | 0x9f)
}

/// Malformed packet, protocol error, implementation specific error, unavailable, shutting down.
fn is_unwell(code: u8) -> bool {
    matches!(code, 0x81..=0x83 | 0x88 | 0x8b)
}

/// The reason as MQTT has it.
pub(super) fn named(reason: &Reason) -> Why {
    let code = match reason.code {
        0x80 => "0x80, unspecified",
        0x85 => "0x85, client ID not valid",
        0x87 => "0x87, not authorized",
        0x89 => "0x89, server busy",
        0x8e => "0x8e, session taken over",
        0x97 => "0x97, quota exceeded",
        0x9f => "0x9f, connection rate exceeded",
        other => return with_words(format!("MQTT {other:#04x}"), reason),
    };
    with_words(format!("MQTT {code}"), reason)
}

fn with_words(name: String, reason: &Reason) -> Why {
    let text = if reason.words.is_empty() { name } else { format!("{name}: {}", reason.words) };
    Why::new(text.clone(), text)
}

/// One reason before another.
pub(super) fn both(first: &Why, then: &Why) -> Why {
    Why::new(format!("{}; {}", first.en, then.en), format!("{}。{}", first.ja, then.ja))
}

fn no_answer(moment: Moment<'_>) -> Why {
    let to = match moment {
        Moment::Connecting => "CONNECT".to_owned(),
        Moment::Subscribing(topic) => format!("SUBSCRIBE {topic}"),
        Moment::Publishing(topic) | Moment::Waiting(topic) => format!("PUBLISH {topic}"),
    };
    Why::new(format!("no answer in time to {to}"), format!("{to} への応答が時間内にありません"))
}

/// What TLS calls it, such as `UnknownCA`.
pub(super) fn alert(alert: AlertDescription) -> Why {
    let name = alert.as_str().map_or_else(|| u8::from(alert).to_string(), str::to_owned);
    match alert {
        AlertDescription::CertificateExpired => {
            Why::new("TLS: the certificate has expired", "TLS: 証明書の有効期限が切れています")
        }
        AlertDescription::CertificateRevoked => {
            Why::new("TLS: the certificate is revoked", "TLS: 証明書は失効しています")
        }
        _ => Why::new(
            format!("TLS alert {name}: the certificate was not accepted"),
            format!("TLS アラート {name}: 証明書が受け入れられませんでした"),
        ),
    }
}
