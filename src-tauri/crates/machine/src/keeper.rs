//! Who keeps the machine's folder: nobody else may be able to write to what counts.

use std::path::{Path, PathBuf};

use fieldkey_core::Why;

use crate::platform::{self, Owner};

/// Whose word counts, and up to which folder that is looked at.
#[derive(Debug)]
pub(crate) struct Keeper {
    owner: Owner,
    /// `None`: up to the root.
    up_to: Option<PathBuf>,
}

impl Keeper {
    pub(crate) fn administrators() -> Self {
        Self { owner: Owner::administrators(), up_to: None }
    }

    pub(crate) fn whoever_runs_this(folder: &Path) -> Self {
        let up_to = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Self { owner: Owner::whoever_runs_this(), up_to: Some(up_to) }
    }

    /// Whoever may write to a folder may exchange what is in it, so those on the way are looked at, too; where a link
    /// leads, not the link.
    pub(crate) fn alone_writes(&self, path: &Path) -> Result<(), Why> {
        let real = path.canonicalize().map_err(|error| Why::new(error.to_string(), error.to_string()))?;
        for part in real.ancestors() {
            platform::alone_writes(&self.owner, part)?;
            if self.up_to.as_deref() == Some(part) {
                break;
            }
        }
        Ok(())
    }
}
