//! One file that comes into force, beside what it takes the place of.

use std::borrow::Cow;

use fieldkey_core::{Code, Failure};

use super::files::{self, Found};
use super::folder::Folder;
use super::steps;
use super::temporary::{Temporary, kept, staged};
use crate::layout::Content;

pub(super) struct Change {
    pub(super) name: Cow<'static, str>,
    temporary: Temporary,
    pub(super) before: Before,
}

/// What was there under a name.
pub(super) enum Before {
    /// Nothing, or nothing that is wanted back.
    Nothing,
    /// The same bytes.
    Same,
    Other(Kept),
}

/// A copy of a file, under a temporary name: on a drive that is full it can still be put back.
pub(super) struct Kept {
    /// As the folder itself writes it.
    name: String,
    copy: Temporary,
}

impl Before {
    /// Keeps a copy of what is there, unless it is the same as what comes.
    pub(super) fn keep(folder: &Folder, name: &str, coming: Option<&[u8]>) -> Result<Self, Failure> {
        match files::read(folder, name)? {
            Found::Nothing => Ok(Self::Nothing),
            Found::Bytes(bytes) if coming == Some(bytes.as_slice()) => Ok(Self::Same),
            Found::Bytes(bytes) => {
                let listed = folder.listed(name)?.unwrap_or_else(|| name.into());
                let copy = Temporary::copy(folder, &listed, &kept(name), &bytes);
                let copy = copy.map_err(|error| folder.fault_at(name, &error))?;
                Ok(Self::Other(Kept { name: listed, copy }))
            }
            other => {
                let failure = folder.failure_at(name, Code::TargetRefused);
                Err(other.why_not(name).into_iter().fold(failure, Failure::because_of))
            }
        }
    }
}

impl Kept {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Leaves the copy where it is, unless it is the file again. Returns whether it was left.
    pub(super) fn leave(&mut self) -> bool {
        let left = !self.copy.placed();
        self.copy.leave();
        left
    }

    /// Gives the copy the name of the file that it was made of.
    pub(super) fn put_back(&mut self, folder: &Folder) -> Result<(), Failure> {
        self.copy.place(&folder.file(&self.name)).map_err(|error| folder.fault_at(&self.name, &error))
    }
}

impl Change {
    /// Writes the file under its temporary name.
    pub(super) fn stage(folder: &Folder, content: &Content) -> Result<Self, Failure> {
        let temporary = Temporary::write(folder, &staged(&content.name), &content.bytes);
        let temporary = temporary.map_err(|error| folder.fault_at(&content.name, &error))?;
        Ok(Self { name: content.name.clone(), temporary, before: Before::Nothing })
    }

    pub(super) fn place(&mut self, folder: &Folder) -> Result<(), Failure> {
        self.temporary.place(&folder.file(&self.name)).map_err(|error| folder.fault_at(&self.name, &error))
    }

    pub(super) fn placed(&self) -> bool {
        self.temporary.placed()
    }

    /// Lets go of the file once it has its name.
    pub(super) fn close(&mut self) {
        self.temporary.close();
    }

    /// Has the folder as it was, as far as this file goes.
    pub(super) fn take_back(&mut self, folder: &Folder) -> Result<(), Failure> {
        if !self.temporary.placed() {
            return Ok(());
        }
        match &mut self.before {
            Before::Nothing => remove(folder, &self.name),
            Before::Same => Ok(()),
            Before::Other(kept) => kept.put_back(folder).and_then(|()| alone(folder, kept.name())),
        }
    }
}

/// Removes a file, if it is there, and writes that through.
pub(super) fn remove(folder: &Folder, name: &str) -> Result<(), Failure> {
    steps::remove(&folder.file(name)).map_err(|error| folder.fault_at(name, &error))
}

/// Removes the other ways of writing a name: where `a` and `A` are two files, only one of them can be meant.
pub(super) fn alone(folder: &Folder, name: &str) -> Result<(), Failure> {
    let names = folder.names()?;
    if !names.iter().any(|listed| listed == name) {
        return Ok(());
    }
    let others = names.iter().filter(|listed| *listed != name && listed.eq_ignore_ascii_case(name));
    others.map(|other| remove(folder, other)).fold(Ok(()), Result::and)
}
