//! Files that a person chose or dropped. The page knows them by numbers only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fieldkey_core::{Code, Failure, Why};
use secrecy::SecretSlice;

use crate::state::held;
use crate::views::PickedFile;

/// No certificate comes with more beside it.
const LARGEST: u64 = 1 << 20;

/// So many are remembered; a person picks a few.
const MOST: usize = 64;

#[derive(Default)]
pub(crate) struct Picked(Mutex<Files>);

#[derive(Default)]
struct Files {
    paths: BTreeMap<u64, PathBuf>,
    next: u64,
}

impl Picked {
    /// Files only: what is none is left out.
    pub(crate) fn take(&self, paths: Vec<PathBuf>) -> Vec<PickedFile> {
        let mut files = held(&self.0);
        let mut taken = vec![];
        for path in paths {
            let Ok(file) = std::fs::metadata(&path) else { continue };
            if !file.is_file() {
                continue;
            }
            files.next += 1;
            let id = files.next;
            taken.push(PickedFile::new(id.to_string(), &path, file.len()));
            files.paths.insert(id, path);
            while files.paths.len() > MOST {
                files.paths.pop_first();
            }
        }
        taken
    }

    /// # Errors
    /// `usage` for one that is forgotten.
    pub(crate) fn path(&self, id: &str) -> Result<PathBuf, Failure> {
        let path = id.parse().ok().and_then(|id: u64| held(&self.0).paths.get(&id).cloned());
        path.ok_or_else(|| {
            let why = Why::new("choose the file again", "ファイルを選択し直してください");
            Failure::new(Code::Usage).because_of(why)
        })
    }
}

/// What is in a certificate's or a key's file.
///
/// # Errors
/// `certificate-invalid` where it is too large, or cannot be read.
pub(crate) async fn read(path: &Path) -> Result<SecretSlice<u8>, Failure> {
    let refuse = |why: Why| Failure::new(Code::CertificateInvalid).about(name(path)).because_of(why);
    let size = tokio::fs::metadata(path).await.map_or(0, |file| file.len());
    if size > LARGEST {
        return Err(refuse(Why::new("it is too large for a certificate", "証明書としては大きすぎます")));
    }
    match tokio::fs::read(path).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(refuse(Why::of_system(&error))),
    }
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_numbers_and_folders_are_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("device.pem");
        std::fs::write(&path, "x").expect("writable");
        let picked = Picked::default();
        let taken = picked.take(vec![folder.path().to_owned(), path.clone(), folder.path().join("gone")]);
        assert_eq!(taken.len(), 1);
        assert_eq!(picked.path(&taken[0].id), Ok(path));
        assert_eq!(picked.path("99").map_err(|failure| failure.code), Err(Code::Usage));
        assert_eq!(picked.path("/etc/passwd").map_err(|failure| failure.code), Err(Code::Usage));
    }
}
