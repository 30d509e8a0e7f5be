//! A recipe that has been checked, ready to be followed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::recipe::{Digest, Encoding, Flow, Key, Proof, Refused, TextLineEnd};
use super::refusal::Meaning;
use super::template::Template;
use crate::layout::Part;

/// How one kind of modem is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// What `--driver` takes.
    pub(crate) name: String,
    /// For people who choose among them.
    pub(crate) about: String,
    pub(crate) baud: u32,
    pub(crate) flow: Flow,
    /// What ends a command.
    pub(super) end: &'static str,
    pub(super) place: Template,
    pub(super) longest_name: usize,
    pub(super) largest: usize,
    pub(super) proof: Proof,
    pub(super) digest: Option<Digest>,
    pub(super) ask: Vec<String>,
    pub(super) contains: Vec<String>,
    pub(super) places: Vec<Place>,
    pub(super) setup: Vec<Step>,
    pub(super) teardown: Vec<Step>,
    pub(super) held: Vec<Step>,
    pub(super) room: Vec<Step>,
    pub(super) read: Vec<Step>,
    pub(super) remove: Vec<Step>,
    pub(super) write: Vec<Step>,
    pub(super) errors: BTreeMap<String, Meaning>,
}

/// Where one part goes.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) name: String,
    pub(super) words: BTreeMap<String, String>,
    pub(super) encoding: Encoding,
    pub(super) key: Key,
    pub(super) line_ends: TextLineEnd,
    /// What has the modem take it into use, once it is proved.
    pub(super) accept: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) send: Template,
    pub(super) answer: Option<Template>,
    pub(super) content: Option<Template>,
    pub(super) payload: Option<Payload>,
    pub(super) timeout: Duration,
    pub(super) refused: Refused,
}

/// How the payload is handed over.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    pub(super) prompt: String,
    /// So many bytes, then the mark is waited for.
    pub(super) acknowledge: Option<(usize, String)>,
    /// After so long without data the modem gives up waiting. `None`: it waits for ever.
    pub(super) hold: Option<Duration>,
}

impl Recipe {
    pub(super) fn place_of(&self, part: Part) -> Option<&Place> {
        self.places.iter().find(|place| place.part == part)
    }

    /// What its places are called where nobody says otherwise.
    pub(crate) fn place_names(&self) -> impl Iterator<Item = (Part, &str)> {
        self.places.iter().map(|place| (place.part, place.name.as_str()))
    }

    /// How long a modem that was left in the middle of a payload says nothing.
    pub(super) fn hold(&self) -> Option<Duration> {
        self.write.iter().find_map(|step| step.payload.as_ref()?.hold)
    }
}

/// What the firmware of every modem takes, and no command can be broken out of with.
pub(super) fn is_name(name: &str, longest: usize) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    !name.is_empty() && name.len() <= longest && name.chars().all(plain)
}
