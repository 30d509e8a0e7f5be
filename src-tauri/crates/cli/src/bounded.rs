//! Reading what somebody named, and no more of it than makes sense.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use fieldkey_core::{Code, Failure, Why};

/// # Errors
/// `code` about the path, with the reason.
pub(crate) fn file(path: &Path, limit: u64, code: Code) -> Result<Vec<u8>, Failure> {
    let refuse = || Failure::new(code).about(path.display().to_string());
    let broken = |error: std::io::Error| refuse().because_of(Why::of_system(&error));
    let found = std::fs::metadata(path).map_err(broken)?;
    // A pipe would be waited for, a device read for ever.
    if !found.is_file() {
        return Err(refuse().because_of(Why::new("it is not a file", "ファイルではありません")));
    }
    // It may be a private key: a buffer that grows would leave copies behind it.
    let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(limit)).unwrap_or_default());
    let file = File::open(path).map_err(broken)?;
    all(file, limit, &mut bytes).map_err(broken)?.then_some(bytes).ok_or_else(|| refuse().because_of(too_large()))
}

/// Standard input.
///
/// # Errors
/// `code` about `-`, with the reason.
pub(crate) fn standard_input(limit: u64, code: Code) -> Result<Vec<u8>, Failure> {
    let refuse = || Failure::new(code).about("-");
    let mut bytes = Vec::new();
    let all = all(std::io::stdin().lock(), limit, &mut bytes);
    let all = all.map_err(|error| refuse().because_of(Why::of_system(&error)))?;
    all.then_some(bytes).ok_or_else(|| refuse().because_of(too_large()))
}

/// False if there is more.
fn all(from: impl Read, limit: u64, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let read = from.take(limit + 1).read_to_end(bytes)?;
    Ok(read as u64 <= limit)
}

fn too_large() -> Why {
    Why::new("too large", "大きすぎます")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_readable_file_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("c.pem");
        let refused = |path: &Path| file(path, 4, Code::CertificateInvalid).expect_err("refused").reason;
        assert_eq!(refused(&path), "there is no such file or folder");
        assert_eq!(refused(folder.path()), "it is not a file");
        std::fs::write(&path, "12345").expect("writable");
        assert_eq!(refused(&path), "too large");
        std::fs::write(&path, "1234").expect("writable");
        assert_eq!(file(&path, 4, Code::CertificateInvalid).expect("as long as it may be"), b"1234");
    }
}
