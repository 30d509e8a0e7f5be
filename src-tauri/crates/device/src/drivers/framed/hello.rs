//! The greeting, and what a device says of itself.

use fieldkey_core::ports::Caution;

use super::codec::{Request, encode};
use super::fields::Fields;

const VERSION: u8 = 1;

const VOLATILE: u8 = 0x01;
const KEYS_READABLE: u8 = 0x02;

/// The smallest payload that a device must take.
const LEAST: usize = 256;

/// A device's answer to the greeting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Hello {
    flags: u8,
    /// The largest payload, in bytes.
    pub(super) payload: usize,
    /// The largest object, in bytes.
    pub(super) object_size: u32,
    /// The most objects.
    pub(super) objects: u8,
    /// Bit n: objects of kind n are taken.
    pub(super) kinds: u8,
    /// Bit n: keys of type n are made.
    pub(super) key_types: u8,
    /// The most renames at once.
    pub(super) moves: u8,
    /// The longest name, in bytes.
    pub(super) name: u8,
    pub(super) who: Who,
}

/// What must stay the same when a device answers again after it started anew.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Who {
    maker: String,
    model: String,
    firmware: String,
    serial_number: String,
}

impl Hello {
    /// `None` if it cannot be, or is no answer that version 1 has. What a later minor change adds behind is ignored.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields(payload);
        let version = fields.byte()?;
        let flags = fields.byte()?;
        let payload = usize::from(fields.u16()?);
        let object_size = fields.u32()?;
        let _room = fields.u32()?;
        let [objects, kinds, key_types, moves, name] =
            [fields.byte()?, fields.byte()?, fields.byte()?, fields.byte()?, fields.byte()?];
        let who = Who {
            maker: fields.text()?,
            model: fields.text()?,
            firmware: fields.text()?,
            serial_number: fields.text()?,
        };
        let sound = version == VERSION && payload >= LEAST && moves > 0 && name > 0;
        sound.then_some(Self { flags, payload, object_size, objects, kinds, key_types, moves, name, who })
    }

    /// `Acme gateway 2 1.4.0 (SN 42)`.
    pub(super) fn text(&self) -> Option<String> {
        let Who { maker, model, firmware, serial_number } = &self.who;
        let words: Vec<&str> = [maker, model, firmware].into_iter().map(|text| text.trim()).collect();
        let mut text = words.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        if !serial_number.is_empty() {
            text.push_str(&format!(" (SN {serial_number})"));
        }
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn cautions(&self) -> Vec<Caution> {
        let all = [(VOLATILE, Caution::VolatileStorage), (KEYS_READABLE, Caution::ReadableKey)];
        all.into_iter().filter(|(flag, _)| self.flags & flag != 0).map(|(_, caution)| caution).collect()
    }
}

/// A sequence number with which the greeting has no byte that means something to a shell, a REPL or a modem: they may
/// be at the other end. For the same reason it has no payload.
pub(super) fn sequence() -> u8 {
    let harmless = |byte: &u8| *byte >= 0x80 || byte.is_ascii_alphanumeric() || *byte == 0;
    (0x80..=u8::MAX).find(|sequence| encode(Request::Hello as u8, *sequence, &[]).iter().all(harmless)).unwrap_or(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_holds_nothing_that_a_shell_a_repl_or_a_modem_acts_on() {
        let frame = encode(Request::Hello as u8, sequence(), &[]);
        let text: String = frame.iter().map(|byte| char::from(*byte)).collect();
        let acted_on = |c: char| c.is_ascii_control() && c != '\0' || "\"'`$;&|<>*?!#\\(){}[]~^%=,:@+-/".contains(c);
        assert_eq!(text.find(acted_on), None, "{text:?}");
    }

    #[test]
    fn an_answer_that_cannot_be_is_none() {
        let sound = [&b"\x01\x00\x04\0\0\0\x10\0\0\0\x10\0\x10\x0f\x01\x10\x40"[..], b"\x04Acme\x01g\x00\x00"].concat();
        let hello = Hello::parse(&sound).expect("sound");
        assert_eq!(hello.text().as_deref(), Some("Acme g"));
        assert!(Hello::parse(&[&sound[..], b"more"].concat()).is_some(), "later additions are ignored");
        for cut in 0..sound.len() {
            assert!(Hello::parse(&sound[..cut]).is_none(), "{cut} bytes of it");
        }
        assert_eq!(hello.cautions(), []);
        let mut other = sound.clone();
        other[1] = VOLATILE | KEYS_READABLE | 0x80;
        let cautions = Hello::parse(&other).expect("flags of later versions are ignored").cautions();
        assert_eq!(cautions, [Caution::VolatileStorage, Caution::ReadableKey]);
        other[0] = 2;
        assert!(Hello::parse(&other).is_none(), "another version");
        other = sound;
        other[2..4].copy_from_slice(&[0, 16]);
        assert!(Hello::parse(&other).is_none(), "frames too small to say anything");
    }
}
