//! Credentials go from a drive: those of Fieldkey, and no others.

use fieldkey_core::ports::Stored;
use fieldkey_core::{Code, Failure};

use super::change::remove as remove_file;
use super::files::{self, Found};
use super::folder::Folder;
use super::holds::seen;
use super::temporary::{REPLACED, staged};
use super::{inspect, leftover, steps, superseded, whole};
use crate::layout::{Claim, Files, IDENTITY, SETTINGS, foreign};

/// Takes away the identity, the claim, and the keys of identities that were replaced and never proved. A file goes
/// only if a record names it, a layout calls it so, and it is still what the record says. Returns what is gone.
///
/// # Errors
/// `identity-invalid` for a record that nobody can read; or the folder cannot be changed.
pub(super) fn remove(folder: &Folder) -> Result<Vec<Stored>, Failure> {
    inspect::inspect(folder, &[])?;
    leftover::sweep(folder)?;
    let mut gone = vec![];
    match whole::record(folder)? {
        Some(record) => {
            let own = record.own(folder.layout());
            refuse_foreign(folder, IDENTITY, &record.files, &own)?;
            gone.extend(take(folder, IDENTITY, own, |name, bytes| record.fits(name, bytes))?);
        }
        None if folder.listed(IDENTITY)?.is_some() => {
            return Err(whole::identity(folder).err().unwrap_or_else(|| folder.failure(Code::IdentityInvalid)));
        }
        None => {}
    }
    if let Found::Bytes(settings) = files::read(folder, SETTINGS)?
        && let Some(claim) = Claim::parse(&settings)
    {
        let own = claim.own(folder.layout());
        refuse_foreign(folder, SETTINGS, &claim.files, &own)?;
        gone.extend(take(folder, SETTINGS, own, |name, bytes| claim.fits(name, bytes))?);
    }
    for name in superseded::going(folder)? {
        let stored = seen(folder, &name);
        remove_file(folder, &name)?;
        gone.extend((!name.ends_with(REPLACED)).then_some(stored));
    }
    Ok(gone)
}

/// With the record gone, nobody would find what else it names.
fn refuse_foreign(folder: &Folder, marker: &str, named: &Files, own: &[String]) -> Result<(), Failure> {
    for name in named.but_ca().filter(|name| !own.iter().any(|own| own.eq_ignore_ascii_case(name))) {
        if folder.listed(name)?.is_some() {
            return Err(foreign(folder.path().join(name).display().to_string(), marker, name));
        }
    }
    Ok(())
}

/// The record first, under its temporary name: should this be broken off, nobody takes the rest for whole, and the
/// next run knows by it what is still to go.
fn take(
    folder: &Folder,
    marker: &str,
    own: Vec<String>,
    fits: impl Fn(&str, &[u8]) -> bool,
) -> Result<Vec<Stored>, Failure> {
    let is_its = |name: &String| matches!(files::read(folder, name), Ok(Found::Bytes(bytes)) if fits(name, &bytes));
    let listed = |name: &str| Ok::<_, Failure>(folder.listed(name)?.unwrap_or_else(|| name.to_owned()));
    let marker_listed = listed(marker)?;
    let its: Vec<String> = own.into_iter().filter(is_its).map(|name| listed(&name)).collect::<Result<_, _>>()?;
    let gone: Vec<Stored> = its.iter().chain([&marker_listed]).map(|name| seen(folder, name)).collect();
    let aside = staged(marker);
    let fault = |error| folder.fault_at(marker, &error);
    steps::place_found(&folder.file(&marker_listed), &folder.file(&aside)).map_err(fault)?;
    for name in &its {
        remove_file(folder, name)?;
    }
    remove_file(folder, &aside)?;
    Ok(gone)
}
