//! A drive, or any other folder, as a target.

mod folder;
mod inspect;
mod occupied;
mod read_back;
mod room;
mod staged;
mod temporary;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use fieldkey_core::{Bundle, Code, Failure, ReadBack, Release, Staged, Target};

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

    async fn check(&self, replace: bool) -> Result<(), Failure> {
        let (given, names) = (self.given.clone(), self.layout.names);
        let folder = blocking(move || {
            let folder = Folder::find(&given)?;
            inspect::inspect(&folder, names, replace)?;
            temporary::sweep(&folder)?;
            room::probe(&folder, names)?;
            Ok(folder)
        })
        .await?;
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Checked { folder, replace });
        Ok(())
    }

    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        let Checked { folder, replace } = self.folder().await?;
        let (contents, names) = ((self.layout.contents)(bundle)?, self.layout.names);
        let written = blocking(move || {
            // Again: another drive may be in the same place by now.
            inspect::inspect(&folder, names, replace)?;
            temporary::sweep(&folder)?;
            staged::write(folder, &contents, replace)
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

/// Runs work that a slow drive can hold up, where it holds up nobody else. If the caller goes away,
/// what the work returns is dropped, and so undone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| Err(Failure::new(Code::Interrupted).because(error.to_string())))
}

#[cfg(test)]
mod tests;
#[cfg(all(test, target_os = "linux"))]
mod tmpfs_tests;
