//! A rename that a pull has cut. On FAT the new name is on the drive before the old one goes, so both may stay, for the
//! same clusters. Removing either frees what the other still names, the next file takes it, and the drive loses a file
//! that everybody believes written. Only a repair of the file system tells the two apart again.
//!
//! A program cannot see clusters, but it can see bytes: nothing is ever written under a temporary name whose bytes the
//! file itself has already. So where the two are the same, it is the rename.

use std::fs;

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::files::{self, Found};
use super::folder::Folder;
use super::temporary::{OLD, PREFIX, REPLACED, destination};

/// Asked before anything is removed or written.
///
/// # Errors
/// `target-damaged`; or the folder cannot be read.
pub(super) fn refuse(folder: &Folder) -> Result<(), Failure> {
    let names = folder.names()?;
    for left in names.iter().filter(|name| may_be_placed(name)) {
        // What cannot be read is nobody's.
        let Some(bytes) = bytes(folder, left).filter(|bytes| !bytes.is_empty()) else { continue };
        let placed =
            |name: &&String| is_placed(folder, left, name) && self::bytes(folder, name).as_ref() == Some(&bytes);
        if let Some(placed) = names.iter().find(placed) {
            return Err(folder.failure(Code::TargetDamaged).because_of(Why::new(
                format!("`{placed}` and `{left}` are in the same place on it"),
                format!("`{placed}` と `{left}` が同じ領域を使っています"),
            )));
        }
    }
    Ok(())
}

/// Is it the temporary name of a file that gets its own name by a rename? A kept copy has by right what its file has.
fn may_be_placed(name: &str) -> bool {
    let hidden = name.starts_with(PREFIX) && !name.ends_with(OLD) && !name.ends_with(REPLACED);
    hidden && destination(name).is_some() || is_short(name, TEMPORARY)
}

/// May a file be what was under the temporary name, by the name that it was given?
fn is_placed(folder: &Folder, left: &str, name: &str) -> bool {
    match destination(left) {
        Some(to) if name == to => true,
        // Where `a` and `A` are two files, only the name itself counts.
        Some(to) if name.eq_ignore_ascii_case(to) => folder.file(to).exists(),
        Some(to) => is_short(name, to),
        // Of a temporary name that has lost its long form, nobody knows whose it was.
        None => !name.starts_with(PREFIX) && name != left,
    }
}

fn bytes(folder: &Folder, name: &str) -> Option<Zeroizing<Vec<u8>>> {
    let is_file = fs::symlink_metadata(folder.file(name)).is_ok_and(|found| found.is_file());
    match is_file.then(|| files::read(folder, name)) {
        Some(Ok(Found::Bytes(bytes))) => Some(bytes),
        _ => None,
    }
}

/// Any temporary name.
const TEMPORARY: &str = ".fieldkey-.tmp";

/// Is it what FAT calls a file of that long name for those who know no long names? The two are entries of their own,
/// and a pull may leave the short one alone. `FIELDK~1.TMP`, or with four hex digits in it where there are many.
fn is_short(name: &str, of: &str) -> bool {
    let (name, of) = (name.to_ascii_uppercase(), of.to_ascii_uppercase());
    let parts = |name: &str| {
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        let plain =
            |text: &str, most: usize| text.chars().filter(|c| !" .".contains(*c)).take(most).collect::<String>();
        (plain(stem, 8), plain(end, 3))
    };
    let ((stem, end), (long_stem, long_end)) = (parts(&name), parts(&of));
    let Some((start, number)) = stem.split_once('~') else { return false };
    let hexed = || {
        let (own, hex) = start.split_at_checked(2).unwrap_or_default();
        hex.len() == 4 && hex.chars().all(|c| c.is_ascii_hexdigit()) && long_stem.starts_with(own)
    };
    let starts = !start.is_empty() && long_stem.starts_with(start) || hexed();
    starts && end == long_end && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_told() {
        for (short, long) in [
            ("FIELDK~1.TMP", TEMPORARY),
            ("fieldk~3.tmp", TEMPORARY),
            ("FI0C4A~1.TMP", TEMPORARY),
            ("CLAIMC~1.PEM", "claimCert.pem"),
            ("IDENTI~2.JSO", "identity.json"),
            ("0A1B2C~1.CRT", "0a1b2c3d4e-certificate.pem.crt"),
        ] {
            assert!(is_short(short, long), "{short} of {long}");
        }
        for (other, long) in [
            ("FIELDK~1.TXT", TEMPORARY),
            ("FILE~1.TMP", TEMPORARY),
            ("CLAIMC~1.PEM", "identity.json"),
            ("claimCert.pem", "claimCert.pem"),
            ("CLAIMC~.PEM", "claimCert.pem"),
            ("~1.PEM", "claimCert.pem"),
        ] {
            assert!(!is_short(other, long), "{other} of {long}");
        }
    }
}
