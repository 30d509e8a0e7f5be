//! What the operating system says of a file, in our words.

use std::io::{Error, ErrorKind};

use crate::Why;

/// Another program has the file open, and shares it with nobody: so a spreadsheet on Windows.
const SHARING_VIOLATION: i32 = 32;

impl Why {
    /// The system speaks its own language, or English, whatever ours is; and it counts its errors. What happens to
    /// people is said here as they say it. The rest keeps the system's words, by which it can be looked up.
    pub fn of_system(error: &Error) -> Self {
        // For whoever looks into it: two numbers may have one of our words.
        tracing::info!(?error, "the system refused");
        match plain(error) {
            Some((english, japanese)) => Self::new(english, japanese),
            None => Self::new(error.to_string(), error.to_string()),
        }
    }
}

fn plain(error: &Error) -> Option<(&'static str, &'static str)> {
    Some(match error.kind() {
        ErrorKind::NotFound => ("there is no such file or folder", "ファイルまたはフォルダーが見つかりません"),
        ErrorKind::PermissionDenied => ("access is not permitted", "アクセスが許可されていません"),
        ErrorKind::AlreadyExists => ("it is there already", "すでに存在します"),
        ErrorKind::IsADirectory => ("it is a folder", "フォルダーです"),
        ErrorKind::NotADirectory => {
            ("a part of the path is a file, not a folder", "パスの途中にフォルダーではないものがあります")
        }
        ErrorKind::StorageFull => ("there is no room left", "空き容量がありません"),
        ErrorKind::QuotaExceeded => ("your share of the disk is used up", "ディスクの割り当て容量を使い切っています"),
        ErrorKind::ReadOnlyFilesystem => ("it can only be read, not written", "読み取り専用です"),
        ErrorKind::InvalidFilename => ("no file can have that name there", "使用できないファイル名です"),
        ErrorKind::ResourceBusy => in_use(),
        _ if cfg!(windows) && error.raw_os_error() == Some(SHARING_VIOLATION) => in_use(),
        _ => return None,
    })
}

fn in_use() -> (&'static str, &'static str) {
    ("another program is using it", "ほかのプログラムが使用中です")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_people_is_said_in_our_own_words_in_both_languages() {
        let kinds = [
            ErrorKind::NotFound,
            ErrorKind::PermissionDenied,
            ErrorKind::AlreadyExists,
            ErrorKind::IsADirectory,
            ErrorKind::NotADirectory,
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::InvalidFilename,
            ErrorKind::ResourceBusy,
        ];
        let all: Vec<Why> = kinds.map(|kind| Why::of_system(&kind.into())).into();
        for (kind, why) in kinds.iter().zip(&all) {
            assert_ne!(why.en, kind.to_string(), "{kind:?} is still in the system's words");
            assert!(why.ja.chars().any(|c| c >= '\u{3040}'), "{kind:?} is not in Japanese: {}", why.ja);
            assert!(!why.en.ends_with('.') && !why.ja.ends_with('。'), "half a sentence, for brackets: {why:?}");
        }
        for (at, why) in all.iter().enumerate() {
            assert!(!all[..at].contains(why), "two obstacles, two reasons: {why:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_system_s_own_errors_are_known_and_their_numbers_spared() {
        for (number, words) in [
            (2, "no such file"),
            (13, "not permitted"),
            (1, "not permitted"),
            (17, "already"),
            (20, "not a folder"),
            (21, "it is a folder"),
            (28, "no room"),
            (30, "only be read"),
        ] {
            let why = Why::of_system(&Error::from_raw_os_error(number));
            assert!(why.en.contains(words) && !why.en.contains("os error"), "{number}: {why:?}");
        }
    }

    #[test]
    fn what_is_uncommon_keeps_the_system_s_words_by_which_it_is_looked_up() {
        let error = Error::from_raw_os_error(5);
        let why = Why::of_system(&error);
        #[cfg(unix)]
        assert_eq!((why.en, why.ja), (error.to_string(), error.to_string()), "EIO: a drive that fails");
        #[cfg(windows)]
        assert_eq!(why.en, "access is not permitted", "ERROR_ACCESS_DENIED");
        let other = Why::of_system(&Error::other("the cable is loose"));
        assert_eq!(other, Why::new("the cable is loose", "the cable is loose"));
    }

    #[test]
    fn an_error_that_another_one_wraps_is_known_by_its_kind() {
        let wrapped = Error::new(ErrorKind::StorageFull, "No space left on device (os error 28) at path \"/x/.part\"");
        assert_eq!(Why::of_system(&wrapped).en, "there is no room left", "as temporary files say it");
    }
}
