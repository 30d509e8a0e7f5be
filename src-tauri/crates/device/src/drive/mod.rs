//! A drive, or any other folder, as a target.

mod change;
mod damage;
mod files;
mod folder;
mod holds;
mod in_force;
mod inspect;
mod leftover;
mod occupied;
mod read_back;
mod removal;
mod room;
mod staged;
mod steps;
mod superseded;
mod temporary;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
#[cfg(test)]
use fieldkey_core::Code;
use fieldkey_core::ports::{Holds, Kind, Stored};
use fieldkey_core::site::SiteLayout;
use fieldkey_core::{Bundle, Failure, Identity, ReadBack, Release, Staged, Target};

use crate::attached::device_behind;
use crate::layout::{About, Files, Layout, marker};
use crate::platform;
use folder::Folder;

/// A folder that credentials are written to: a drive's mount point, or any other. A drive may be named by its node, too.
pub struct Drive {
    given: PathBuf,
    layout: Layout,
    of_site: Option<Arc<SiteLayout>>,
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
    /// A folder whose identity is only read.
    pub fn at(folder: &Path) -> Self {
        Self::new(folder.to_owned(), Layout::Drive, None)
    }

    /// `of_site`: the site's own layout, by which files may lie there whatever layout is written now.
    pub(crate) fn new(given: PathBuf, layout: Layout, of_site: Option<Arc<SiteLayout>>) -> Self {
        Self { given, layout, of_site, checked: Mutex::default() }
    }

    fn checked(&self) -> Option<Checked> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder that was checked, if it is still the same; unchecked, the one that is there.
    async fn folder(&self) -> Result<Checked, Failure> {
        match self.checked() {
            Some(checked) => blocking(move || checked.folder.same().map(|()| checked)).await,
            None => Ok(Checked { folder: self.find().await?, replace: false }),
        }
    }

    /// The folder that was named, or that the drive which was named is mounted at; mounts it if need be.
    async fn find(&self) -> Result<Folder, Failure> {
        let path = platform::mounted(&self.given).await?;
        let of_site = self.of_site.clone();
        blocking(move || Ok(Folder::find(&path)?.of_site(of_site))).await
    }
}

#[async_trait]
impl Target for Drive {
    fn name(&self) -> String {
        format!("drive:{}", self.given.display())
    }

    fn device(&self) -> Option<String> {
        device_behind(&self.name())
    }

    async fn check(&self, kind: Kind, replace: bool) -> Result<(), Failure> {
        let (folder, layout) = (self.find().await?, self.layout.clone());
        let folder = blocking(move || {
            // Nobody knows yet whose they will be: the names of somebody else's files stand for them.
            let files = layout.files(&About::anybody(kind));
            ready(&folder, &layout, kind, &files, replace)?;
            room::probe(&folder, kind, &files)?;
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
        let (layout, contents) = (self.layout.clone(), self.layout.contents(bundle)?);
        let about = About::of(bundle);
        let (kind, files) = (about.kind, layout.files(&about));
        let written = blocking(move || {
            // Again: another drive may be in the same place by now.
            ready(&folder, &layout, kind, &files, replace)?;
            let coming = staged::Coming { layout: &layout, kind, files: &files, contents: &contents };
            staged::write(folder, &coming, replace)
        })
        .await?;
        Ok(Box::new(written))
    }

    async fn verify(&self, bundle: &Bundle) -> Result<ReadBack, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        let contents = self.layout.contents(bundle)?;
        blocking(move || read_back::compare(&folder, &contents)).await
    }

    async fn release(&self) -> Result<Release, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        platform::release(folder.path()).await.map_err(|error| folder.fault(&error))
    }

    fn wants_credentials_endpoint(&self) -> bool {
        self.layout.names_credentials()
    }

    async fn holds(&self) -> Result<Holds, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        let driver = self.layout.driver();
        blocking(move || holds::holds(&folder, driver)).await
    }

    async fn remove(&self) -> Result<Vec<Stored>, Failure> {
        let Checked { folder, .. } = self.folder().await?;
        blocking(move || removal::remove(&folder)).await
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

/// May these files be written here? What an earlier run left half done is no obstacle: it goes first.
fn ready(folder: &Folder, layout: &Layout, kind: Kind, files: &Files, replace: bool) -> Result<(), Failure> {
    let names: Vec<&str> = files.each().chain([marker(kind)]).collect();
    inspect::inspect(folder, &names)?;
    leftover::sweep(folder)?;
    if replace { Ok(()) } else { occupied::refuse(folder, layout, files) }
}

/// Runs work that a slow drive can hold up, where it holds up nobody else. If the caller goes away,
/// what the work returns is dropped, and so undone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
}

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod removal_tests;
#[cfg(test)]
mod settle_tests;
#[cfg(test)]
mod site_layout_tests;
#[cfg(test)]
mod tests;
#[cfg(all(test, target_os = "linux"))]
mod tmpfs_tests;
#[cfg(test)]
mod whole_tests;
