//! What is around the page.

use std::path::{Path, PathBuf};

use fieldkey_core::site::{Problem, Site};
use fieldkey_core::{Failure, FailureView, Language};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Colours: the system's choice, or the person's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// What a person chose in the menu.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum MenuCommand {
    OpenSite,
    Practise,
    Sites,
    Provision,
    Bench,
    Devices,
    Journal,
    Settings,
    About,
    CopyDiagnostics,
    LanguageEn,
    LanguageJa,
    ThemeSystem,
    ThemeLight,
    ThemeDark,
}

impl MenuCommand {
    pub(crate) fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }
}

/// Files that are dragged over the window.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "state", rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum Drop {
    Over,
    Left,
    Dropped { paths: Vec<PathBuf> },
}

#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct About {
    pub(crate) version: &'static str,
    /// Of every crate and package in the program, as plain text.
    pub(crate) licences: &'static str,
}

/// How the last start ended, if badly.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct CrashReport {
    /// RFC 3339.
    pub(crate) at: String,
    /// Plain text without secrets.
    pub(crate) text: String,
}

/// A site file that was opened once, or that everybody on this computer has.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct SiteEntry {
    path: PathBuf,
    /// `null`: the file cannot be read now.
    name: Option<String>,
    region: Option<String>,
    /// Whose session is kept or alive there.
    operator: Option<String>,
    /// The organisation put it on this computer: it stays in the list.
    organisation: bool,
    /// Why it cannot be opened: what is wrong with one of the organisation's, or the policy.
    refused: Option<SiteFailure>,
}

impl SiteEntry {
    pub(crate) fn new(path: &Path, site: Option<&Site>, operator: Option<String>) -> Self {
        let (name, region) = site.map(|site| (site.name.clone(), site.region.clone())).unzip();
        Self { path: path.to_owned(), name, region, operator, organisation: false, refused: None }
    }

    pub(crate) fn of_organisation(self, organisation: bool) -> Self {
        Self { organisation, ..self }
    }

    pub(crate) fn refused(self, refused: Option<SiteFailure>) -> Self {
        Self { refused, ..self }
    }
}

/// A site file that cannot be opened.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct SiteFailure {
    #[serde(flatten)]
    #[ts(flatten)]
    failure: FailureView,
    path: PathBuf,
    /// Every mistake, in the order of the file; empty if the file could not be read at all.
    problems: Vec<SiteProblem>,
}

#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct SiteProblem {
    /// The key, `endpoints.iot`; empty for the file as a whole.
    key: String,
    /// From 1; `null` for what is missing.
    line: Option<usize>,
    /// What is wrong and what to write instead.
    en: String,
    ja: String,
}

impl SiteFailure {
    pub(crate) fn new(path: &Path, failure: &Failure, problems: &[Problem]) -> Self {
        let mut problems: Vec<SiteProblem> = problems
            .iter()
            .map(|problem| SiteProblem {
                key: problem.key.clone(),
                line: problem.line,
                en: problem.what(Language::English).to_owned(),
                ja: problem.what(Language::Japanese).to_owned(),
            })
            .collect();
        problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        Self { failure: failure.view(), path: path.to_owned(), problems }
    }
}
