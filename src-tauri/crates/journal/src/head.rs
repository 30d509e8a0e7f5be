//! `journal.head`: how far the chain reached, kept beside the database, so that a cut at its end is shown.
//!
//! It is written after each append and lags behind if the program dies between the two. It never runs ahead:
//! what SQLite has said is appended is on the disk. One that knows more than the database, or something else,
//! is left as it is: it is the evidence.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use crate::entry::{GENESIS, Hash};
use crate::files;

const NAME: &str = "journal.head";

/// How long a reading or writing waits for another's, which takes microseconds unless its process is stopped.
const PATIENCE: Duration = Duration::from_secs(1);

/// The last entry, and its hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Hash,
}

impl Head {
    /// Of a journal without entries.
    pub(crate) const EMPTY: Self = Self { seq: 0, hash: GENESIS };

    /// One line that is always as long: writing it over another never leaves half of either.
    fn line(&self) -> String {
        format!("fieldkey-journal 2 {:019} {}\n", self.seq, hex::encode(self.hash))
    }

    fn parse(line: &str) -> Option<Self> {
        let (seq, hash) = line.strip_prefix("fieldkey-journal 2 ")?.strip_suffix('\n')?.split_once(' ')?;
        let mut head = Self { seq: seq.parse().ok()?, ..Self::EMPTY };
        hex::decode_to_slice(hash, &mut head.hash).ok()?;
        Some(head)
    }
}

/// `None`: it is gone, or not to be read.
///
/// # Errors
/// The file is there and cannot be read.
pub(crate) fn read(folder: &Path) -> io::Result<Option<Head>> {
    match File::open(folder.join(NAME)) {
        Ok(mut file) => {
            files::lock_shared_soon(&file, PATIENCE)?;
            content(&mut file)
        }
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

/// Begins the file. Call it only while holding the opening lock.
pub(crate) fn begin(folder: &Path, head: &Head) -> io::Result<()> {
    let mut file = files::private_lock(&folder.join(NAME))?;
    files::lock_soon(&file, PATIENCE)?;
    file.set_len(0)?;
    file.write_all(head.line().as_bytes())?;
    file.sync_all()
}

/// Moves on to a later entry, if `was` says that the chain still holds what the file knows: the hash of the
/// entry with this number.
pub(crate) fn advance(folder: &Path, to: &Head, was: impl FnOnce(i64) -> Option<Hash>) -> io::Result<()> {
    // Made anew it would hide that it was gone.
    let mut file = match File::options().read(true).write(true).open(folder.join(NAME)) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    files::lock_soon(&file, PATIENCE)?;
    let Some(known) = content(&mut file)? else { return Ok(()) };
    if known.seq < to.seq && was(known.seq) == Some(known.hash) {
        file.rewind()?;
        file.write_all(to.line().as_bytes())?;
    }
    Ok(())
}

fn content(file: &mut File) -> io::Result<Option<Head>> {
    let mut line = vec![];
    file.take(1024).read_to_end(&mut line)?;
    Ok(std::str::from_utf8(&line).ok().and_then(Head::parse))
}
