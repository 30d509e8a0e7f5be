//! A folder that goes with this program, or, where the program was killed, with the next one.

use std::fs::{self, File, OpenOptions};
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
        let folder = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) || !is_ours(&folder) {
            continue;
        }
        // Held until the folder is gone: nobody takes it for theirs meanwhile.
        let lock = to_lock().open(folder.join(LOCK)).ok().filter(|lock| lock.try_lock().is_ok());
        #[cfg(windows)]
        let lock = lock.map(drop);
        if lock.is_some()
            && let Err(error) = fs::remove_dir_all(&folder)
        {
            tracing::debug!(%error, "what a killed program left stays");
        }
    }
}

/// The folder for temporary files may be everybody's: what others put there is not opened, or it could be made to wait
/// for ever.
#[cfg(unix)]
fn is_ours(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let own = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(folder).is_ok_and(|folder| folder.is_dir() && folder.uid() == own)
}

/// Each account has its own there.
#[cfg(not(unix))]
fn is_ours(_: &Path) -> bool {
    true
}

fn to_lock() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;

        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_that_lies_in_wait_holds_up_nobody() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let place = tempfile::tempdir().expect("a folder");
        let trap = place.path().join("fieldkey-practise-trap");
        fs::create_dir(&trap).expect("writable");
        mknodat(CWD, trap.join(LOCK), FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
        Scratch::within(place.path()).expect("a folder, at once");
        assert!(trap.exists(), "it is none of ours, though it has our name");
    }
}
