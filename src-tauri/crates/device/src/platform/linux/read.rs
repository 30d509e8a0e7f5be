//! Reading what is on the drive, not what the kernel remembers of it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{Advice, OFlags, fadvise};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::Machine;
use super::mounts::holding;
use crate::platform::aligned;

/// File systems that take O_DIRECT and still answer from memory, or from another machine's.
const REMEMBERING: [&str; 9] = ["tmpfs", "ramfs", "fuse", "fuseblk", "nfs", "nfs4", "cifs", "smb3", "9p"];

/// Reads a file from the drive itself. The second value is whether that was possible.
pub(crate) fn read_past_cache(path: &Path, limit: usize) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let file = File::open(path)?;
    // Where O_DIRECT is not to be had, this is the next best; clean pages are dropped.
    let _ = fadvise(&file, 0, None, Advice::DontNeed);
    // The flag's bits fit: the kernel takes an int.
    let flags = OFlags::DIRECT.bits().cast_signed();
    let direct = OpenOptions::new().read(true).custom_flags(flags).open(path);
    match direct.and_then(|direct| aligned::read(&direct, limit)) {
        Ok(bytes) => Ok((bytes, !remembers(path))),
        Err(error) if refuses_direct(&error) => Ok((aligned::read(&file, limit)?, false)),
        Err(error) => Err(error),
    }
}

fn refuses_direct(error: &io::Error) -> bool {
    [Errno::INVAL, Errno::OPNOTSUPP].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn remembers(path: &Path) -> bool {
    let mounts = Machine::this().mounts();
    holding(&mounts, path)
        .is_none_or(|mount| REMEMBERING.contains(&mount.file_system.as_str()) || mount.file_system.starts_with("fuse."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox;

    #[test]
    fn files_of_any_length_are_read_whole() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("file");
        for length in [0, 1, 1704, 4095, 4096, 4097, 12_000] {
            let bytes = vec![b'x'; length];
            std::fs::write(&path, &bytes).expect("file");
            let (read, _) = read_past_cache(&path, length + 1).expect("read");
            assert!(*read == bytes, "{length} bytes were written, {} read", read.len());
        }
    }

    #[test]
    fn memory_is_not_passed_off_as_a_drive() {
        let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
        let path = folder.join("file");
        std::fs::write(&path, "text").expect("file");
        let (read, past_cache) = read_past_cache(&path, 5).expect("read");
        assert_eq!((read.as_slice(), past_cache), (&b"text"[..], false), "a tmpfs has nothing behind its cache");
    }
}
