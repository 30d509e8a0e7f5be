//! What the organisation that looks after a computer allows on it: the policy file, and the one place that decides by
//! it. Command line and window ask here.

mod rules;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use rules::{Feature, Rules};

use crate::Why;
use crate::mistakes::{self, PROBLEMS, Problem};

/// What operators of this computer may do. A key that is missing allows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Fieldkey policy file")]
pub struct Policy {
    /// Which site files may be opened: `any`, or only those `preseeded` in the folder `sites` beside the policy.
    pub sites: Sites,
    /// The system's keychain may keep a sign-in beyond the end of the program.
    pub stay_signed_in: bool,
    /// Many devices may be written side by side.
    pub bench: bool,
    /// A claim may be written into a file for an installer somewhere else.
    pub claim_export: bool,
    /// The claim of such a file may be written onto a device.
    pub claim_open: bool,
    /// The record of runs may be written into a file.
    pub journal_export: bool,
    /// The built-in site may be opened, whose AWS and devices are pretended.
    pub practise: bool,
    /// The window may look for newer versions of itself, and put one in its own place.
    pub updates: bool,
}

// A doc comment on a variant would make the schema say it in a way that ours does not read.
/// Which site files may be opened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sites {
    #[default]
    Any,
    Preseeded,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            sites: Sites::Any,
            stay_signed_in: true,
            bench: true,
            claim_export: true,
            claim_open: true,
            journal_export: true,
            practise: true,
            updates: true,
        }
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// Every problem found, never an empty list.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let text = mistakes::without_mark(text);
        let (object, mut problems) = mistakes::check(text, &schema()).map_err(|problem| vec![problem])?;
        problems.truncate(PROBLEMS);
        if !problems.is_empty() {
            return Err(problems);
        }
        serde_json::from_value(Value::Object(object))
            .map_err(|error| vec![Problem::new("", None, Why::new(error.to_string(), error.to_string()))])
    }

    pub fn allows(&self, feature: Feature) -> bool {
        match feature {
            Feature::OtherSites => self.sites == Sites::Any,
            Feature::StaySignedIn => self.stay_signed_in,
            Feature::Bench => self.bench,
            Feature::ClaimExport => self.claim_export,
            Feature::ClaimOpen => self.claim_open,
            Feature::JournalExport => self.journal_export,
            Feature::Practise => self.practise,
            Feature::Updates => self.updates,
        }
    }
}

/// The JSON Schema that `docs/policy.schema.json` publishes.
pub fn schema() -> Value {
    schemars::schema_for!(Policy).to_value()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
