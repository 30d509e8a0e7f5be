//! From files under temporary names to a bundle in force.

use async_trait::async_trait;
use fieldkey_core::ports::{InForce, Kind};
use fieldkey_core::{Failure, Staged};

use super::change::{Before, Change, Kept, remove};
use super::folder::Folder;
use super::in_force::Standing;
use super::{blocking, occupied, steps, whole};
use crate::layout::{Content, Files, IDENTITY, Layout, Record};

/// A bundle on the drive under temporary names.
pub(super) struct Written {
    pub(super) folder: Folder,
    pub(super) kind: Kind,
    /// In the order in which they come into force.
    pub(super) files: Vec<Change>,
    /// The last file's bytes.
    pub(super) marker: Vec<u8>,
    /// A claim takes an identity's record away.
    pub(super) displaced: Option<Displaced>,
    /// What the identity that is there says of itself.
    pub(super) old: Option<Record>,
}

pub(super) struct Displaced {
    pub(super) kept: Kept,
    pub(super) gone: bool,
}

/// What is to be written.
pub(super) struct Coming<'a> {
    pub(super) layout: &'a Layout,
    pub(super) kind: Kind,
    pub(super) files: &'a Files,
    pub(super) contents: &'a [Content],
}

/// Writes all files through to the drive and touches none that was there.
pub(super) fn write(folder: Folder, coming: &Coming<'_>, replace: bool) -> Result<Written, Failure> {
    let Coming { layout, kind, files: names, contents } = *coming;
    let marker = contents.last().map(|content| content.bytes.to_vec()).unwrap_or_default();
    let files = Vec::with_capacity(contents.len());
    // Whatever fails from here on, dropping it has the folder as it was.
    let mut written = Written { folder, kind, files, marker, displaced: None, old: None };
    for content in contents {
        let change = Change::stage(&written.folder, content, layout.mode(content.part))?;
        written.files.push(change);
    }
    // Again, now that the names are taken: another Fieldkey may have come to its end in the meantime.
    if !replace {
        occupied::refuse(&written.folder, layout, names)?;
    }
    for (change, content) in written.files.iter_mut().zip(contents) {
        // An earlier claim does not come back: it is over in minutes. What an identity shares with it does.
        if change.is_staged() && (kind == Kind::Identity || names.shared().any(|name| name == content.name)) {
            change.before = Before::keep(&written.folder, &content.name, Some(&content.bytes))?;
        }
    }
    if kind == Kind::Claim
        && let Before::Other(kept) = Before::keep(&written.folder, IDENTITY, None)?
    {
        written.displaced = Some(Displaced { kept, gone: false });
    }
    written.old = whole::record(&written.folder)?;
    Ok(written)
}

impl Drop for Written {
    /// What goes under temporary names goes for good: one may be a key.
    fn drop(&mut self) {
        let discards = self.displaced.is_some() || self.files.iter().any(Change::discards);
        self.files.clear();
        self.displaced = None;
        if discards {
            let through = self.folder.same().map(|()| steps::sync_folder(self.folder.path()).is_ok());
            tracing::debug!(through = through.is_ok_and(|through| through), "discarded");
        }
    }
}

#[async_trait]
impl Staged for Written {
    async fn commit(mut self: Box<Self>) -> Result<Box<dyn InForce>, Failure> {
        // Once begun it is carried to its end even if nobody waits for it any more: half of it is
        // worth less than either end.
        blocking(move || {
            let brought = self.folder.same().and_then(|()| self.bring_into_force());
            // Windows puts nothing in the place of a file that is open, and something may have to go back.
            self.files.iter_mut().for_each(Change::close);
            match brought {
                Ok(()) => Ok(Box::new(Standing::of(*self)) as Box<dyn InForce>),
                Err(failure) => {
                    // On a drive that is gone there is nothing to take back, and nothing was whole.
                    let undone = self.folder.same().and_then(|()| self.take_back());
                    tracing::debug!(undone = undone.is_ok(), "taken back");
                    Err(failure)
                }
            }
        })
        .await
    }
}

impl Written {
    /// The last file says that the rest is whole, so it comes last.
    ///
    /// A claim's old settings go first. Of an identity that a claim replaces only its record `identity.json` goes,
    /// just before: a device that finds it would carry on with the old identity and leave the claim alone. Its
    /// certificate and private key stay. Nobody else may have that key, and a folder may hold the keys of more
    /// devices than this one.
    ///
    /// An identity's record takes the place of the old one in one step, so one of the two is whole at any moment.
    fn bring_into_force(&mut self) -> Result<(), Failure> {
        let Self { folder, kind, files, displaced, .. } = self;
        let Some((marker, rest)) = files.split_last_mut() else { return Ok(()) };
        if *kind == Kind::Claim && marker.is_staged() {
            remove(folder, &marker.name)?;
        }
        for change in rest {
            change.place(folder)?;
        }
        if let Some(Displaced { kept, gone }) = displaced {
            *gone = true;
            remove(folder, kept.name())?;
        }
        marker.place(folder)
    }
}
