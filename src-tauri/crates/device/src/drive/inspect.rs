//! Everything that can refuse a folder without writing to it.

use std::fs;

use fieldkey_core::{Code, Failure, Why};

use super::files::{Found, LIMIT};
use super::folder::{Folder, given_up};
use super::leftover::is_swept;
use super::temporary::{coming_back, kept, staged};
use crate::layout::{CA, IDENTITY};
use crate::{bootloader, platform};

/// # Errors
/// `target-refused`, `target-read-only`, `target-damaged`, or the folder cannot be read.
pub(super) fn inspect(folder: &Folder, names: &[&str]) -> Result<(), Failure> {
    if let Some(why) = platform::refusal(folder.path()) {
        return Err(folder.failure(Code::TargetRefused).because_of(why));
    }
    if let Some(name) = bootloader::found(folder.path()) {
        let why = Why::new(
            format!("it is the drive of a {name} boot loader, which takes firmware and keeps no files"),
            format!("{name} ブートローダーのドライブで、ファームウェア専用です。ファイルは保存されません"),
        );
        return Err(folder.failure(Code::TargetRefused).because_of(why));
    }
    if platform::gave_up(folder.path()) {
        return Err(folder.failure(Code::TargetDamaged).because_of(given_up()));
    }
    if platform::read_only(folder.path()) {
        return Err(folder.failure(Code::TargetReadOnly));
    }
    for name in names.iter().chain([&IDENTITY]) {
        for temporary in [staged(name), kept(name), coming_back(name)] {
            // Links and files of such a name are swept.
            if fs::symlink_metadata(folder.file(&temporary)).is_ok_and(|found| !is_swept(found.file_type())) {
                return Err(no_file(folder, &temporary));
            }
        }
        let Ok(metadata) = fs::symlink_metadata(folder.file(name)) else { continue };
        if !metadata.is_file() {
            return Err(no_file(folder, name));
        }
        // Of these two a copy is always kept.
        if [CA, IDENTITY].contains(name) && metadata.len() > LIMIT {
            let failure = folder.failure_at(name, Code::TargetRefused);
            return Err(Found::TooLarge.why_not(name).into_iter().fold(failure, Failure::because_of));
        }
    }
    Ok(())
}

fn no_file(folder: &Folder, name: &str) -> Failure {
    folder.failure_at(name, Code::TargetRefused).because_of(Why::new(
        "something that is no file has the name of a file to be written",
        "書き込むファイルと同じ名前の、ファイル以外のもの (フォルダーやリンク) があります",
    ))
}
