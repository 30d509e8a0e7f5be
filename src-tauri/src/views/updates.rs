//! Newer versions of Fieldkey.

use serde::Serialize;
use tauri_plugin_updater::Update;
use time::format_description::well_known::Rfc3339;
use ts_rs::TS;

/// The longest texts of a release that are shown, in characters.
const NOTES: usize = 8_000;
const VERSION: usize = 64;

/// Who sees to it that this computer has the newest Fieldkey.
#[derive(Serialize, TS)]
#[serde(tag = "by", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export)]
pub(crate) enum Updates {
    /// The window. `from`: the host that it asks.
    Itself { from: String, at_start: bool },
    /// Whatever installed it.
    Others,
    /// The organisation has switched it off.
    Nobody,
    /// Whoever built this did not say where to look.
    Nowhere,
}

/// A newer version.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct UpdateView {
    version: String,
    /// RFC 3339.
    date: Option<String>,
    /// What is new, as plain text. It is not signed.
    notes: Option<String>,
}

impl UpdateView {
    pub(crate) fn of(update: &Update) -> Self {
        let cut = |text: &str, at| text.chars().take(at).collect::<String>();
        let notes = update.body.as_deref().map(|notes| cut(notes, NOTES));
        Self {
            version: cut(&update.version, VERSION),
            date: update.date.and_then(|date| date.format(&Rfc3339).ok()),
            notes: notes.filter(|notes| !notes.trim().is_empty()),
        }
    }
}

/// How much of a package is here, in bytes.
#[derive(Clone, Copy, Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct Downloaded {
    #[ts(type = "number")]
    pub(crate) done: u64,
    /// `null`: nobody said.
    #[ts(type = "number | null")]
    pub(crate) of: Option<u64>,
}
