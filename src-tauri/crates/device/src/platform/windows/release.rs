//! Letting a drive go, so that it can be unplugged.

use std::io;
use std::path::{Path, PathBuf};

use fieldkey_core::Release;
use fieldkey_win32::{self as win32, Disk};

use super::{real, system, volumes};

/// What a folder is to the drive below it.
#[derive(Debug, Eq, PartialEq)]
enum Hold {
    /// Nothing that could be unplugged is below it.
    Folder,
    /// It is somewhere on a drive, or the drive has other volumes: naming it is no order to eject the drive.
    Inside,
    /// It is all that there is of the drive.
    Drive(PathBuf),
}

/// Ejects a removable drive whose root the folder is.
pub(crate) async fn release(folder: &Path) -> io::Result<Release> {
    let folder = folder.to_owned();
    let released = tokio::task::spawn_blocking(move || match hold(&folder) {
        Hold::Folder => Release::Folder,
        Hold::Inside => Release::Flushed,
        Hold::Drive(root) => match win32::eject(&root) {
            Ok(()) => Release::Ejected,
            Err(error) => {
                tracing::info!(%error, "the drive is not ejected");
                Release::Flushed
            }
        },
    });
    released.await.map_err(io::Error::other)
}

fn hold(folder: &Path) -> Hold {
    let Ok(root) = win32::root_of(folder) else { return Hold::Inside };
    let disk = Disk::below(&root).ok();
    if !volumes::is_portable(win32::kind(&root), disk.as_ref()) || system::refusal(&real(&root)).is_some() {
        return Hold::Folder;
    }
    let other =
        |other: &PathBuf| real(other) != real(&root) && volumes::disk(other) == disk.as_ref().map(|disk| disk.number);
    if real(&root) != folder || disk.is_none() || win32::roots().iter().any(other) {
        return Hold::Inside;
    }
    Hold::Drive(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_of_a_disk_that_is_built_in_is_nothing_to_unplug() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(release(&folder.path().canonicalize().expect("there")).await.expect("released"), Release::Folder);
        let system = PathBuf::from(format!("{}\\", std::env::var("SystemDrive").expect("one")));
        assert_eq!(hold(&real(&system)), Hold::Folder, "the system's own drive least of all");
    }
}
