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
        sites: distinct(connection, "site")?,
        jobs: distinct(connection, "job")?,
        codes: distinct(connection, "code")?,
    })
}

/// Goes from one value to the next by the index: as many steps as there are values, not runs.
fn distinct(connection: &Connection, column: &str) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare_cached(&format!(
        "WITH RECURSIVE each (value) AS (
             SELECT min({column}) FROM run WHERE {column} IS NOT NULL
             UNION ALL
             SELECT (SELECT min({column}) FROM run WHERE {column} > each.value) FROM each WHERE value IS NOT NULL
         )
         SELECT value FROM each WHERE value IS NOT NULL"
    ))?;
    let values = statement.query_map([], |row| row.get(0))?;
    Ok(values.collect::<Result<_, _>>()?)
}
