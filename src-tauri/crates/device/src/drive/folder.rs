//! The folder that was named, and whether it is still the same one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fieldkey_core::{Code, Failure, Why};

use crate::fault;
use crate::platform::Place;

/// A folder that exists. Work goes through its real path, messages show it as it was typed.
#[derive(Clone)]
pub(super) struct Folder {
    given: PathBuf,
    path: PathBuf,
    place: Place,
}

impl Folder {
    /// # Errors
    /// `target-gone` if nothing is there, `target-refused` for a file.
    pub(super) fn find(given: &Path) -> Result<Self, Failure> {
        let fault = |error: io::Error| fault::failure(given, &error);
        let path = fs::canonicalize(given).map_err(fault)?;
        if !fs::metadata(&path).map_err(fault)?.is_dir() {
            let failure = Failure::new(Code::TargetRefused).about(given.display().to_string());
            return Err(failure.because_of(Why::new("it is a file, not a folder", "フォルダーではなくファイルです")));
        }
        let place = Place::of(&path).map_err(fault)?;
        Ok(Self { given: given.into(), path, place })
    }

    /// Is it the folder that was found? The mount point of a drive that was pulled stays behind as
    /// an empty folder of the system disk: keys must not end up there. Nor on another drive.
    ///
    /// # Errors
    /// `target-gone`
    pub(super) fn same(&self) -> Result<(), Failure> {
        let now = Self::find(&self.given)?;
        if now.path == self.path && now.place == self.place {
            return Ok(());
        }
        let why =
            Why::new("another drive or folder has taken its place", "別のドライブまたはフォルダーに入れ替わっています");
        Err(self.failure(Code::TargetGone).because_of(why))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of what is in it, as far as they are text.
    pub(super) fn names(&self) -> Result<Vec<String>, Failure> {
        let mut names = vec![];
        for entry in fs::read_dir(&self.path).map_err(|error| self.fault(&error))? {
            let entry = entry.map_err(|error| self.fault(&error))?;
            names.extend(entry.file_name().into_string());
        }
        Ok(names)
    }

    /// How the folder itself writes a name, if it is there. FAT may give a name back in capitals.
    pub(super) fn listed(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut alike = self.names()?;
        alike.retain(|listed| listed.eq_ignore_ascii_case(name));
        Ok(alike
            .iter()
            .position(|listed| listed == name)
            .or((!alike.is_empty()).then_some(0))
            .map(|at| alike.swap_remove(at)))
    }

    /// Where the file of that name is.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn failure(&self, code: Code) -> Failure {
        Failure::new(code).about(self.given.display().to_string())
    }

    pub(super) fn failure_at(&self, name: &str, code: Code) -> Failure {
        Failure::new(code).about(self.given.join(name).display().to_string())
    }

    pub(super) fn fault(&self, error: &io::Error) -> Failure {
        fault::failure(&self.given, error)
    }

    pub(super) fn fault_at(&self, name: &str, error: &io::Error) -> Failure {
        fault::failure(&self.given.join(name), error)
    }
}
