//! Everything that can refuse a folder without writing to it.

use fieldkey_core::{Code, Failure, Why};

use super::folder::Folder;
use super::occupied;
use crate::{bootloader, platform};

/// # Errors
/// `target-refused`, `target-read-only`, `identity-present` (never with `replace`), or the folder
/// cannot be read.
pub(super) fn inspect(folder: &Folder, names: &[&str], replace: bool) -> Result<(), Failure> {
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
    if platform::read_only(folder.path()) {
        return Err(folder.failure(Code::TargetReadOnly));
    }
    for name in names {
        if folder.file(name).is_dir() {
            let failure = folder.failure_at(name, Code::TargetRefused);
            let why = Why::new(
                "a folder has the name of a file to be written",
                "書き込むファイルと同じ名前のフォルダーがあります",
            );
            return Err(failure.because_of(why));
        }
    }
    if replace { Ok(()) } else { occupied::refuse(folder) }
}
