//! A driver file, as it is read: `docs/drivers.md` explains each key to those who write one.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::refusal::Meaning;

/// Its texts are taken apart and checked afterwards, by `check`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) name: Spanned<String>,
    pub(super) about: Spanned<String>,
    pub(super) baud: Spanned<u32>,
    #[serde(default)]
    pub(super) flow: Flow,
    #[serde(default)]
    pub(super) line_end: LineEnd,
    #[serde(default)]
    pub(super) place: Option<Spanned<String>>,
    pub(super) longest_name: Spanned<u32>,
    pub(super) largest: Spanned<u32>,
    pub(super) proof: Spanned<Proof>,
    #[serde(default)]
    pub(super) digest: Option<Digest>,
    #[serde(rename = "match")]
    pub(super) tells: Match,
    pub(super) ca: Part,
    pub(super) certificate: Part,
    pub(super) private_key: Part,
    #[serde(default)]
    pub(super) setup: Vec<Step>,
    #[serde(default)]
    pub(super) teardown: Vec<Step>,
    pub(super) held: Vec<Step>,
    #[serde(default)]
    pub(super) room: Vec<Step>,
    #[serde(default)]
    pub(super) read: Vec<Step>,
    pub(super) remove: Vec<Step>,
    pub(super) write: Vec<Step>,
    #[serde(default)]
    pub(super) errors: BTreeMap<String, Meaning>,
}

/// Who the modem says it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Match {
    pub(super) ask: Spanned<Vec<Spanned<String>>>,
    pub(super) contains: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Part {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) words: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) encoding: Encoding,
    #[serde(default)]
    pub(super) key: Key,
    #[serde(default)]
    pub(super) line_ends: TextLineEnd,
    #[serde(default)]
    pub(super) accept: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Step {
    pub(super) send: Spanned<String>,
    #[serde(default)]
    pub(super) answer: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) content: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) payload: Option<Payload>,
    #[serde(default)]
    pub(super) timeout: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) refused: Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Payload {
    pub(super) prompt: Spanned<String>,
    #[serde(default)]
    pub(super) block: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) acknowledge: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) hold: Option<Spanned<u32>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Flow {
    #[default]
    None,
    RtsCts,
}

/// What ends a command.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LineEnd {
    #[default]
    Cr,
    CrLf,
}

/// What ends a line of PEM text.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TextLineEnd {
    #[default]
    Lf,
    CrLf,
}

/// What says that the right thing is there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Proof {
    /// The digest that the modem computes of what it holds.
    Digest,
    /// All of it, read back.
    ReadBack,
    /// It is in the list of what is held. Says nothing about what is in it.
    Listed,
}

/// What `{digest}` is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Digest {
    /// MD5 of the DER, hex: of what was in the PEM, not of the text.
    Md5OfDer,
    /// The exclusive or of all pairs of bytes sent, hex; big-endian, a single last byte with 0 behind it.
    Xor16,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Encoding {
    #[default]
    Pem,
    Der,
}

/// The private key's form.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Key {
    #[default]
    AsIs,
    Pkcs8,
    Traditional,
}

/// What a refusal of this step means.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Refused {
    /// The end.
    #[default]
    Fails,
    /// Nothing: go on with the next one.
    GoOn,
    /// There is nothing in this place.
    Absent,
}
