use std::{fmt, io};

/// Why the journal could not be opened, written or read.
#[derive(Debug)]
pub enum Error {
    File(io::Error),
    Sqlite(rusqlite::Error),
    /// A value that cannot be put into words, or words that are no value.
    Json(serde_json::Error),
    Date(time::error::Format),
    /// Written by a newer Fieldkey, whose rows this one would not understand.
    Newer(u32),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(why) => write!(f, "the journal's files: {why}"),
            Self::Sqlite(why) => write!(f, "the journal: {why}"),
            Self::Json(why) => write!(f, "an entry of the journal: {why}"),
            Self::Date(why) => write!(f, "a date for the journal: {why}"),
            Self::Newer(version) => write!(f, "the journal was written by a newer Fieldkey (version {version})"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(why) => Some(why),
            Self::Sqlite(why) => Some(why),
            Self::Json(why) => Some(why),
            Self::Date(why) => Some(why),
            Self::Newer(_) => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(why: io::Error) -> Self {
        Self::File(why)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(why: rusqlite::Error) -> Self {
        Self::Sqlite(why)
    }
}

impl From<serde_json::Error> for Error {
    fn from(why: serde_json::Error) -> Self {
        Self::Json(why)
    }
}

impl From<time::error::Format> for Error {
    fn from(why: time::error::Format) -> Self {
        Self::Date(why)
    }
}
