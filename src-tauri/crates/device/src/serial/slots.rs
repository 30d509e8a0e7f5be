//! Writing into a key store, whose places hold one thing at a time.
//!
//! The private key comes last: it is what most devices do not give back. So until certificate and CA are there and
//! compared, nothing is removed that could not be put back.

use fieldkey_core::ports::{Kind, Stored};
use fieldkey_core::{Code, Failure, FileRecord, Why};
use zeroize::Zeroizing;

use super::Line;
use crate::drivers::{Held, Slots};
use crate::layout::{Content, Part};

/// The order of writing.
const ORDER: [Part; 4] = [Part::Ca, Part::Settings, Part::Certificate, Part::PrivateKey];

/// What AWS gives with a claim, in bytes: RSA of 2048 bits, and Amazon Root CA 1. Identities are smaller.
const CLAIM: [(Part, usize); 3] = [(Part::Ca, 1188), (Part::Certificate, 1220), (Part::PrivateKey, 1675)];
const IDENTITY: [(Part, usize); 3] = [(Part::Ca, 1188), (Part::Certificate, 700), (Part::PrivateKey, 227)];

/// What was in the places before.
#[derive(Default)]
pub(super) struct Undo {
    before: Vec<(Part, Before)>,
    held: Vec<Held>,
    /// Places that are not as they were any more.
    changed: Vec<Part>,
}

enum Before {
    Empty,
    Kept(Zeroizing<Vec<u8>>),
    /// The device does not give it away.
    Unknown,
}

pub(super) fn check(line: &mut Line, store: &mut dyn Slots, kind: Kind, replace: bool) -> Result<(), Failure> {
    let held = store.held(line)?;
    // A CA alone is nobody's identity.
    let present = held.iter().find(|held| matches!(held.part, Part::Certificate | Part::PrivateKey));
    if let Some(Held { part, .. }) = present.filter(|_| !replace) {
        let place = store.place(*part).unwrap_or_default();
        let why = Why::new(place.clone(), place);
        return Err(line.failure(Code::IdentityPresent).because_of(why));
    }
    store.room(
        line,
        match kind {
            Kind::Claim => &CLAIM,
            Kind::Identity => &IDENTITY,
        },
    )
}

/// Everything is known, and nothing is touched: will it fit, and what would be lost?
pub(super) fn prepare(line: &mut Line, store: &mut dyn Slots, contents: &[Content]) -> Result<Undo, Failure> {
    let sizes: Vec<_> = contents.iter().map(|content| (content.part, content.bytes.len())).collect();
    store.room(line, &sizes)?;
    let held = store.held(line)?;
    let mut undo = Undo::default();
    for content in ordered(contents, store) {
        let before = if held.iter().any(|held| held.part == content.part) {
            store.read(line, content.part)?.map_or(Before::Unknown, Before::Kept)
        } else {
            Before::Empty
        };
        undo.before.push((content.part, before));
    }
    undo.held = held;
    Ok(undo)
}

pub(super) fn place(
    line: &mut Line,
    store: &mut dyn Slots,
    contents: &[Content],
    undo: &mut Undo,
) -> Result<(), Failure> {
    let mut done: Vec<&Content> = vec![];
    for content in ordered(contents, store) {
        let before = undo.before.iter().find(|(part, _)| *part == content.part).map(|(_, before)| before);
        match before {
            None | Some(Before::Empty) => {}
            Some(Before::Kept(bytes)) if **bytes == *content.bytes => continue,
            Some(Before::Kept(_)) => {}
            // Gone for good in a moment: what came before it must be sound.
            Some(Before::Unknown) => done.iter().try_for_each(|content| store.verify(line, content))?,
        }
        if matches!(before, Some(Before::Unknown)) {
            // Refused, it may be there still, and nothing could bring it back.
            if let Err(refused) = store.remove(line, content.part) {
                let is = |held: &&Held| held.part == content.part;
                let now = store.held(line).ok();
                let untouched = now.is_some_and(|now| now.iter().find(is) == undo.held.iter().find(is));
                undo.changed.extend((!untouched).then_some(content.part));
                return Err(refused);
            }
            undo.changed.push(content.part);
        } else {
            undo.changed.push(content.part);
            if !matches!(before, None | Some(Before::Empty)) {
                store.remove(line, content.part)?;
            }
        }
        store.write(line, content)?;
        done.push(content);
    }
    Ok(())
}

pub(super) fn verify(line: &mut Line, store: &mut dyn Slots, contents: &[Content]) -> Result<Vec<FileRecord>, Failure> {
    let mut files = vec![];
    for content in ordered(contents, store) {
        store.verify(line, content)?;
        files.push(FileRecord {
            name: store.place(content.part).unwrap_or_default(),
            bytes: content.bytes.len() as u64,
            sha256: content.sha256(),
        });
    }
    Ok(files)
}

/// Puts back what was there, as far as the device gave it away.
///
/// # Errors
/// About what is lost, or was left.
pub(super) fn take_back(line: &mut Line, store: &mut dyn Slots, undo: Undo) -> Result<(), Failure> {
    let Undo { before, changed, .. } = undo;
    let (mut outcome, mut back) = (Ok(()), vec![]);
    for (part, before) in before.into_iter().rev().filter(|(part, _)| changed.contains(part)) {
        let restored = store.remove(line, part).and_then(|()| match before {
            Before::Empty => Ok(()),
            Before::Kept(bytes) => {
                let content = Content { part, name: "".into(), bytes };
                store.write(line, &content).map(|()| back.push(content))
            }
            Before::Unknown => {
                let place = store.place(part).unwrap_or_default();
                let why = Why::new(
                    format!("what was in {place} before is gone"),
                    format!("{place} にあったものは失われました"),
                );
                Err(line.failure(Code::DeviceRejected).because_of(why))
            }
        });
        outcome = outcome.and(restored);
    }
    // Some devices prove by taking key and certificate into use: both must be there.
    back.sort_by_key(|content| ORDER.iter().position(|part| *part == content.part));
    back.iter().fold(outcome, |outcome, content| outcome.and(store.verify(line, content)))
}

pub(super) fn stored(line: &mut Line, store: &mut dyn Slots) -> Result<Vec<Stored>, Failure> {
    let held = store.held(line)?;
    Ok(held.iter().map(|held| named(held, store)).collect())
}

pub(super) fn remove(line: &mut Line, store: &mut dyn Slots) -> Result<Vec<Stored>, Failure> {
    let held = store.held(line)?;
    let mut gone = vec![];
    // The key first: it is what nobody else may have.
    for part in ORDER.into_iter().rev() {
        if let Some(held) = held.iter().find(|held| held.part == part) {
            store.remove(line, part)?;
            gone.push(named(held, store));
        }
    }
    let left = store.held(line)?;
    match left.first() {
        None => Ok(gone),
        Some(left) => {
            let place = store.place(left.part).unwrap_or_default();
            let why = Why::new(format!("{place} is still there"), format!("{place} が残っています"));
            Err(line.failure(Code::VerifyMismatch).because_of(why))
        }
    }
}

fn named(held: &Held, store: &dyn Slots) -> Stored {
    let name = store.place(held.part).unwrap_or_default();
    Stored { name, bytes: held.bytes, digest: held.digest.clone() }
}

/// Those that the device has a place for, in the order of writing.
fn ordered<'a>(contents: &'a [Content], store: &dyn Slots) -> Vec<&'a Content> {
    let of = |part: Part| contents.iter().find(move |content| content.part == part);
    ORDER.into_iter().filter(|part| store.place(*part).is_some()).filter_map(of).collect()
}
