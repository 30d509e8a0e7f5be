//! Reading a file that somebody else may have put there.

use std::fs;
use std::io::{self, ErrorKind, Read};

use fieldkey_core::{Failure, Why};
use zeroize::Zeroizing;

use super::folder::Folder;
use crate::platform;

/// Certificates, keys and settings have a few kB, a bundle of CAs some hundred; what is far longer is not ours.
pub(super) const LIMIT: u64 = 1 << 20;

/// What is there under a name.
pub(super) enum Found {
    Nothing,
    /// A folder, a pipe, a device, a link: it may lead anywhere, or never end.
    NoFile,
    TooLarge,
    Bytes(Zeroizing<Vec<u8>>),
}

/// Reads a file whole, if it is one and not too large.
///
/// # Errors
/// The folder or the file cannot be read.
pub(super) fn read(folder: &Folder, name: &str) -> Result<Found, Failure> {
    let Some(listed) = folder.listed(name)? else { return Ok(Found::Nothing) };
    let path = folder.file(&listed);
    let read = || {
        if !fs::symlink_metadata(&path)?.is_file() {
            return Ok(Found::NoFile);
        }
        let file = platform::open_plain(&path)?;
        // Asked of what was opened: something else may have come in between.
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(Found::NoFile);
        }
        match usize::try_from(metadata.len()) {
            Ok(length) if metadata.len() <= LIMIT => Ok(to_end(file, length)?.map_or(Found::TooLarge, Found::Bytes)),
            _ => Ok(Found::TooLarge),
        }
    };
    read().map_err(|error: io::Error| folder.fault_at(&listed, &error))
}

/// What is read may be a key: the memory is sized at once, because a buffer that grows would leave copies behind
/// it. `None` if there is more than was said.
fn to_end(mut file: impl Read, length: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut bytes = Zeroizing::new(vec![0; length + 1]);
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok((filled <= length).then_some(bytes))
}

impl Found {
    /// Why it cannot be what its name says; `None` for a file that was read.
    pub(super) fn why_not(&self, name: &str) -> Option<Why> {
        match self {
            Self::Nothing => Some(Why::new(format!("`{name}` is missing"), format!("`{name}` がありません"))),
            Self::NoFile => {
                Some(Why::new(format!("`{name}` is not a file"), format!("`{name}` はファイルではありません")))
            }
            Self::TooLarge => Some(Why::new(
                format!("`{name}` is far too large to be what its name says"),
                format!("`{name}` のファイルサイズが大きすぎます"),
            )),
            Self::Bytes(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_while_it_is_read_is_not_believed() {
        assert_eq!(to_end(&b"1234"[..], 4).expect("read").as_deref(), Some(&b"1234".to_vec()));
        assert_eq!(to_end(&b"123"[..], 4).expect("read").as_deref(), Some(&b"123".to_vec()), "it shrank");
        assert_eq!(to_end(&b"12345"[..], 4).expect("read"), None);
    }
}
