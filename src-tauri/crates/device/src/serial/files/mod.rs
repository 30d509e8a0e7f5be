//! Writing into a folder on the device, so that old or new is whole at any moment.
//!
//! New files lie under temporary names until all of them are there and compared. The marker, `provisioning.json` or
//! `identity.json`, comes last: where it is, the rest is whole. A device that cannot rename gets the files under their
//! own names in the same order.

mod check;
mod held;
mod place;
mod stage;
mod undo;

use fieldkey_core::{Code, Failure, Why};

pub(super) use check::check;
pub(super) use held::{identity, remove, stored};
pub(super) use place::{place, verify};
pub(super) use stage::stage;
pub(super) use undo::{Undo, settle, take_back};

use super::Line;
use crate::drivers::Files;
use crate::layout::{Content, sha256};

/// The name of a file that is not in force yet, by its place in the bundle.
fn temporary(index: usize) -> String {
    format!("{TEMPORARY}{index}")
}

const TEMPORARY: &str = "fieldkey-new-";

/// Where a private key waits that is being replaced: it crosses no wire only because it might have to come back.
const ASIDE: &str = "fieldkey-old-key";

/// Beside what is there: the old stay until the new are in force.
fn has_room(line: &mut Line, store: &mut dyn Files, needed: u64) -> Result<(), Failure> {
    match store.room(line)? {
        Some(room) if room < needed => {
            let why = Why::new(
                format!("{room} bytes left, {needed} needed"),
                format!("空き {room} バイト、必要 {needed} バイト"),
            );
            Err(line.failure(Code::TargetFull).because_of(why))
        }
        _ => Ok(()),
    }
}

/// As the device computes it, else of what is read back; `None` if there is no such file.
fn digest(line: &mut Line, store: &mut dyn Files, name: &str) -> Result<Option<String>, Failure> {
    match store.sha256(line, name)? {
        Some(digest) => Ok(Some(digest)),
        None => Ok(store.read(line, name)?.map(|bytes| sha256(&bytes))),
    }
}

fn compare(line: &mut Line, store: &mut dyn Files, name: &str, content: &Content) -> Result<(), Failure> {
    let seen = digest(line, store, name)?;
    if seen.as_deref() == Some(&content.sha256()) {
        return Ok(());
    }
    let why = Why::new(format!("`{}`", content.name), format!("`{}`", content.name));
    Err(line.failure(Code::VerifyMismatch).because_of(why))
}
