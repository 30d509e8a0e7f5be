//! Text as Windows takes and gives it.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};

/// With the NUL that ends it.
pub(crate) fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

/// Up to the first NUL.
pub(crate) fn narrow(text: &[u16]) -> OsString {
    let end = text.iter().position(|unit| *unit == 0).unwrap_or(text.len());
    OsString::from_wide(text.get(..end).unwrap_or_default())
}

/// As [`narrow`]; `None` if there is nothing in it.
pub(crate) fn text(given: &[u16]) -> Option<String> {
    Some(narrow(given).to_string_lossy().into_owned()).filter(|text| !text.is_empty())
}

/// How many of its units a buffer has, as Windows counts.
pub(crate) fn length<T>(buffer: &[T]) -> u32 {
    u32::try_from(buffer.len()).unwrap_or(u32::MAX)
}
