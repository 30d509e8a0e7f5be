use std::io;

/// Why the journal could not be opened, written or read.
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
}
