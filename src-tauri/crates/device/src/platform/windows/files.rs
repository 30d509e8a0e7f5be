//! Files that must be on the drive, and not in a cache, when Fieldkey says so.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::super::aligned;
use super::GONE;

const FILE_FLAG_NO_BUFFERING: u32 = 0x2000_0000;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Opens what is there under that very name for reading: follows no link.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

/// A copy inherits the folder's permissions, as what it was made of did.
pub(crate) fn keep_mode(_: &Path, _: &File) {}

/// A file inherits the folder's permissions.
pub(crate) fn set_mode(_: &File, _: u32) {}

/// Writes a file through to the drive: what the system has of it, then what the drive has in its own cache.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Writes a folder's names through. A root folder's does it for the whole of a FAT volume. Not every file system knows
/// that of a folder: there the sync of the renamed file has to do.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = OpenOptions::new().write(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path);
    match folder.and_then(|folder| folder.sync_all()) {
        Err(error) if error.raw_os_error().is_some_and(|number| GONE.contains(&number)) => Err(error),
        _ => Ok(()),
    }
}

/// Reads a file from the drive itself. The second value is whether that was possible.
pub(crate) fn read_past_cache(path: &Path, limit: usize) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let unbuffered = OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_NO_BUFFERING)
        .open(path)
        .and_then(|file| aligned::read(&file, limit));
    match unbuffered {
        Ok(bytes) => Ok((bytes, true)),
        Err(_) => Ok((aligned::read(&File::open(path)?, limit)?, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_through_reads_back_past_the_cache() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("claimCert.pem");
        let bytes: Vec<u8> = (0..5000_u32).map(|i| i.to_le_bytes()[0]).collect();
        let mut file = create_new(&path).expect("new");
        io::Write::write_all(&mut file, &bytes).expect("written");
        sync(&file).expect("through");
        sync_folder(folder.path()).expect("through");
        assert!(create_new(&path).is_err(), "it is there already");
        let (read, _) = read_past_cache(&path, 5001).expect("read");
        assert_eq!(*read, bytes);
        assert!(open_plain(&path).is_ok());
    }
}
