//! Identities that were replaced by one which nobody has proved yet: the run was offline, or was killed. Their keys
//! lie there until a later run is settled, and their records, put aside, tell it which those are.

use std::io;

use fieldkey_core::Failure;

use super::files::{self, Found};
use super::folder::Folder;
use super::temporary::{PREFIX, REPLACED, Temporary, kept, replaced};
use super::{steps, whole};
use crate::layout::{IDENTITY, Record};

/// So many are looked at in one run, whatever somebody put there; the next run takes the rest.
const MOST: usize = 64;

/// Takes the kept copy of a record out of the way of the next run, while the record that replaced it is in force.
///
/// # Errors
/// The folder cannot be read or changed.
pub(super) fn put_aside(folder: &Folder) -> Result<(), Failure> {
    if folder.listed(IDENTITY)?.is_none() {
        return Ok(());
    }
    let name = kept(IDENTITY);
    let Some(record) = whole::left_record(folder, &name) else { return Ok(()) };
    if lie_there(folder, &record)?.is_empty() {
        return Ok(());
    }
    let aside = replaced(&record.certificate_id);
    let Found::Bytes(bytes) = files::read(folder, &name)? else { return Ok(()) };
    // Written anew, not renamed, for what `change::put_back` says.
    let anew = || {
        steps::remove(&folder.file(&aside))?;
        Temporary::copy(folder, &name, &aside, &bytes)?.leave();
        steps::remove(&folder.file(&name))
    };
    let done = anew().or_else(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            steps::place_found(&folder.file(&name), &folder.file(&aside))
        }
        _ => Err(error),
    });
    done.map_err(|error| folder.fault_at(&aside, &error))
}

/// What was put aside and is of no more use: none of the files lies there any more, or all are in force again.
pub(super) fn over(folder: &Folder) -> Result<Vec<String>, Failure> {
    let mut over = vec![];
    for name in names(folder)? {
        let of_use = match whole::left_record(folder, &name) {
            Some(record) => !lie_there(folder, &record)?.is_empty(),
            None => false,
        };
        if !of_use {
            over.push(name);
        }
    }
    Ok(over)
}

/// The names of certificate and key of each identity whose record was put aside, if they are still what it says, and
/// after them the name of that record.
pub(super) fn going(folder: &Folder) -> Result<Vec<String>, Failure> {
    let mut going = vec![];
    for name in names(folder)? {
        let Some(record) = whole::left_record(folder, &name) else { continue };
        let its = lie_there(folder, &record)?;
        // Anybody may have put the record there, to have other files removed.
        let fits = |name: &String| matches!(files::read(folder, name), Ok(Found::Bytes(b)) if record.fits(name, &b));
        going.extend(its.into_iter().filter(fits));
        going.push(name);
    }
    Ok(going)
}

fn names(folder: &Folder) -> Result<Vec<String>, Failure> {
    let mut names = folder.names()?;
    names.retain(|name| name.starts_with(PREFIX) && name.ends_with(REPLACED));
    names.sort_unstable();
    names.truncate(MOST);
    Ok(names)
}

/// An identity's own files that lie there and are not those in force.
fn lie_there(folder: &Folder, record: &Record) -> Result<Vec<String>, Failure> {
    let in_force = whole::record(folder)?;
    let in_force: Vec<&str> = in_force.iter().flat_map(|record| record.files.each()).collect();
    let mut its = vec![];
    for name in record.own(folder.layout()) {
        let stays = name == record.files.ca || in_force.iter().any(|other| other.eq_ignore_ascii_case(&name));
        if !stays && folder.listed(&name)?.is_some() {
            its.push(name);
        }
    }
    Ok(its)
}
