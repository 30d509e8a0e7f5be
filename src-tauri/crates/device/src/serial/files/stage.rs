//! A bundle under temporary names, beside what must be able to come back.

use fieldkey_core::Failure;
use fieldkey_core::ports::Kind;

use super::undo::{Undo, take_back};
use super::{compare, has_room, temporary};
use crate::drivers::Files;
use crate::layout::{Content, IDENTITY, Layout, Part, Record, SETTINGS};
use crate::serial::Line;

/// Writes everything under temporary names and compares it.
pub(crate) fn stage(
    line: &mut Line,
    store: &mut dyn Files,
    layout: &Layout,
    kind: Kind,
    contents: &[Content],
) -> Result<Undo, Failure> {
    let mut undo = Undo { can_rename: store.can_rename(line)?, ..Undo::default() };
    let staged = keep_old(line, store, layout, kind, contents, &mut undo)
        .and_then(|()| if undo.can_rename { write_all(line, store, contents, &mut undo) } else { Ok(()) });
    match staged {
        Ok(()) => Ok(undo),
        Err(failure) => {
            line.carry_on();
            let swept = take_back(line, store, undo);
            line.may_stop();
            tracing::debug!(swept = swept.is_ok(), "temporary files");
            Err(failure)
        }
    }
}

fn write_all(line: &mut Line, store: &mut dyn Files, contents: &[Content], undo: &mut Undo) -> Result<(), Failure> {
    let new = contents.iter().filter(|content| !undo.is_the_same(content));
    has_room(line, store, new.map(|content| content.bytes.len() as u64).sum())?;
    for content in contents {
        if undo.is_the_same(content) {
            continue;
        }
        let temporary = temporary(undo.temporary.len());
        undo.temporary.push((content.name.to_string(), temporary.clone()));
        store.write(line, &temporary, &content.bytes)?;
        compare(line, store, &temporary, content)?;
    }
    Ok(())
}

/// Keeps what must be able to come back. An earlier claim does not: it is over in minutes.
fn keep_old(
    line: &mut Line,
    store: &mut dyn Files,
    layout: &Layout,
    kind: Kind,
    contents: &[Content],
    undo: &mut Undo,
) -> Result<(), Failure> {
    let names = store.list(line)?;
    let is_there = |name: &str| names.iter().any(|listed| listed.name == name);
    let mut of_identity: Vec<String> = vec![];
    if is_there(IDENTITY)
        && let Some(bytes) = store.read(line, IDENTITY)?
    {
        if let Ok(record) = Record::parse(&bytes) {
            of_identity = record.files.each().map(str::to_owned).collect();
            let coming = |name: &str| contents.iter().any(|content| content.name.eq_ignore_ascii_case(name));
            if kind == Kind::Identity {
                let own = record.own(layout.of_site());
                undo.superseded = own
                    .into_iter()
                    .filter(|name| !name.eq_ignore_ascii_case(&record.files.ca) && !coming(name))
                    .collect();
            }
        }
        undo.old.push((IDENTITY.to_owned(), bytes));
    }
    let records = [IDENTITY, SETTINGS];
    for content in contents.iter().filter(|content| !records.contains(&&*content.name) && is_there(&content.name)) {
        let name = content.name.to_string();
        let wanted_back = kind == Kind::Identity || content.part == Part::Ca || of_identity.contains(&name);
        if store.sha256(line, &name)?.is_some_and(|digest| digest == content.sha256()) {
            undo.same.push(name);
        } else if wanted_back && content.part == Part::PrivateKey && undo.can_rename {
            undo.aside = Some(name);
        } else if wanted_back {
            undo.old.extend(store.read(line, &name)?.map(|bytes| (name, bytes)));
        }
    }
    Ok(())
}
