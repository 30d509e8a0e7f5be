//! Can the folder take a bundle? What a run that was cut off left there goes first.

use fieldkey_core::ports::Kind;
use fieldkey_core::{Code, Failure, Why};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{ASIDE, TEMPORARY, digest, has_room};
use crate::drivers::Files;
use crate::layout::{self, About, Files as Names, IDENTITY, Layout, Record, SETTINGS};
use crate::serial::Line;

/// What the files of a claim, and of an identity, take at least, in bytes. Before AWS has made them nobody knows more.
const CLAIM: u64 = 4_800;
const IDENTITY_SIZE: u64 = 3_000;

pub(crate) fn check(
    line: &mut Line,
    store: &mut dyn Files,
    layout: &Layout,
    kind: Kind,
    replace: bool,
) -> Result<(), Failure> {
    let names: Vec<String> = store.list(line)?.into_iter().map(|listed| listed.name).collect();
    for left in names.iter().filter(|name| name.starts_with(TEMPORARY)) {
        store.remove(line, left)?;
    }
    if names.iter().any(|name| name == ASIDE) {
        decide_on_aside(line, store)?;
    }
    if !replace {
        refuse_present(line, store, &names)?;
        if layout.has_common_names() {
            refuse_foreign(line, store, &names, &layout.files(&About::anybody(kind)))?;
        }
    }
    let needed = match kind {
        Kind::Claim => CLAIM,
        Kind::Identity => IDENTITY_SIZE,
    };
    has_room(line, store, needed)
}

/// A run that was cut off left a key aside. It is the one of the identity that is in force, or nobody's any more.
fn decide_on_aside(line: &mut Line, store: &mut dyn Files) -> Result<(), Failure> {
    let record = store.read(line, IDENTITY)?.and_then(|bytes| Record::parse(&bytes).ok());
    let aside = digest(line, store, ASIDE)?;
    let name = record.as_ref().and_then(|record| record.files.private_key.as_deref().map(|name| (record, name)));
    match (name, aside) {
        (Some((record, name)), Some(digest)) if record.sha256_of(name) == Some(&digest) => {
            store.rename(line, ASIDE, name)
        }
        _ => store.remove(line, ASIDE),
    }
}

#[derive(Deserialize)]
struct Claim {
    #[serde(with = "time::serde::rfc3339")]
    expires: OffsetDateTime,
}

fn refuse_present(line: &mut Line, store: &mut dyn Files, names: &[String]) -> Result<(), Failure> {
    let present = |line: &Line, why| Err(line.failure(Code::IdentityPresent).because_of(why));
    if names.iter().any(|name| name == IDENTITY) {
        return present(line, Why::new("an identity", "デバイス証明書"));
    }
    if !names.iter().any(|name| name == SETTINGS) {
        return Ok(());
    }
    let claim = store.read(line, SETTINGS)?.and_then(|bytes| serde_json::from_slice::<Claim>(&bytes).ok());
    match claim {
        Some(claim) if claim.expires <= OffsetDateTime::now_utc() => Ok(()),
        Some(_) => present(line, Why::new("a claim that is still valid", "有効期限内のクレーム")),
        None => present(
            line,
            Why::new("`provisioning.json` is not Fieldkey's", "`provisioning.json` は Fieldkey のものではありません"),
        ),
    }
}

/// Files that bear the names of those to be written, and that no claim of ours was written with.
fn refuse_foreign(line: &mut Line, store: &mut dyn Files, names: &[String], coming: &Names) -> Result<(), Failure> {
    let is_there = |name: &str| names.iter().any(|there| there.eq_ignore_ascii_case(name));
    let claim = match names.iter().any(|name| name == SETTINGS) {
        true => store.read(line, SETTINGS)?.and_then(|bytes| layout::Claim::parse(&bytes)),
        false => None,
    };
    for name in coming.but_ca().filter(|name| is_there(name)) {
        let digest = digest(line, store, name)?;
        if claim.as_ref().zip(digest).is_none_or(|(claim, digest)| claim.sha256_of(name) != Some(&*digest)) {
            let why = Why::new(
                format!("`{name}` was not written by Fieldkey"),
                format!("`{name}` は Fieldkey が書き込んだものではありません"),
            );
            return Err(line.failure(Code::IdentityPresent).because_of(why));
        }
    }
    Ok(())
}
