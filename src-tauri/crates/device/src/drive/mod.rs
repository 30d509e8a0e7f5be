//! A drive, or any other folder, as a target.

mod change;
mod files;
mod folder;
mod in_force;
mod inspect;
mod leftover;
mod occupied;
mod read_back;
mod room;
mod staged;
mod steps;
mod superseded;
mod temporary;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Code, Failure, Identity, ReadBack, Release, Staged, Target};

use crate::layout::Layout;
use crate::platform;
use folder::Folder;

/// A folder that credentials are written to: a drive's mount point, or any other.
pub struct Drive {
    given: PathBuf,
    layout: Layout,
    checked: Mutex<Option<Checked>>,
}

/// What the check found out, for the steps after it. Between them an operator may sign in, which
/// is time enough to exchange drives.
#[derive(Clone)]
struct Checked {
    folder: Folder,
    replace: bool,
}

impl Drive {
    pub(crate) fn new(given: PathBuf, layout: Layout) -> Self {
        Self { given, layout, checked: Mutex::default() }
    }

    fn checked(&self) -> Option<Checked> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder that was checked, if it is still the same; unchecked, the one that is there.
    async fn folder(&self) -> Result<Checked, Failure> {
        let (given, checked) = (self.given.clone(), self.checked());
        blocking(move || match checked {
            Some(checked) => checked.folder.same().map(|()| checked),
            None => Ok(Checked { folder: Folder::find(&given)?, replace: false }),
        })
        .await
    }
}

#[async_trait]
impl Target for Drive {
    fn name(&self) -> String {
        format!("drive:{}", self.given.display())
    }

    async fn check(&self, kind: Kind, replace: bool) -> Result<(), Failure> {
        let (given, names) = (self.given.clone(), (self.layout.names)(kind));
        let folder = blocking(move || {
            let folder = Folder::find(&given)?;
            ready(&folder, names, replace)?;
            room::probe(&folder, names)?;
            Ok(folder)
        })
        .await?;
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Checked { folder, replace });
        Ok(())
    }

    async fn identity(&self) -> Result<Option<Identity>, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        blocking(move || whole::identity(&folder)).await
    }

    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        let Checked { folder, replace } = self.folder().await?;
        let contents = (self.layout.contents)(bundle)?;
        let kind = match bundle {
            Bundle::Claim(_) => Kind::Claim,
            Bundle::Identity(_) => Kind::Identity,
        };
        let written = blocking(move || {
            // Again: another drive may be in the same place by now.
            let names: Vec<&str> = contents.iter().map(|content| &*content.name).collect();
            ready(&folder, &names, replace)?;
            staged::write(folder, kind, &contents, replace)
        })
        .await?;
        Ok(Box::new(written))
    }

    async fn verify(&self, bundle: &Bundle) -> Result<ReadBack, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        let contents = (self.layout.contents)(bundle)?;
        blocking(move || read_back::compare(&folder, &contents)).await
    }

    async fn release(&self) -> Result<Release, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        platform::release(folder.path()).await.map_err(|error| folder.fault(&error))
    }
}

/// Reads the identity in a folder, which may be a drive or a copy of one.
///
/// # Errors
/// `target-gone`, `target-refused` for what is no folder; `identity-invalid`, with which file and why.
pub async fn identity(folder: &Path) -> Result<Identity, Failure> {
    let given = folder.to_owned();
    blocking(move || {
        let folder = Folder::find(&given)?;
        match whole::identity(&folder)? {
            Some(identity) => Ok(identity),
            None => Err(whole::missing(&folder)?),
        }
    })
    .await
}

/// May files of these names be written here? What an earlier run left half done is no obstacle: it goes first.
fn ready(folder: &Folder, names: &[&str], replace: bool) -> Result<(), Failure> {
    inspect::inspect(folder, names)?;
    leftover::sweep(folder)?;
    if replace { Ok(()) } else { occupied::refuse(folder) }
}

/// Runs work that a slow drive can hold up, where it holds up nobody else. If the caller goes away,
/// what the work returns is dropped, and so undone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| Err(Failure::new(Code::Interrupted).because(error.to_string())))
}

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod settle_tests;
#[cfg(test)]
mod tests;
#[cfg(all(test, target_os = "linux"))]
mod tmpfs_tests;
#[cfg(test)]
mod whole_tests;
