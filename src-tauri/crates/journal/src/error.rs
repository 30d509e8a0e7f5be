use std::io::{self, ErrorKind};

use fieldkey_core::Why;
use rusqlite::ErrorCode;

/// Why the journal could not be opened, written, read or exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the journal's files: {0}")]
    File(#[from] io::Error),
    #[error("the journal: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A value that cannot be put into words, or words that are no value.
    #[error("an entry of the journal: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a date for the journal: {0}")]
    Date(#[from] time::error::Format),
    /// Written by a newer Fieldkey, whose rows this one would not understand.
    #[error("the journal was written by a newer Fieldkey (version {0})")]
    Newer(u32),
    #[error("this account has no folder for data")]
    NoFolder,
    #[error("a file is where the journal's folder should be")]
    FileForFolder,
    /// The journal is sound: it is what its runs were to be written to that is not.
    #[error("the output: {0}")]
    Output(#[source] io::Error),
}

impl Error {
    /// What kept the journal's folder from being made.
    pub(crate) fn of_folder(error: io::Error) -> Self {
        match error.kind() {
            // A folder that is there is fine.
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => Self::FileForFolder,
            _ => Self::File(error),
        }
    }

    /// The same for people, who need no errors' numbers.
    pub fn why(&self) -> Why {
        match self {
            Self::File(error) => of_files(error),
            Self::Sqlite(error) => sqlite(error),
            Self::Json(_) | Self::Date(_) => Why::new(self.to_string(), self.to_string()),
            Self::Newer(version) => Why::new(
                format!("a newer Fieldkey wrote it (version {version})"),
                format!("新しいバージョンの Fieldkey で作成されています (バージョン {version})"),
            ),
            Self::NoFolder => Why::new(self.to_string(), "このアカウントには、データを保存するフォルダーがありません"),
            Self::FileForFolder => {
                Why::new(self.to_string(), "ジャーナルのフォルダーがあるべき場所に、ファイルがあります")
            }
            Self::Output(error) => Why::of_system(error),
        }
    }
}

/// What the system says is of no use to people who are not told of what.
fn of_files(error: &io::Error) -> Why {
    let Why { en, ja } = Why::of_system(error);
    Why::new(format!("the journal's folder: {en}"), format!("ジャーナルのフォルダー: {ja}"))
}

/// What SQLite met is what the system says of files, in numbers of its own.
fn sqlite(error: &rusqlite::Error) -> Why {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => ErrorKind::StorageFull,
        Some(ErrorCode::ReadOnly) => ErrorKind::ReadOnlyFilesystem,
        Some(ErrorCode::PermissionDenied) => ErrorKind::PermissionDenied,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ErrorKind::ResourceBusy,
        Some(ErrorCode::CannotOpen) => {
            return Why::new("its file cannot be opened", "ジャーナルのファイルを開けません");
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            return Why::new("its file is damaged", "ジャーナルのファイルが壊れています");
        }
        _ => return Why::new(error.to_string(), error.to_string()),
    };
    of_files(&kind.into())
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn of(code: i32) -> Why {
        Error::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).why()
    }

    #[test]
    fn a_full_disk_is_said_alike_whoever_met_it() {
        let file = Error::from(io::Error::from(ErrorKind::StorageFull)).why();
        assert_eq!(of(ffi::SQLITE_FULL), file);
        assert_eq!(file.en, "the journal's folder: there is no room left", "and where: not on the device");
        assert_eq!(file.ja, "ジャーナルのフォルダー: 空き容量がありません");
    }

    #[test]
    fn an_output_is_not_taken_for_the_journal() {
        let why = Error::Output(ErrorKind::StorageFull.into()).why();
        assert_eq!(why.en, "there is no room left", "of what, whoever chose it knows");
    }

    #[test]
    fn what_happens_to_a_journal_is_said_in_both_languages() {
        let codes = [
            ffi::SQLITE_FULL,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_PERM,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_NOTADB,
        ];
        let others = [Error::Newer(9), Error::NoFolder, Error::FileForFolder];
        let all = codes.map(of).into_iter().chain(others.map(|error| error.why()));
        for why in all {
            assert!(why.ja.chars().any(|c| c >= '\u{3040}') && why.en != why.ja, "{why:?}");
        }
        let odd = of(ffi::SQLITE_IOERR);
        assert_eq!(odd.en, odd.ja, "what is uncommon keeps its words: {odd:?}");
    }
}
