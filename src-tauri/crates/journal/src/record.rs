use std::collections::HashSet;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Error;

/// One run, as the journal knows it. Jobs, steps and codes are their words, so that an older Fieldkey
/// shows those of a newer one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunRecord {
    /// The number of the entry that its start is: the next page begins after the last one's.
    #[ts(type = "number")]
    pub entry: i64,
    pub run: String,
    pub job: String,
    /// RFC 3339, UTC, as all dates here.
    pub started_at: String,
    /// `None` while it runs, and for good if its process was killed.
    pub ended_at: Option<String>,
    pub site: String,
    /// `None` until the end, and if it failed before sign-in.
    pub operator: Option<String>,
    /// Empty where the job knew only the thing.
    pub serial_number: String,
    pub thing_name: String,
    /// Empty where nothing was written.
    pub target: String,
    /// VID:PID:serial of the device in hand, where its bus told.
    pub device: Option<String>,
    /// The claim's or the identity's.
    pub certificate_id: Option<String>,
    pub outcome: Outcome,
    /// Of a failure or an interruption.
    pub code: Option<String>,
    pub step: Option<String>,
    pub registered: Option<bool>,
    pub steps: Vec<StepTime>,
}

/// How a run ended, if it did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "RunOutcome")]
pub enum Outcome {
    Running,
    Finished,
    Failed,
    /// Stopped by the operator (`ended_at` says when), or its process was killed (`ended_at` is `None`).
    Interrupted,
}

impl Outcome {
    /// The word that exports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A step that was done, and how long it took.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StepTime {
    pub step: String,
    #[ts(type = "number")]
    pub ms: u64,
}

/// The code of core's `Code::Interrupted`.
pub(crate) const INTERRUPTED: &str = "interrupted";

/// The run whose start is this entry; `dead`: writers of whom nothing more comes.
pub(crate) fn read(connection: &Connection, seq: i64, dead: &HashSet<String>) -> Result<Option<RunRecord>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT s.seq, s.writer, s.run, s.job, s.at AS started_at, s.site, s.serial_number, s.thing_name, s.target,
                s.device, e.at AS ended_at, e.operator, e.certificate_id, e.code, e.step, e.registered, e.steps
         FROM entry AS s LEFT JOIN entry AS e ON e.run = s.run AND e.kind = 'ended'
         WHERE s.seq = ? AND s.kind = 'started'",
    )?;
    Ok(statement.query_row([seq], |row| record(row, dead)).optional()?)
}

fn record(row: &Row<'_>, dead: &HashSet<String>) -> rusqlite::Result<RunRecord> {
    let ended_at: Option<String> = row.get("ended_at")?;
    let mut code: Option<String> = row.get("code")?;
    let outcome = match (&ended_at, code.as_deref()) {
        (None, _) if dead.contains(row.get_ref("writer")?.as_str()?) => {
            code = Some(INTERRUPTED.to_owned());
            Outcome::Interrupted
        }
        (None, _) => Outcome::Running,
        (Some(_), None) => Outcome::Finished,
        (Some(_), Some(INTERRUPTED)) => Outcome::Interrupted,
        (Some(_), Some(_)) => Outcome::Failed,
    };
    Ok(RunRecord {
        entry: row.get("seq")?,
        run: row.get("run")?,
        job: row.get("job")?,
        started_at: row.get("started_at")?,
        ended_at,
        site: row.get("site")?,
        operator: row.get("operator")?,
        serial_number: row.get("serial_number")?,
        thing_name: row.get("thing_name")?,
        target: row.get("target")?,
        device: row.get("device")?,
        certificate_id: row.get("certificate_id")?,
        outcome,
        code,
        step: row.get("step")?,
        registered: row.get("registered")?,
        steps: steps(row)?,
    })
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
