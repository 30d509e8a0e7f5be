//! One file to write.

use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What a file, or a place in a device's own store, is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Part {
    /// Whom the device trusts.
    Ca,
    Certificate,
    PrivateKey,
    /// Where to connect, and as whom. Written last: where it is, the rest is whole.
    Settings,
}

/// One file to write. Has no `Debug`: it may be a private key.
pub(crate) struct Content {
    pub(crate) part: Part,
    pub(crate) name: Cow<'static, str>,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Content {
    pub(crate) fn pem(part: Part, name: impl Into<Cow<'static, str>>, text: &str) -> Self {
        Self::text(part, name, text)
    }

    /// Text with exactly one line end at its end: some devices need it, none minds it.
    pub(super) fn text(part: Part, name: impl Into<Cow<'static, str>>, text: &str) -> Self {
        let text = text.trim();
        // Sized at once: a buffer that grows would leave copies of a key behind it.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() + 1));
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        Self { part, name: name.into(), bytes }
    }

    pub(super) fn bytes(part: Part, name: impl Into<Cow<'static, str>>, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { part, name: name.into(), bytes }
    }

    /// Settings for people to read, too.
    pub(super) fn json(name: &'static str, settings: &impl Serialize) -> serde_json::Result<Self> {
        let mut bytes = serde_json::to_vec_pretty(settings)?;
        bytes.push(b'\n');
        Ok(Self::bytes(Part::Settings, name, Zeroizing::new(bytes)))
    }

    pub(crate) fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// Lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
