//! Which files a driver puts onto a drive, and what is in them.

mod claim;
mod identity;
mod record;

use std::borrow::Cow;

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Failure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub(crate) use claim::{CERTIFICATE, Claim, PRIVATE_KEY, SETTINGS};
pub(crate) use identity::{CERTIFICATE_END, IDENTITY, PRIVATE_KEY_END};
pub(crate) use record::Record;

pub(crate) const CA: &str = "AmazonRootCA1.pem";

/// One driver's way of laying a bundle out in a folder.
pub(crate) struct Layout {
    pub(crate) driver: &'static str,
    /// In the order of writing. Where the last one is, the rest is whole. An identity's names begin with its
    /// certificate ID, which nobody knows yet: others of the same length stand for them.
    pub(crate) names: fn(Kind) -> &'static [&'static str],
    /// The contents, in the order of `names`.
    pub(crate) contents: fn(&Bundle) -> Result<Vec<Content>, Failure>,
}

/// Every driver that writes files. The first one is the default.
pub(crate) const LAYOUTS: [Layout; 1] = [Layout { driver: "drive", names: drive_names, contents: drive }];

fn drive_names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Claim => &claim::NAMES,
        Kind::Identity => &identity::NAMES,
    }
}

fn drive(bundle: &Bundle) -> Result<Vec<Content>, Failure> {
    match bundle {
        Bundle::Claim(claim) => claim::contents(claim),
        Bundle::Identity(identity) => identity::contents(identity),
    }
}

/// One file to write. Has no `Debug`: it may be a private key.
pub(crate) struct Content {
    pub(crate) name: Cow<'static, str>,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Content {
    /// PEM text with exactly one line end at its end: some devices need it, none minds it.
    fn pem(name: impl Into<Cow<'static, str>>, text: &str) -> Self {
        let text = text.trim();
        // Sized at once: a buffer that grows would leave copies of a key behind it.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() + 1));
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        Self { name: name.into(), bytes }
    }

    /// Settings for people to read, too.
    fn json(name: &'static str, settings: &impl Serialize) -> serde_json::Result<Self> {
        let mut bytes = serde_json::to_vec_pretty(settings)?;
        bytes.push(b'\n');
        Ok(Self { name: name.into(), bytes: Zeroizing::new(bytes) })
    }

    pub(crate) fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// Lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Which file is what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Files {
    pub(crate) certificate: String,
    pub(crate) private_key: String,
    pub(crate) ca: String,
}

impl Files {
    pub(crate) fn each(&self) -> [&str; 3] {
        [&self.certificate, &self.private_key, &self.ca]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::claim::tests::bundle;
    pub(crate) use super::identity::tests::identity;
    use super::*;

    #[test]
    fn contents_come_in_the_order_of_the_names() {
        for layout in LAYOUTS {
            let contents = (layout.contents)(&bundle()).expect("contents");
            let names: Vec<&str> = contents.iter().map(|content| &*content.name).collect();
            assert_eq!(names, (layout.names)(Kind::Claim), "the last name is the one that says the rest is whole");
        }
    }

    #[test]
    fn an_identity_s_names_are_as_long_as_those_that_stand_for_them() {
        for layout in LAYOUTS {
            let contents = (layout.contents)(&Bundle::Identity(identity(1))).expect("contents");
            let lengths: Vec<usize> = contents.iter().map(|content| content.name.len()).collect();
            let expected: Vec<usize> = (layout.names)(Kind::Identity).iter().map(|name| name.len()).collect();
            assert_eq!(lengths, expected, "the probe for room takes their place");
        }
    }

    #[test]
    fn pem_files_end_in_one_line_end() {
        for bundle in [bundle(), Bundle::Identity(identity(1))] {
            for content in &drive(&bundle).expect("contents")[..3] {
                assert!(content.bytes.ends_with(b"-----\n"), "{} must end in one line end", content.name);
            }
        }
    }

    #[test]
    fn a_bundle_gives_the_same_bytes_each_time() {
        for bundle in [bundle(), Bundle::Identity(identity(1))] {
            let [first, second] = [drive(&bundle), drive(&bundle)].map(|c| c.expect("contents"));
            for (a, b) in first.iter().zip(&second) {
                assert!(a.bytes == b.bytes, "{}: the read-back compares with a second building", a.name);
            }
        }
    }
}
