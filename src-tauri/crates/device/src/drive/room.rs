//! Is there room for a bundle? Asked before a claim is spent.

use std::io;

use fieldkey_core::ports::Kind;
use fieldkey_core::{Code, Failure, Why};

use super::folder::Folder;
use super::steps;
use super::temporary::{Temporary, coming_back, kept, staged};
use crate::layout::{Files, IDENTITY, marker};
use crate::platform;

/// More than any file of a bundle has: an RSA certificate or key in PEM is below 2 kB.
const FILE: usize = 8 * 1024;

/// Writes as many files as a bundle has, with the copies that are kept of what it replaces, of more than their size
/// and under the names that they will have until they are whole, and removes them. Free space as the system tells it is only a hint:
/// quotas, clusters and the directory's own limits count too.
///
/// # Errors
/// `target-full`, `target-permission`, `target-read-only`, or what else keeps a file from being written.
pub(super) fn probe(folder: &Folder, kind: Kind, files: &Files) -> Result<(), Failure> {
    let mut temporary: Vec<String> = files.each().chain([marker(kind)]).map(staged).collect();
    let copied: Vec<&str> = match kind {
        Kind::Claim => files.shared().collect(),
        Kind::Identity => files.each().collect(),
    };
    for name in copied.into_iter().chain([IDENTITY]) {
        temporary.extend(folder.listed(name)?.map(|_| kept(name)));
    }
    // One at a time goes back.
    temporary.push(coming_back(IDENTITY));
    let room = platform::room(folder.path()).map_err(|error| folder.fault(&error))?;
    if let Some(free) = room.bytes.filter(|free| *free < (FILE * temporary.len()) as u64) {
        return Err(folder
            .failure(Code::TargetFull)
            .because_of(Why::new(format!("{free} bytes are free"), format!("空き容量: {free} バイト"))));
    }
    if let Some(free) = room.files.filter(|free| *free < temporary.len() as u64) {
        return Err(folder.failure(Code::TargetFull).because_of(Why::new(
            format!("{free} more files can be made"),
            format!("作成できるファイルはあと {free} 個です"),
        )));
    }
    // Not zeros: a file system that compresses or leaves holes would take any number of those.
    let filler = vec![0xa5; FILE];
    let write = |name: &String| Temporary::write(folder, name, &filler);
    let written: io::Result<Vec<Temporary>> = temporary.iter().map(write).collect();
    let written = written.map(drop);
    // What was freed is free on the drive before another file takes it.
    written.and_then(|()| steps::sync_folder(folder.path())).map_err(|error| folder.fault(&error))
}
