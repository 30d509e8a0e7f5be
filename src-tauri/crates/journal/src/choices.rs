//! What there is to filter by.

use rusqlite::Connection;
use serde::Serialize;
use ts_rs::TS;

use crate::Error;

/// Every site, job and code that the journal names.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, TS)]
#[ts(export, rename = "RunChoices")]
pub struct Choices {
    pub sites: Vec<String>,
    pub jobs: Vec<String>,
    pub codes: Vec<String>,
}

pub(crate) fn read(connection: &Connection) -> Result<Choices, Error> {
    Ok(Choices {
        sites: named(connection, "site")?,
        jobs: named(connection, "job")?,
        codes: named(connection, "code")?,
    })
}

fn named(connection: &Connection, what: &str) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT value FROM choice WHERE what = ? ORDER BY value")?;
    let values = statement.query_map([what], |row| row.get(0))?;
    Ok(values.collect::<Result<_, _>>()?)
}
