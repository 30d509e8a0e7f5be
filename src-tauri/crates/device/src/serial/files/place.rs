//! A staged bundle comes into force, and is compared.

use fieldkey_core::ports::Kind;
use fieldkey_core::{Failure, FileRecord};

use super::undo::Undo;
use super::{ASIDE, compare};
use crate::drivers::Files;
use crate::layout::{Content, IDENTITY};
use crate::serial::Line;

pub(crate) fn place(
    line: &mut Line,
    store: &mut dyn Files,
    kind: Kind,
    contents: &[Content],
    undo: &mut Undo,
) -> Result<(), Failure> {
    let Some((marker, rest)) = contents.split_last() else { return Ok(()) };
    if kind == Kind::Claim {
        store.remove(line, &marker.name)?;
    }
    let rest: Vec<&Content> = rest.iter().filter(|content| !undo.is_the_same(content)).collect();
    // A device that finds the identity would carry on with it and leave the claim alone.
    let displaces = kind == Kind::Claim && undo.old.iter().any(|(name, _)| name == IDENTITY);
    if undo.can_rename && !displaces {
        let all: Vec<&Content> = rest.into_iter().chain([marker]).collect();
        rename_all(line, store, &all, undo)?;
    } else {
        put_all(line, store, &rest, undo)?;
        if displaces {
            store.remove(line, IDENTITY)?;
        }
        put_all(line, store, &[marker], undo)?;
    }
    store.sync(line)
}

fn put_all(line: &mut Line, store: &mut dyn Files, contents: &[&Content], undo: &mut Undo) -> Result<(), Failure> {
    if undo.can_rename {
        return rename_all(line, store, contents, undo);
    }
    for content in contents {
        undo.is_new(content);
        store.write(line, &content.name, &content.bytes)?;
        compare(line, store, &content.name, content)?;
    }
    Ok(())
}

/// Gives staged files their names, in this order.
fn rename_all(line: &mut Line, store: &mut dyn Files, contents: &[&Content], undo: &mut Undo) -> Result<(), Failure> {
    let staged = undo.temporary.clone();
    let mut moves: Vec<(&str, &str)> = vec![];
    for content in contents {
        undo.is_new(content);
        if undo.aside.as_deref() == Some(&*content.name) {
            moves.push((&content.name, ASIDE));
        }
        let temporary = staged.iter().find(|(name, _)| *name == *content.name);
        moves.extend(temporary.map(|(name, temporary)| (temporary.as_str(), name.as_str())));
    }
    // One that fails in its middle leaves some of them: what is not there any more is removed without complaint.
    store.rename_all(line, &moves)?;
    undo.temporary.retain(|(name, _)| !contents.iter().any(|content| *name == *content.name));
    Ok(())
}

pub(crate) fn verify(line: &mut Line, store: &mut dyn Files, contents: &[Content]) -> Result<Vec<FileRecord>, Failure> {
    let mut files = vec![];
    for content in contents {
        compare(line, store, &content.name, content)?;
        files.push(FileRecord {
            name: content.name.to_string(),
            bytes: content.bytes.len() as u64,
            sha256: content.sha256(),
        });
    }
    Ok(files)
}
