use std::collections::HashSet;

use rusqlite::types::{Type, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row};
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

const COLUMNS: &str = "s.writer, e.at, e.code, s.seq, s.run, s.job, s.at, s.site, e.operator, s.serial_number,
    s.thing_name, s.target, s.device, e.certificate_id, e.step, e.registered, e.steps";

/// Reads runs from their entries.
pub(crate) struct Reader<'c> {
    /// By its start and its end.
    both: CachedStatement<'c>,
    start: CachedStatement<'c>,
    /// Writers of whom nothing more comes.
    dead: &'c HashSet<String>,
}

impl<'c> Reader<'c> {
    pub(crate) fn of(connection: &'c Connection, dead: &'c HashSet<String>) -> Result<Self, Error> {
        let both = format!(
            "SELECT {COLUMNS} FROM entry AS s JOIN entry AS e ON e.run = s.run AND e.kind = 'ended'
             WHERE s.seq = ? AND s.kind = 'started' AND e.seq = ?"
        );
        let start = format!(
            "SELECT {COLUMNS} FROM entry AS s LEFT JOIN entry AS e ON e.run = s.run AND e.kind = 'ended'
             WHERE s.seq = ? AND s.kind = 'started'"
        );
        Ok(Self { both: connection.prepare_cached(&both)?, start: connection.prepare_cached(&start)?, dead })
    }

    /// The run whose start is this entry. Its end is most likely that one, and otherwise looked for.
    pub(crate) fn read(&mut self, seq: i64, ended: Option<i64>) -> Result<Option<RunRecord>, Error> {
        let dead = self.dead;
        if let Some(ended) = ended
            && let Some(whole) = self.both.query_row([seq, ended], |row| record(row, dead)).optional()?
        {
            return Ok(Some(whole));
        }
        Ok(self.start.query_row([seq], |row| record(row, dead)).optional()?)
    }
}

fn record(row: &Row<'_>, dead: &HashSet<String>) -> rusqlite::Result<RunRecord> {
    let ended_at: Option<String> = row.get(1)?;
    let mut code: Option<String> = row.get(2)?;
    let outcome = match (&ended_at, code.as_deref()) {
        (None, _) if dead.contains(row.get_ref(0)?.as_str()?) => {
            code = Some(INTERRUPTED.to_owned());
            Outcome::Interrupted
        }
        (None, _) => Outcome::Running,
        (Some(_), None) => Outcome::Finished,
        (Some(_), Some(INTERRUPTED)) => Outcome::Interrupted,
        (Some(_), Some(_)) => Outcome::Failed,
    };
    Ok(RunRecord {
        entry: row.get(3)?,
        run: row.get(4)?,
        job: row.get(5)?,
        started_at: row.get(6)?,
        ended_at,
        site: row.get(7)?,
        operator: row.get(8)?,
        serial_number: row.get(9)?,
        thing_name: row.get(10)?,
        target: row.get(11)?,
        device: row.get(12)?,
        certificate_id: row.get(13)?,
        outcome,
        code,
        step: row.get(14)?,
        registered: row.get(15)?,
        steps: steps(row.get_ref(16)?)?,
    })
}

fn steps(json: ValueRef<'_>) -> rusqlite::Result<Vec<StepTime>> {
    let steps = json.as_str_or_null()?.map_or(Ok(vec![]), serde_json::from_str);
    steps.map_err(|why| rusqlite::Error::FromSqlConversionFailure(16, Type::Text, why.into()))
}
