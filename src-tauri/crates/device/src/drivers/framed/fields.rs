//! Numbers and names within a payload, most significant byte first.

use zeroize::Zeroizing;

use super::link::Payload;

/// Takes a payload apart from its start.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*bytes))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    /// A length of one byte, and so many bytes.
    pub(super) fn text(&mut self) -> Option<String> {
        let length = self.byte()?;
        let (bytes, rest) = self.0.split_at_checked(length.into())?;
        self.0 = rest;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Adds a length of one byte, and the text. `None` if it is longer than 255 bytes.
pub(super) fn add_text(payload: &mut Vec<u8>, text: &str) -> Option<()> {
    payload.push(u8::try_from(text.len()).ok()?);
    payload.extend_from_slice(text.as_bytes());
    Some(())
}

/// A payload that may come to hold a key: it never grows.
pub(super) fn sized(limit: usize) -> Payload {
    Zeroizing::new(Vec::with_capacity(limit))
}
