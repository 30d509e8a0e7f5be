//! One file that comes into force, beside what it takes the place of.

use std::borrow::Cow;
use std::fs;
use std::io;

use fieldkey_core::{Code, Failure};
use zeroize::Zeroizing;

use super::files::{self, Found};
use super::folder::Folder;
use super::steps;
use super::temporary::{Temporary, coming_back, kept, staged};
use crate::layout::Content;
use crate::platform;

pub(super) struct Change {
    pub(super) name: Cow<'static, str>,
    /// `None`: there is nothing to write, the file has these bytes already.
    temporary: Option<Temporary>,
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

/// A copy of a file, under a temporary name: should the run be killed, the next one can put it back.
pub(super) struct Kept {
    /// As the folder itself writes it.
    name: String,
    copy_name: String,
    /// `None` once it is the file again.
    copy: Option<Temporary>,
    /// The copy itself is locked, which on Windows keeps others from reading it.
    bytes: Zeroizing<Vec<u8>>,
}

impl Before {
    /// Keeps a copy of what is there, unless it is the same as what comes.
    pub(super) fn keep(folder: &Folder, name: &str, coming: Option<&[u8]>) -> Result<Self, Failure> {
        match files::read(folder, name)? {
            Found::Nothing => Ok(Self::Nothing),
            Found::Bytes(bytes) if coming == Some(bytes.as_slice()) => Ok(Self::Same),
            Found::Bytes(bytes) => {
                let listed = folder.listed(name)?.unwrap_or_else(|| name.into());
                let copy_name = kept(name);
                let copy = Temporary::copy(folder, &listed, &copy_name, &bytes);
                let copy = Some(copy.map_err(|error| folder.fault_at(name, &error))?);
                Ok(Self::Other(Kept { name: listed, copy_name, copy, bytes }))
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
        self.copy.as_mut().map(Temporary::leave).is_some()
    }

    /// Has the file as it was.
    pub(super) fn put_back(&mut self, folder: &Folder) -> Result<(), Failure> {
        if self.copy.is_some() {
            put_back(folder, &self.copy_name, &self.name, &self.bytes)?;
        }
        self.copy = None;
        Ok(())
    }
}

impl Change {
    /// Writes the file under its temporary name.
    ///
    /// `mode`: who may read it, where files have owners.
    pub(super) fn stage(folder: &Folder, content: &Content, mode: u32) -> Result<Self, Failure> {
        let name = content.name.clone();
        let fault = |error: io::Error| folder.fault_at(&name, &error);
        let temporary = if is_there(folder, &name, &content.bytes)? {
            // Whoever wrote it may not have written it through.
            let file = steps::open(&folder.file(&name)).map_err(fault)?;
            platform::set_mode(&file, mode);
            steps::sync(&folder.file(&name), &file).map_err(fault)?;
            None
        } else {
            Some(Temporary::write_for(folder, &staged(&name), &content.bytes, mode).map_err(fault)?)
        };
        Ok(Self { name, temporary, before: Before::Nothing })
    }

    /// Is there something to come into force?
    pub(super) fn is_staged(&self) -> bool {
        self.temporary.is_some()
    }

    pub(super) fn place(&mut self, folder: &Folder) -> Result<(), Failure> {
        let Some(temporary) = &mut self.temporary else { return Ok(()) };
        temporary.place(&folder.file(&self.name)).map_err(|error| folder.fault_at(&self.name, &error))
    }

    pub(super) fn placed(&self) -> bool {
        self.temporary.as_ref().is_some_and(Temporary::placed)
    }

    /// Would a file under a temporary name go with this?
    pub(super) fn discards(&self) -> bool {
        let staged = self.temporary.as_ref().is_some_and(|temporary| !temporary.placed());
        staged || matches!(&self.before, Before::Other(Kept { copy: Some(copy), .. }) if !copy.placed())
    }

    /// Lets go of the file once it has its name.
    pub(super) fn close(&mut self) {
        self.temporary.iter_mut().for_each(Temporary::close);
    }

    /// Has the folder as it was, as far as this file goes.
    pub(super) fn take_back(&mut self, folder: &Folder) -> Result<(), Failure> {
        if !self.placed() {
            return Ok(());
        }
        match &mut self.before {
            Before::Nothing => remove(folder, &self.name),
            Before::Same => Ok(()),
            Before::Other(kept) => kept.put_back(folder).and_then(|()| alone(folder, kept.name())),
        }
    }
}

/// Is this what lies there, under this very name?
fn is_there(folder: &Folder, name: &str, bytes: &[u8]) -> Result<bool, Failure> {
    let is_file = fs::symlink_metadata(folder.file(name)).is_ok_and(|found| found.is_file());
    Ok(is_file && matches!(files::read(folder, name)?, Found::Bytes(there) if *there == bytes))
}

/// Gives a file the bytes of the copy that was kept of it.
///
/// They are written anew: of a rename that a pull has cut nobody could tell, because a copy has by right what its file
/// has (see `damage`). Only where there is no room for them, the copy itself gets the name.
pub(super) fn put_back(folder: &Folder, copy: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    if is_there(folder, name, bytes)? {
        return Ok(());
    }
    let (coming, to) = (coming_back(name), folder.file(name));
    let anew = || {
        steps::remove(&folder.file(&coming))?;
        Temporary::copy(folder, copy, &coming, bytes)?.place(&to)
    };
    let done = anew().or_else(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => steps::place_found(&folder.file(copy), &to),
        _ => Err(error),
    });
    done.map_err(|error| folder.fault_at(name, &error))
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
