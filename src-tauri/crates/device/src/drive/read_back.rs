//! What is really on the drive, compared with what should be.

use fieldkey_core::{Code, Failure, FileRecord, ReadBack, Why};

use super::folder::Folder;
use crate::layout::Content;
use crate::platform;

/// Reads every file past the cache and compares it byte by byte.
///
/// # Errors
/// `verify-mismatch`, about the file; `target-gone` if the drive is.
pub(super) fn compare(folder: &Folder, contents: &[Content]) -> Result<ReadBack, Failure> {
    let mut past_cache = true;
    let mut files = Vec::with_capacity(contents.len());
    for content in contents {
        let mismatch = |why: Why| folder.failure_at(&content.name, Code::VerifyMismatch).because_of(why);
        // One byte more, so that a longer file is no match.
        let read = platform::read_past_cache(&folder.file(&content.name), content.bytes.len() + 1);
        let (bytes, past) = match read {
            Ok(read) => read,
            // A file that cannot be read on a drive that is still there: the drive is at fault.
            Err(error) => return Err(folder.same().err().unwrap_or_else(|| mismatch(Why::of_system(&error)))),
        };
        if let Some(why) = difference(&content.bytes, &bytes) {
            return Err(mismatch(why));
        }
        past_cache &= past;
        files.push(FileRecord {
            name: content.name.to_string(),
            bytes: content.bytes.len() as u64,
            sha256: content.sha256(),
        });
    }
    Ok(ReadBack { files, past_cache, cautions: vec![] })
}

/// Where two files part. Says nothing of what is in them: one may be a private key.
fn difference(written: &[u8], read: &[u8]) -> Option<Why> {
    let (is, should) = (read.len(), written.len());
    let (english, japanese) = match written.iter().zip(read).position(|(a, b)| a != b) {
        Some(at) => (format!("different from byte {at} on"), format!("先頭から {at} バイトより後の内容が異なります")),
        None if is < should => (format!("{is} of {should} bytes"), format!("{should} バイト中 {is} バイト")),
        None if is > should => (format!("more than {should} bytes"), format!("{should} バイトを超えています")),
        None => return None,
    };
    Some(Why::new(english, japanese))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_by_its_place_alone() {
        let said = |read: &[u8]| difference(b"secret", read).map(|why| why.en);
        assert_eq!(said(b"secret"), None);
        assert_eq!(said(b"seCret").as_deref(), Some("different from byte 2 on"));
        assert_eq!(said(b"").as_deref(), Some("0 of 6 bytes"), "FAT's zero-length file");
        assert_eq!(said(b"secret\0").as_deref(), Some("more than 6 bytes"));
    }
}
