//! What the window remembers between starts. No secrets: those are the keychain's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::shell::zoom;
use crate::views::Theme;
use crate::{folders, whole};

/// No list is longer that a person still looks through.
const MOST_SITES: usize = 50;

#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    pub(crate) site: Option<PathBuf>,
    /// Site files, the one opened last at the front.
    pub(crate) sites: Vec<PathBuf>,
    /// Whose session the keychain may keep, by site file.
    pub(crate) users: BTreeMap<PathBuf, String>,
    /// `en` or `ja`; `None` follows the system.
    pub(crate) language: Option<String>,
    pub(crate) theme: Theme,
    /// Say by a sound, too, how a run ended.
    pub(crate) sound: bool,
    /// In percent; `None` is 100.
    pub(crate) zoom: Option<u16>,
    /// A newer Fieldkey is looked for only when somebody asks.
    pub(crate) no_look_at_start: bool,
    /// When somebody was asked last, in seconds since 1970.
    pub(crate) looked_for_update: Option<i64>,
    /// What they said, if there was one.
    pub(crate) found_update: Option<serde_json::Value>,
}

impl Settings {
    /// Settings that cannot be read are as good as none: everything in them can be chosen again.
    pub(crate) fn load(file: &Path) -> Self {
        std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Best effort, for the same reason.
    pub(crate) fn save(&self, file: &Path) {
        let Ok(bytes) = serde_json::to_vec_pretty(self) else { return };
        let folder = file.parent().unwrap_or(file);
        let saved = std::fs::create_dir_all(folder).and_then(|()| whole::write(file, &bytes));
        if let Err(error) = saved {
            tracing::warn!(%error, "the settings were not saved");
        }
    }

    pub(crate) fn site_was_opened(&mut self, path: &Path) {
        self.sites.retain(|site| site != path);
        self.sites.insert(0, path.to_owned());
        self.sites.truncate(MOST_SITES);
        self.site = Some(path.to_owned());
    }

    /// In percent, within what can still be read and fits.
    pub(crate) fn zoom(&self) -> u16 {
        self.zoom.unwrap_or(zoom::ACTUAL).clamp(50, 200)
    }

    pub(crate) fn forget(&mut self, path: &Path) {
        self.sites.retain(|site| site != path);
        self.users.remove(path);
        if self.site.as_deref() == Some(path) {
            self.site = None;
        }
    }

    pub(crate) fn file() -> Option<PathBuf> {
        Some(folders::settings()?.join("window.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_a_restart_and_garbage_is_no_crash() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deep/window.json");
        let users = BTreeMap::from([(folder.path().join("site.json"), "a@example.com".into())]);
        let settings = Settings { users, ..Settings::default() };
        settings.save(&file);
        assert_eq!(Settings::load(&file), settings);
        std::fs::write(&file, "{ half").expect("writable");
        assert_eq!(Settings::load(&file), Settings::default());
    }
}
