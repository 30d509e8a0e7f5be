//! A file that is written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fieldkey_core::{Code, Failure};

/// What stood there stays until the new text is on the disk.
///
/// # Errors
/// `usage` about the path, with what the system says.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    replaced(path, text)
        .map_err(|error| Failure::new(Code::Usage).about(path.display().to_string()).because(error.to_string()))
}

fn replaced(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let temporary = Temporary(beside);
    fill(file, text)?;
    std::fs::rename(&temporary.0, path)
}

fn fill(mut file: File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Once it is renamed, it is not there.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_stood_there_is_replaced_and_nothing_stays_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.json");
        std::fs::write(&path, "old and longer").expect("writable");
        write(&path, "new").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), "new");
        assert_eq!(names(folder.path()), ["site.json"]);
    }

    #[test]
    fn a_place_where_no_file_can_be_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("site.json")).expect("writable");
        for path in [folder.path().join("site.json"), folder.path().join("no/such/site.json"), "/".into()] {
            let failure = write(&path, "new").expect_err("no file can be there");
            assert_eq!((failure.code, failure.about), (Code::Usage, path.display().to_string()));
        }
        assert_eq!(names(folder.path()), ["site.json"], "the temporary file went");
    }
}
