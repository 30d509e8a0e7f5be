//! Windows.

use std::path::{Path, PathBuf};

use fieldkey_core::Why;
use known_folders::{KnownFolder, get_known_folder_path};
use windows_permissions::constants::{SeObjectType, SecurityInformation};
use windows_permissions::wrappers::{
    ConvertSecurityDescriptorToStringSecurityDescriptor as to_words, GetNamedSecurityInfo as ask,
};

use crate::sddl;

/// Every account may make things in the folder for programs' data, and a junction needs no right beyond that.
pub(crate) const ANYBODY_MAY_LINK: bool = true;

/// The system is asked: what `%ProgramData%` says, everybody can set for themselves.
pub(crate) fn folder() -> PathBuf {
    // It has one; were it not to say where, a relative path would be looked for in somebody's own folder.
    let data = get_known_folder_path(KnownFolder::ProgramData).unwrap_or_else(|| r"C:\ProgramData".into());
    data.join("Fieldkey")
}

/// Whom files must belong to.
#[derive(Debug)]
pub(crate) enum Owner {
    Administrators,
    /// For tests: nothing is looked at.
    Anybody,
}

impl Owner {
    pub(crate) fn administrators() -> Self {
        Self::Administrators
    }

    pub(crate) fn whoever_runs_this() -> Self {
        Self::Anybody
    }
}

pub(crate) fn alone_writes(owner: &Owner, path: &Path) -> Result<(), Why> {
    if matches!(owner, Owner::Anybody) {
        return Ok(());
    }
    let path = plain(path);
    let what = SecurityInformation::Owner | SecurityInformation::Dacl;
    let words = ask(&path, SeObjectType::SE_FILE_OBJECT, what).and_then(|found| to_words(&found, what));
    let words = words.map_err(|error| Why::of_system(&error))?;
    sddl::judge(&words.to_string_lossy(), &path, path.is_dir())
}

/// `canonicalize` puts `\\?\` in front.
fn plain(path: &Path) -> PathBuf {
    path.to_str().and_then(|text| text.strip_prefix(r"\\?\")).map_or_else(|| path.to_owned(), PathBuf::from)
}
