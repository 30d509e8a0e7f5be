use std::collections::HashSet;
use std::path::Path;

use rusqlite::types::Type;
use rusqlite::{Connection, Row, named_params};
use serde::{Deserialize, Serialize};

use crate::{Error, writer};

/// One run, as the journal knows it. Jobs, steps and codes are their words, so that an older Fieldkey
/// shows those of a newer one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    pub run: String,
    pub job: String,
    pub started_at: String,
    /// `None` while it runs, and for good if its process was killed.
    pub ended_at: Option<String>,
    pub site: String,
    /// `None` until the end, and if it failed before sign-in.
    pub operator: Option<String>,
    pub serial_number: String,
    pub thing_name: String,
    pub target: String,
    pub certificate_id: Option<String>,
    pub outcome: Outcome,
    /// Of a failure or an interruption.
    pub code: Option<String>,
    pub step: Option<String>,
    pub registered: Option<bool>,
    pub steps: Vec<StepTime>,
}

/// How a run ended, if it did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Running,
    Finished,
    Failed,
    /// Stopped by the operator (`ended_at` says when), or its process was killed (`ended_at` is `None`).
    Interrupted,
}

/// A step that was done, and how long it took.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    pub step: String,
    pub ms: u64,
}

/// The code of core's `Code::Interrupted`.
const INTERRUPTED: &str = "interrupted";

pub(crate) fn read(
    connection: &Connection,
    folder: &Path,
    serial_number: Option<&str>,
    limit: usize,
) -> Result<Vec<RunRecord>, Error> {
    let mut rows = query(connection, serial_number, limit)?;
    let dead: HashSet<String> = rows
        .iter()
        .filter(|(record, _)| record.outcome == Outcome::Running)
        .map(|(_, writer)| writer.clone())
        .filter(|writer| !writer::lives(folder, writer))
        .collect();
    if !dead.is_empty() {
        // Its last words may have come after the first reading. From the dead nothing more comes.
        rows = query(connection, serial_number, limit)?;
    }
    let settle = |(mut record, writer): (RunRecord, String)| {
        if record.outcome == Outcome::Running && dead.contains(&writer) {
            record.outcome = Outcome::Interrupted;
            record.code = Some(INTERRUPTED.to_owned());
        }
        record
    };
    Ok(rows.into_iter().map(settle).collect())
}

/// The runs with their writers; one without an end counts as running.
fn query(
    connection: &Connection,
    serial_number: Option<&str>,
    limit: usize,
) -> Result<Vec<(RunRecord, String)>, Error> {
    let of_device = if serial_number.is_some() { "s.serial_number = :serial_number" } else { ":serial_number IS NULL" };
    let sql = format!(
        "SELECT s.writer, s.run, s.job, s.at AS started_at, s.site, s.serial_number, s.thing_name, s.target,
                e.at AS ended_at, e.operator, e.certificate_id, e.code, e.step, e.registered, e.steps
         FROM entry AS s LEFT JOIN entry AS e ON e.run = s.run AND e.kind = 'ended'
         WHERE s.kind = 'started' AND {of_device} ORDER BY s.seq DESC LIMIT :limit"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(named_params! { ":serial_number": serial_number, ":limit": limit }, record)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn record(row: &Row<'_>) -> rusqlite::Result<(RunRecord, String)> {
    let ended_at: Option<String> = row.get("ended_at")?;
    let code: Option<String> = row.get("code")?;
    let outcome = match (&ended_at, code.as_deref()) {
        (None, _) => Outcome::Running,
        (Some(_), None) => Outcome::Finished,
        (Some(_), Some(INTERRUPTED)) => Outcome::Interrupted,
        (Some(_), Some(_)) => Outcome::Failed,
    };
    let record = RunRecord {
        run: row.get("run")?,
        job: row.get("job")?,
        started_at: row.get("started_at")?,
        ended_at,
        site: row.get("site")?,
        operator: row.get("operator")?,
        serial_number: row.get("serial_number")?,
        thing_name: row.get("thing_name")?,
        target: row.get("target")?,
        certificate_id: row.get("certificate_id")?,
        outcome,
        code,
        step: row.get("step")?,
        registered: row.get("registered")?,
        steps: steps(row)?,
    };
    Ok((record, row.get("writer")?))
}

fn steps(row: &Row<'_>) -> rusqlite::Result<Vec<StepTime>> {
    let text: Option<String> = row.get("steps")?;
    text.map_or(Ok(vec![]), |text| serde_json::from_str(&text)).map_err(|why| {
        rusqlite::Error::FromSqlConversionFailure(
            row.as_ref().column_index("steps").unwrap_or(0),
            Type::Text,
            why.into(),
        )
    })
}
