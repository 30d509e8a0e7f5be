//! A file that is written whole or not at all.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use fieldkey_core::{Code, Failure, Why};
use tempfile::{Builder, NamedTempFile};

/// The text is on the disk before the name is its own. With `replace`, what stood there stays until then; without, it
/// stays for good.
///
/// # Errors
/// `usage` about the path, with the reason.
pub(crate) fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    put(path, text, replace).map_err(|error| {
        let why = match error.kind() {
            ErrorKind::AlreadyExists => Why::new(
                "there is a file already: with --replace the new one takes its place",
                "ファイルがすでにあります。置き換えるには --replace を指定してください",
            ),
            _ => Why::of_system(&error),
        };
        Failure::new(Code::Usage).about(path.display().to_string()).because_of(why)
    })
}

fn put(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    // In the way of any file, whatever is to become of files.
    if path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let placed = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map(drop).map_err(|refused| refused.error)
}

/// It goes when it is dropped. Nothing in it is a secret: others may read it as far as the umask lets them.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut made = Builder::new();
    made.prefix(".").suffix(".part");
    #[cfg(unix)]
    made.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    made.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Language;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_stood_there_is_replaced_where_that_is_wanted_and_nothing_stays_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.json");
        std::fs::write(&path, "old and longer").expect("writable");
        write(&path, "new", true).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), "new");
        assert_eq!(names(folder.path()), ["site.json"]);
    }

    #[test]
    fn what_stood_there_stays_where_nobody_said_otherwise() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.json");
        write(&path, "old", false).expect("nothing stood there");
        let failure = write(&path, "new", false).expect_err("it is there");
        assert_eq!((failure.code, failure.about.as_str()), (Code::Usage, path.to_str().expect("UTF-8")));
        for language in [Language::English, Language::Japanese] {
            assert!(failure.why(language).contains("--replace"), "what to do: {}", failure.why(language));
        }
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), "old");
        assert_eq!(names(folder.path()), ["site.json"], "the temporary file went");
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_it_as_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let mode = |name| std::fs::metadata(folder.path().join(name)).expect("there").permissions().mode();
        std::fs::write(folder.path().join("any"), "").expect("writable");
        write(&folder.path().join("site.json"), "new", false).expect("written");
        assert_eq!(mode("site.json"), mode("any"), "a site file is given on to operators");
    }

    #[test]
    fn a_place_where_no_file_can_be_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("site.json")).expect("writable");
        for replace in [false, true] {
            for path in [folder.path().join("site.json"), folder.path().join("no/such/site.json"), "/".into()] {
                let failure = write(&path, "new", replace).expect_err("no file can be there");
                assert_eq!((failure.code, failure.about), (Code::Usage, path.display().to_string()));
                assert!(!failure.reason.contains("--replace"), "it would not help: {}", failure.reason);
            }
        }
        assert_eq!(names(folder.path()), ["site.json"], "the temporary file went");
    }
}
