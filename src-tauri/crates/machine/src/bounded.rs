//! Reading a file that somebody else wrote.

use std::io::ErrorKind;
use std::path::Path;

use fieldkey_core::{Problem, Why};

use crate::{unreadable, whole};

/// A file's text, where it is a file, not too large, and text.
pub(crate) fn text(path: &Path, largest: u64) -> Result<String, Vec<Problem>> {
    match std::fs::metadata(path) {
        // A pipe would be waited for, a device read for ever.
        Ok(found) if !found.is_file() => Err(whole(Why::new("it is not a file", "ファイルではありません"))),
        Ok(found) if found.len() > largest => Err(whole(Why::new("it is too large", "大きすぎます"))),
        Ok(_) => std::fs::read_to_string(path).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => whole(Why::new("it is not text", "テキストではありません")),
            _ => unreadable(&error),
        }),
        Err(error) => Err(unreadable(&error)),
    }
}
