//! Files that are written whole or not at all.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// What stands there stays until the new is on the disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = beside(path)?;
    beside.write_all(bytes)?;
    persist(beside, path)
}

/// A file beside it that only its owner can read, to become it with [`persist`].
pub(crate) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))
}

pub(crate) fn persist(beside: NamedTempFile, path: &Path) -> io::Result<()> {
    beside.as_file().sync_all()?;
    beside.persist(path).map(drop).map_err(|refused| refused.error)
}
