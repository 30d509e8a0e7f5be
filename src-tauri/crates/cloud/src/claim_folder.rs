//! A folder for exported claims. Nothing but encrypted files comes here.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use fieldkey_core::ports::ClaimFiles;
use fieldkey_core::{Code, Failure, Why};
use tempfile::NamedTempFile;

/// So many files of one device may end in the same minute.
const SAME_NAMES: u32 = 9;

/// A file of a claim is about 6 kB.
const LIMIT: u64 = 1 << 18;

#[derive(Clone, Debug)]
pub struct ClaimFolder(PathBuf);

impl ClaimFolder {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The content of a claim file, wherever it is.
    ///
    /// # Errors
    /// `claim-file-invalid` about the file, with the reason.
    pub async fn read(path: &Path) -> Result<Vec<u8>, Failure> {
        let path = path.to_owned();
        let refuse = {
            let name = path.display().to_string();
            move |why: Why| Failure::new(Code::ClaimFileInvalid).about(name.clone()).because_of(why)
        };
        beside(move || {
            let metadata = std::fs::metadata(&path).map_err(|error| refuse(Why::of_system(&error)))?;
            // A pipe would be waited for, and a film is no claim.
            if !metadata.is_file() {
                return Err(refuse(Why::new("it is not a file", "ファイルではありません")));
            }
            if metadata.len() > LIMIT {
                return Err(refuse(Why::new("too large for a claim file", "クレームファイルとしては大きすぎます")));
            }
            std::fs::read(&path).map_err(|error| refuse(Why::of_system(&error)))
        })
        .await
    }
}

#[async_trait]
impl ClaimFiles for ClaimFolder {
    fn name(&self) -> String {
        format!("folder:{}", self.0.display())
    }

    async fn check(&self) -> Result<(), Failure> {
        let folder = self.0.clone();
        // It goes when it is dropped.
        beside(move || temporary(&folder).map(drop)).await
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<String, Failure> {
        let (folder, name, bytes) = (self.0.clone(), name.to_owned(), bytes.to_vec());
        beside(move || put(&folder, &name, &bytes).map(|path| path.display().to_string())).await
    }

    async fn read_back(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let path = PathBuf::from(path);
        beside(move || std::fs::read(&path).map_err(|error| refusal(&path, &error))).await
    }
}

/// A folder on the network may make a thread wait; it is to be no other's.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
}

/// For its owner only, where the file system knows owners.
fn temporary(folder: &Path) -> Result<NamedTempFile, Failure> {
    let made = tempfile::Builder::new().prefix(".claim-").suffix(".part").tempfile_in(folder);
    made.map_err(|error| refusal(folder, &error))
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let mut file = temporary(folder)?;
    let written = file.write_all(bytes).and_then(|()| file.as_file().sync_all());
    written.map_err(|error| refusal(folder, &error))?;
    for number in 1..=SAME_NAMES {
        let path = folder.join(numbered(name, number));
        match file.persist_noclobber(&path) {
            Ok(_) => {
                flush(folder);
                return Ok(path);
            }
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => file = taken.file,
            Err(refused) => return Err(refusal(folder, &refused.error)),
        }
    }
    Err(refusal(folder, &ErrorKind::AlreadyExists.into()))
}

/// `claim-SN-1-until-1405Z.age`, then `claim-SN-1-until-1405Z-2.age`.
fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, extension))) => format!("{stem}-{number}.{extension}"),
        (_, None) => format!("{name}-{number}"),
    }
}

/// The name is on the disk, too. Where a folder cannot be opened, the file system sees to it.
fn flush(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn refusal(path: &Path, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Code::TargetGone,
        ErrorKind::PermissionDenied => Code::TargetPermission,
        ErrorKind::ReadOnlyFilesystem => Code::TargetReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::TargetFull,
        _ => Code::TargetRefused,
    };
    Failure::new(code).about(path.display().to_string()).because_of(Why::of_system(error))
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Language;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_file_is_put_whole_for_its_owner_only_and_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = ClaimFolder::new(folder.path());
        let path = files.put("claim-SN-1-until-1405Z.age", b"sealed").await.expect("put");
        assert_eq!(files.read_back(&path).await.expect("read"), b"sealed");
        assert_eq!(ClaimFolder::read(Path::new(&path)).await.expect("read"), b"sealed");
        assert_eq!(names(folder.path()), ["claim-SN-1-until-1405Z.age"], "nothing lies beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn another_file_of_the_same_name_is_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = ClaimFolder::new(folder.path());
        for n in 1..=SAME_NAMES {
            files.put("c.age", &[u8::try_from(n).expect("small")]).await.expect("put");
        }
        assert_eq!(std::fs::read(folder.path().join("c.age")).expect("there"), [1]);
        assert_eq!(std::fs::read(folder.path().join("c-9.age")).expect("there"), [9]);
        let failure = files.put("c.age", b"x").await.expect_err("somebody must tidy up");
        assert_eq!(failure.code, Code::TargetRefused);
        assert_eq!(names(folder.path()).len(), 9, "and nothing half-written stays behind");
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_refused_before_and_after() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = ClaimFolder::new(folder.path().join("gone"));
        assert_eq!(files.check().await.expect_err("no folder").code, Code::TargetGone);
        assert_eq!(files.put("c.age", b"x").await.expect_err("no folder").code, Code::TargetGone);
        ClaimFolder::new(folder.path()).check().await.expect("a good folder");
        assert!(names(folder.path()).is_empty(), "the check leaves nothing");
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let failure = ClaimFolder::read(folder.path()).await.expect_err("a folder");
        assert_eq!(failure.code, Code::ClaimFileInvalid);
        let missing = ClaimFolder::read(&folder.path().join("c.age")).await.expect_err("missing");
        assert!(missing.about.ends_with("c.age"), "{missing}");
        assert_eq!(missing.why(Language::Japanese), "ファイルまたはフォルダーが見つかりません");
    }
}
