//! What the folder holds.

use fieldkey_core::ports::Stored;
use fieldkey_core::{Code, Failure, Identity, Why};

use super::{ASIDE, TEMPORARY};
use crate::drivers::{Files, Listed};
use crate::layout::{
    self, Files as Names, IDENTITY, Layout, PRIVATE_KEY, PRIVATE_KEY_END, Record, SETTINGS, is_credential,
};
use crate::serial::Line;

pub(crate) fn identity(line: &mut Line, store: &mut dyn Files) -> Result<Option<Identity>, Failure> {
    let invalid = |line: &Line, why| line.failure(Code::IdentityInvalid).because_of(why);
    let Some(bytes) = store.read(line, IDENTITY)? else { return Ok(None) };
    let record = Record::parse(&bytes).map_err(|why| invalid(line, why))?;
    let gives_keys = store.gives_keys();
    let mut load = |name: &str| {
        let bytes = store.read(line, name)?.filter(|bytes| record.fits(name, bytes));
        bytes.ok_or_else(|| {
            let why = Why::new(
                format!("`{name}` is not the file that `identity.json` was written for"),
                format!("`{name}` の内容が `identity.json` の記録と一致しません"),
            );
            invalid(line, why)
        })
    };
    let Names { certificate, private_key, ca, .. } = &record.files;
    let (certificate, ca) = (load(certificate)?, load(ca)?);
    // A device that gives its keys to nobody is the only one that can use them.
    let private_key = private_key.as_deref().filter(|_| gives_keys);
    let key = private_key.map(&mut load).transpose()?;
    let identity = record.read(&certificate, key.as_ref().map(|key| key.as_slice()), &ca);
    identity.map(Some).map_err(|why| invalid(line, why))
}

pub(crate) fn stored(line: &mut Line, store: &mut dyn Files, layout: &Layout) -> Result<Vec<Stored>, Failure> {
    let mut stored = vec![];
    for Listed { name, bytes } in ours(line, store, layout)?.listed {
        let digest = store.sha256(line, &name)?.map(|hash| format!("sha256:{hash}"));
        stored.push(Stored { name, bytes, digest });
    }
    Ok(stored)
}

pub(crate) fn remove(line: &mut Line, store: &mut dyn Files, layout: &Layout) -> Result<Vec<Stored>, Failure> {
    let mut ours = ours(line, store, layout)?;
    refuse_foreign(line, &ours)?;
    // Keys first: they are what nobody else may have. The rest is found by the markers, so these come next.
    ours.listed
        .sort_by_key(|Listed { name, .. }| (!ours.keys.contains(name), ![IDENTITY, SETTINGS].contains(&&**name)));
    for listed in &ours.listed {
        store.remove(line, &listed.name)?;
    }
    store.sync(line)?;
    let left = store.list(line)?;
    if let Some(left) = left.iter().find(|left| ours.listed.iter().any(|gone| gone.name == left.name)) {
        let name = &left.name;
        let why = Why::new(format!("`{name}` is still there"), format!("`{name}` が残っています"));
        return Err(line.failure(Code::VerifyMismatch).because_of(why));
    }
    Ok(ours.listed.into_iter().map(|Listed { name, bytes }| Stored { name, bytes, digest: None }).collect())
}

/// With the record gone, nobody would find what else it names.
fn refuse_foreign(line: &Line, ours: &Ours) -> Result<(), Failure> {
    match &ours.foreign {
        Some((marker, name)) => Err(layout::foreign(line.about().to_owned(), marker, name)),
        None => Ok(()),
    }
}

/// The files in the folder that Fieldkey writes.
struct Ours {
    listed: Vec<Listed>,
    keys: Vec<String>,
    /// One that a record names, and by which record. None of the layouts calls it so.
    foreign: Option<(&'static str, String)>,
}

/// A record is believed only where it names what a layout calls so: it may name anything in the folder.
fn ours(line: &mut Line, store: &mut dyn Files, layout: &Layout) -> Result<Ours, Failure> {
    let mut listed = store.list(line)?;
    let is_there = |name: &str| listed.iter().any(|listed| listed.name == name);
    let mut named: Vec<(&'static str, Names, Vec<String>)> = vec![];
    if is_there(IDENTITY)
        && let Some(record) = store.read(line, IDENTITY)?.and_then(|bytes| Record::parse(&bytes).ok())
    {
        let own = record.own(layout.of_site());
        named.push((IDENTITY, record.files, own));
    }
    if is_there(SETTINGS)
        && let Some(claim) = store.read(line, SETTINGS)?.and_then(|bytes| layout::Claim::parse(&bytes))
    {
        let own = claim.own(layout.of_site());
        named.push((SETTINGS, claim.files, own));
    }
    let foreign = named.iter().find_map(|(marker, files, own)| {
        let name = files.but_ca().find(|name| is_there(name) && !own.iter().any(|own| own == name));
        name.map(|name| (*marker, name.to_owned()))
    });
    let is_ours = |name: &str| is_credential(name) || name.starts_with(TEMPORARY) || name == ASIDE;
    listed.retain(|Listed { name, .. }| is_ours(name) || named.iter().any(|(_, _, own)| own.contains(name)));
    let is_key = |name: &str| name == ASIDE || name == PRIVATE_KEY || name.ends_with(PRIVATE_KEY_END);
    let names_key = |name: &str| named.iter().any(|(_, files, _)| files.key() == name);
    let keys = listed.iter().map(|listed| listed.name.clone());
    let keys = keys.filter(|name| is_key(name) || names_key(name) || name.starts_with(TEMPORARY)).collect();
    Ok(Ours { listed, keys, foreign })
}
