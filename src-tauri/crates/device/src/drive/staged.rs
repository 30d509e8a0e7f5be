//! From files under temporary names to a bundle in force.

use std::fs;
use std::io;

use async_trait::async_trait;
use fieldkey_core::{Failure, Staged};

use super::blocking;
use super::folder::Folder;
use super::occupied::IDENTITY;
use super::temporary::Temporary;
use crate::layout::{CA, Content};
use crate::platform;

/// A bundle on the drive under temporary names, in the order in which it comes into force.
pub(super) struct Written {
    folder: Folder,
    files: Vec<(&'static str, Temporary)>,
    replace: bool,
}

/// Writes all files through to the drive and touches none that was there.
pub(super) fn write(folder: Folder, contents: &[Content], replace: bool) -> Result<Written, Failure> {
    let mut files = Vec::with_capacity(contents.len());
    for Content { name, bytes } in contents {
        let temporary = Temporary::write(&folder, name, bytes).map_err(|error| folder.fault_at(name, &error))?;
        files.push((*name, temporary));
    }
    Ok(Written { folder, files, replace })
}

#[async_trait]
impl Staged for Written {
    async fn commit(mut self: Box<Self>) -> Result<(), Failure> {
        // Once begun it is carried to its end even if nobody waits for it any more: half of it is
        // worth less than either end.
        blocking(move || {
            let done = self.folder.same().and_then(|()| self.bring_into_force());
            if done.is_err() {
                self.undo();
            }
            done
        })
        .await
    }
}

impl Written {
    /// The last file says that the rest is whole, so the old one goes first and the new one comes last.
    ///
    /// Of an identity that is replaced only its record `identity.json` goes, just before: a device
    /// that finds it would carry on with the old identity and leave the claim alone. Its
    /// certificate and private key stay. Nobody else may have that key, and a folder may hold the
    /// keys of more devices than this one.
    fn bring_into_force(&mut self) -> Result<(), Failure> {
        let Self { folder, files, replace } = self;
        let Some(((last, marker), rest)) = files.split_last_mut() else { return Ok(()) };
        remove(folder, last)?;
        for (name, temporary) in rest {
            place(folder, name, temporary)?;
        }
        if *replace {
            remove(folder, IDENTITY)?;
        }
        place(folder, last, marker)
    }

    /// Takes back what was brought into force, the last file first. On a drive that is gone there
    /// is nothing to take back, and nothing was whole.
    fn undo(&self) {
        for (name, temporary) in self.files.iter().rev() {
            // The CA is public, and an identity that is still here needs it.
            if temporary.placed() && *name != CA {
                let undone = remove(&self.folder, name);
                tracing::debug!(name, undone = undone.is_ok(), "taken back");
            }
        }
    }
}

fn place(folder: &Folder, name: &str, temporary: &mut Temporary) -> Result<(), Failure> {
    temporary.place(&folder.file(name)).map_err(|error| folder.fault_at(name, &error))
}

/// Removes a file, if it is there, and writes that through.
fn remove(folder: &Folder, name: &str) -> Result<(), Failure> {
    let removed = match fs::remove_file(folder.file(name)) {
        Ok(()) => platform::sync_folder(folder.path()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(|error| folder.fault_at(name, &error))
}
