//! The open site, who is signed in, and what the page needs to begin.

use fieldkey_cloud::WhoIsIt;
use fieldkey_core::{FailureView, Site};
use serde::Serialize;
use ts_rs::TS;

#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct SiteView {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) serial_number_pattern: String,
    pub(crate) thing_name_prefix: String,
}

impl SiteView {
    pub(crate) fn new(path: &std::path::Path, site: &Site) -> Self {
        Self {
            path: path.display().to_string(),
            name: site.name.clone(),
            region: site.region.clone(),
            serial_number_pattern: site.serial_number_pattern.clone(),
            thing_name_prefix: site.thing_name_prefix.clone(),
        }
    }
}

#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct OperatorView {
    pub(crate) name: String,
    /// The keychain keeps the session; otherwise it ends with the program.
    pub(crate) kept: bool,
}

impl From<WhoIsIt> for OperatorView {
    fn from(who: WhoIsIt) -> Self {
        Self { name: who.name, kept: who.kept }
    }
}

/// What the page needs to begin.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct Start {
    pub(crate) site: Option<SiteView>,
    /// Why the site opened last could not be opened again, or its operator not be signed in.
    pub(crate) failure: Option<FailureView>,
    pub(crate) operator: Option<OperatorView>,
    /// Chosen on the command line.
    pub(crate) target: Option<String>,
    #[ts(type = "\"en\" | \"ja\"")]
    pub(crate) language: &'static str,
    /// There is a keychain to stay signed in with.
    pub(crate) keychain: bool,
}
