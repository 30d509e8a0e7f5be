//! The folder that was named, and whether it is still the same one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldkey_core::site::SiteLayout;
use fieldkey_core::{Code, Failure, Why};

use crate::fault;
use crate::platform::{self, Place};

/// A folder that exists. Work goes through its real path, messages show it as it was typed.
#[derive(Clone)]
pub(super) struct Folder {
    given: PathBuf,
    path: PathBuf,
    place: Place,
    of_site: Option<Arc<SiteLayout>>,
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
        Ok(Self { given: given.into(), path, place, of_site: None })
    }

    /// The same folder, where a site's own layout tells of more files that they are ours.
    pub(super) fn of_site(self, layout: Option<Arc<SiteLayout>>) -> Self {
        Self { of_site: layout, ..self }
    }

    /// The site's own layout, by which files here may be called.
    pub(super) fn layout(&self) -> Option<&Arc<SiteLayout>> {
        self.of_site.as_ref()
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
        self.or_gone(fault::failure(&self.given, error))
    }

    pub(super) fn fault_at(&self, name: &str, error: &io::Error) -> Failure {
        self.or_gone(fault::failure(&self.given.join(name), error))
    }

    /// A drive that was pulled answers with whatever its file system makes of it: Linux says that a FAT which it can
    /// no longer read is full, and writes no more to one in which it finds an error.
    fn or_gone(&self, failure: Failure) -> Failure {
        match self.same() {
            // What it answered is no reason of its being gone, unless it says just that.
            Err(gone) if gone.code == Code::TargetGone && failure.code != gone.code => {
                Failure { about: failure.about, ..gone }
            }
            Ok(()) if platform::gave_up(&self.path) => self.failure(Code::TargetDamaged).because_of(given_up()),
            _ => failure,
        }
    }
}

/// Why a drive is damaged that the system has stopped writing to.
pub(super) fn given_up() -> Why {
    Why::new(
        "the system found an error in it and has set it read-only",
        "システムがエラーを検出し、読み取り専用に切り替えました",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_drive_that_was_pulled_answers_it_is_gone() {
        let drive = tempfile::tempdir().expect("folder");
        let folder = Folder::find(drive.path()).expect("there");
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(folder.fault_at("a", &full).code, Code::TargetFull, "it is still there");
        drop(drive);
        let gone = folder.fault_at("a", &full);
        assert_eq!((gone.code, gone.reason.as_str()), (Code::TargetGone, "there is no such file or folder"));
        assert!(gone.about.ends_with('a'), "{gone}");
        assert_eq!(folder.fault(&full).code, Code::TargetGone);
    }
}
