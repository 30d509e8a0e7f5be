//! How to have the folder as it was.

use fieldkey_core::Failure;
use zeroize::Zeroizing;

use super::ASIDE;
use crate::drivers::Files;
use crate::layout::{Content, IDENTITY};
use crate::serial::Line;

/// What was there before.
#[derive(Default)]
pub(crate) struct Undo {
    /// Temporary files that are still there, with the names that they are to have.
    pub(super) temporary: Vec<(String, String)>,
    /// New files in force that were not there before.
    pub(super) new: Vec<String>,
    /// Files that are as they are to be already.
    pub(super) same: Vec<String>,
    /// Files that were there, with what was in them.
    pub(super) old: Vec<(String, Zeroizing<Vec<u8>>)>,
    /// The name of a private key that waits aside.
    pub(super) aside: Option<String>,
    /// Of the identity that was replaced: its files that the new one does not use.
    pub(super) superseded: Vec<String>,
    pub(super) can_rename: bool,
}

impl Undo {
    /// It is about to be there. If nothing was, nothing comes back.
    pub(super) fn is_new(&mut self, content: &Content) {
        let was_there = self.old.iter().any(|(name, _)| *name == *content.name);
        if !was_there && self.aside.as_deref() != Some(&*content.name) {
            self.new.push(content.name.to_string());
        }
    }

    pub(super) fn is_the_same(&self, content: &Content) -> bool {
        self.same.iter().any(|name| *name == *content.name)
    }
}

/// Has the folder as it was.
pub(crate) fn take_back(line: &mut Line, store: &mut dyn Files, undo: Undo) -> Result<(), Failure> {
    let Undo { temporary, new, old, aside, .. } = undo;
    // The marker came last, so it goes first.
    for name in new.iter().rev().chain(temporary.iter().map(|(_, temporary)| temporary)) {
        store.remove(line, name)?;
    }
    if let Some(name) = aside
        && store.list(line)?.iter().any(|listed| listed.name == ASIDE)
    {
        store.rename(line, ASIDE, &name)?;
    }
    // And an old marker comes back last.
    let (markers, files): (Vec<_>, Vec<_>) = old.into_iter().partition(|(name, _)| name == IDENTITY);
    for (name, bytes) in files.into_iter().chain(markers) {
        if store.read(line, &name)?.is_none_or(|now| *now != *bytes) {
            store.write(line, &name, &bytes)?;
        }
    }
    store.sync(line)
}

/// The new is there to stay: what only the old one used goes.
pub(crate) fn settle(line: &mut Line, store: &mut dyn Files, undo: &Undo) -> Result<(), Failure> {
    let going = undo.superseded.iter().map(String::as_str).chain(undo.aside.as_ref().map(|_| ASIDE));
    for name in going.clone() {
        store.remove(line, name)?;
    }
    if going.count() > 0 { store.sync(line) } else { Ok(()) }
}
