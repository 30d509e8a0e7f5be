//! A folder that goes with this program, or, where the program was killed, with the next one.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::{Builder, TempDir};

const PREFIX: &str = "fieldkey-practise-";

/// Locked as long as the folder is somebody's.
const LOCK: &str = "in-use";

pub(crate) struct Scratch {
    // Closed first: Windows removes no folder in which something is open.
    _lock: File,
    folder: TempDir,
}

impl Scratch {
    /// # Errors
    /// It cannot be made.
    pub(crate) fn new() -> io::Result<Self> {
        Self::within(&std::env::temp_dir())
    }

    fn within(place: &Path) -> io::Result<Self> {
        sweep(place);
        let mut builder = Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(place)?;
        let lock = File::create_new(folder.path().join(LOCK))?;
        lock.try_lock()?;
        Ok(Self { _lock: lock, folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what programs that were killed have left.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Another person's does not open.
        let nobodys =
            File::options().write(true).open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if nobodys && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::debug!(%error, "what a killed program left stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_killed_left_goes_and_what_is_in_use_or_somebody_else_s_stays() {
        let place = tempfile::tempdir().expect("a folder");
        let living = Scratch::within(place.path()).expect("a folder");
        let [killed, other] = ["fieldkey-practise-x", "other"].map(|name| place.path().join(name));
        for folder in [&killed, &other] {
            fs::create_dir(folder).expect("writable");
            fs::write(folder.join(LOCK), "").expect("writable");
            fs::write(folder.join("journal.sqlite"), "runs").expect("writable");
        }
        let next = Scratch::within(place.path()).expect("a folder");
        assert!(!killed.exists(), "nobody holds its lock");
        assert!(other.exists() && living.path().exists() && next.path().exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists(), "it goes with its program");
    }
}
