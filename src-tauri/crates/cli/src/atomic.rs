//! A file that is written whole or not at all.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use fieldkey_core::{Code, Failure, Why};
use tempfile::{Builder, NamedTempFile, PersistError};

/// The text is on the disk before the name is its own. With `replace`, what stood there stays until then; without, it
/// stays for good.
///
/// # Errors
/// `usage` about the path, with the reason.
pub(crate) fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let put = |place: Cow<'_, Path>| {
        let put = if replace {
            put(&place, text, NamedTempFile::persist)
        } else {
            put_anew(&place, text, NamedTempFile::persist_noclobber)
        };
        put.map_err(|error| refusal(&error))
    };
    let refuse = |why| Failure::new(Code::Usage).about(path.display().to_string()).because_of(why);
    place(path).and_then(put).map_err(refuse)
}

fn refusal(error: &io::Error) -> Why {
    match error.kind() {
        ErrorKind::AlreadyExists => Why::new(
            "there is a file already: with --replace the new one takes its place",
            "ファイルがすでにあります。置き換えるには --replace を指定してください",
        ),
        _ => Why::of_system(error),
    }
}

/// Where the file is to be: a link stays, and what it leads to is written. What is there and is no file stays, too,
/// whatever is to become of files.
fn place(path: &Path) -> Result<Cow<'_, Path>, Why> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => Err(Why::of_system(&ErrorKind::IsADirectory.into())),
        Ok(there) if !there.is_file() => Err(Why::new(
            "it is a device or a pipe, and no file can take its place",
            "デバイスまたはパイプであり、ファイルに置き換えることはできません",
        )),
        Ok(_) if path.is_symlink() => path.canonicalize().map(Cow::Owned).map_err(|error| Why::of_system(&error)),
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            Err(Why::new("it is a link to a file that is not there", "リンク先のファイルが見つかりません"))
        }
        // What else is in the way is met in writing.
        _ => Ok(Cow::Borrowed(path)),
    }
}

fn put<'a>(
    path: &'a Path,
    text: &str,
    persist: impl FnOnce(NamedTempFile, &'a Path) -> Result<File, PersistError>,
) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    persist(file, path).map(drop).map_err(|refused| refused.error)
}

/// As [`put`], where `persist` leaves alone what stands there; and where the file system has no such thing.
fn put_anew<'a>(
    path: &'a Path,
    text: &str,
    persist: impl FnOnce(NamedTempFile, &'a Path) -> Result<File, PersistError>,
) -> io::Result<()> {
    match put(path, text, persist) {
        // Without hard links some say that one is not permitted.
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {}
        done => return done,
    }
    let mut file = File::create_new(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(file);
        let _ = fs::remove_file(path);
    }
    written
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
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_stood_there_is_replaced_where_that_is_wanted_and_nothing_stays_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.json");
        fs::write(&path, "old and longer").expect("writable");
        write(&path, "new", true).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "new");
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
        assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
        assert_eq!(names(folder.path()), ["site.json"], "the temporary file went");
    }

    #[test]
    fn a_file_system_without_hard_links_takes_a_new_file_and_keeps_an_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.json");
        for kind in [ErrorKind::Unsupported, ErrorKind::PermissionDenied] {
            let refuse = |file: NamedTempFile, _: &Path| Err(PersistError { error: kind.into(), file });
            put_anew(&path, "old", refuse).expect("nothing stood there");
            let error = put_anew(&path, "new", refuse).expect_err("it is there");
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
            assert_eq!(names(folder.path()), ["site.json"], "the temporary file went");
            fs::remove_file(&path).expect("it goes");
        }
        let full = |file, _: &Path| Err(PersistError { error: ErrorKind::StorageFull.into(), file });
        assert!(put_anew(&path, "new", full).is_err(), "another way would be no better");
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() {
        let (folder, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (link, file) = (folder.path().join("site.json"), elsewhere.path().join("tokyo.json"));
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        for replace in [false, true] {
            let failure = write(&link, "new", replace).expect_err("it leads nowhere");
            assert!(failure.reason.contains("not there") && !failure.reason.contains("--replace"), "{failure}");
        }
        fs::write(&file, "old").expect("writable");
        let failure = write(&link, "new", false).expect_err("it is there");
        assert!(failure.reason.contains("--replace"), "{failure}");
        write(&link, "new", true).expect("written");
        assert_eq!(fs::read_to_string(&file).expect("readable"), "new");
        assert!(link.is_symlink(), "whoever made it so wants it so");
        assert_eq!((names(folder.path()).len(), names(elsewhere.path()).len()), (1, 1), "nothing stays behind");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (socket, link) = (folder.path().join("socket"), folder.path().join("link"));
        let _listens = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
        std::os::unix::fs::symlink("/dev/null", &link).expect("a link");
        for path in [socket.as_path(), &link, Path::new("/dev/null")] {
            for replace in [false, true] {
                let failure = write(path, "new", replace).expect_err("no file can be there");
                assert_eq!((failure.code, failure.about.as_str()), (Code::Usage, path.to_str().expect("UTF-8")));
                assert!(failure.reason.contains("pipe") && !failure.reason.contains("--replace"), "{failure}");
            }
        }
        assert!(socket.exists() && link.is_symlink(), "they stay");
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_it_as_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let mode = |name| fs::metadata(folder.path().join(name)).expect("there").permissions().mode();
        fs::write(folder.path().join("any"), "").expect("writable");
        write(&folder.path().join("site.json"), "new", false).expect("written");
        assert_eq!(mode("site.json"), mode("any"), "a site file is given on to operators");
    }

    #[test]
    fn a_place_where_no_file_can_be_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("site.json")).expect("writable");
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
