use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fieldkey_core::ports::{Entry, Journal, RunEnd, RunStart};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, named_params};
use serde::Serialize;
use serde_json::Value;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::history::{self, RunRecord, StepTime};
use crate::writer::{self, Writer};
use crate::{Error, files};

const VERSION: u32 = 1;

/// How long a write waits for another process's: theirs take milliseconds.
const BUSY: Duration = Duration::from_secs(5);

/// How long an opening waits for another process's, which takes milliseconds unless that process is stopped.
const OPENING: Duration = Duration::from_secs(2);

/// The journal in a folder. Any number of them may be open at once, in any number of processes.
pub struct SqliteJournal {
    folder: PathBuf,
    connection: Mutex<Connection>,
    writer: Writer,
}

impl SqliteJournal {
    /// Opens the journal in this folder, or begins one.
    ///
    /// # Errors
    /// The folder or the file cannot be made or written, is no journal, or is a newer Fieldkey's.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        files::private_folder(folder)?;
        // One at a time until this returns: SQLite does not wait where two switch a new file to WAL.
        let opening = files::private_lock(&folder.join("journal.lock"))?;
        files::lock_soon(&opening, OPENING)?;
        let path = folder.join("journal.sqlite");
        files::private_database(&path)?;
        let mut connection =
            Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Laptops lose their power: what is appended is on the disk.
        connection.pragma_update(None, "synchronous", "FULL")?;
        migrate(&mut connection)?;
        writer::sweep(folder)?;
        let id = connection.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
        let writer = Writer::new(folder, id)?;
        Ok(Self { folder: folder.to_owned(), connection: Mutex::new(connection), writer })
    }

    /// Opens the journal of this account, which the window and the command line share.
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], and when the account has no folder for data.
    pub fn open_default() -> Result<Self, Error> {
        let folders = directories::ProjectDirs::from("", "", "fieldkey").ok_or(Error::NoFolder)?;
        Self::open(&folders.data_local_dir().join("journal"))
    }

    /// The runs, newest first: those of one device, or all.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn history(&self, serial_number: Option<&str>, limit: usize) -> Result<Vec<RunRecord>, Error> {
        history::read(&self.connection(), &self.folder, serial_number, limit)
    }

    fn started(&self, start: &RunStart) -> Result<(), Error> {
        self.connection().execute(
            "INSERT INTO entry (kind, run, at, writer, job, site, serial_number, thing_name, target)
             VALUES ('started', :run, :at, :writer, :job, :site, :serial_number, :thing_name, :target)",
            named_params! {
                ":run": start.run,
                ":at": date(start.at)?,
                ":writer": self.writer.id,
                ":job": word(start.job)?,
                ":site": start.site,
                ":serial_number": start.serial_number,
                ":thing_name": start.thing_name,
                ":target": start.target,
            },
        )?;
        Ok(())
    }

    fn ended(&self, end: &RunEnd) -> Result<(), Error> {
        let operator = Some(&end.operator).filter(|name| !name.is_empty());
        let code = end.failed.map(|(code, _)| word(code)).transpose()?;
        let step = end.failed.and_then(|(_, step)| step).map(word).transpose()?;
        let steps: Result<Vec<StepTime>, Error> =
            end.steps.iter().map(|&(step, ms)| Ok(StepTime { step: word(step)?, ms })).collect();
        self.connection().execute(
            "INSERT INTO entry (kind, run, at, operator, certificate_id, code, step, registered, steps)
             VALUES ('ended', :run, :at, :operator, :certificate_id, :code, :step, :registered, :steps)",
            named_params! {
                ":run": end.run,
                ":at": date(end.at)?,
                ":operator": operator,
                ":certificate_id": end.certificate_id,
                ":code": code,
                ":step": step,
                ":registered": end.registered,
                ":steps": serde_json::to_string(&steps?)?,
            },
        )?;
        Ok(())
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for SqliteJournal {
    fn append(&self, entry: &Entry) -> Result<(), String> {
        match entry {
            Entry::Started(start) => self.started(start),
            Entry::Ended(end) => self.ended(end),
        }
        .map_err(|why| why.to_string())
    }
}

fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        VERSION => {}
        0 => {
            transaction.execute_batch(include_str!("schema.sql"))?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        newer => return Err(Error::Newer(newer)),
    }
    Ok(transaction.commit()?)
}

/// The stable word that events and scripts use for a job, a step or a code.
fn word(value: impl Serialize) -> Result<String, Error> {
    Ok(match serde_json::to_value(value)? {
        Value::String(word) => word,
        other => other.to_string(),
    })
}

/// Always as long, so that dates sort as text.
const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

fn date(at: OffsetDateTime) -> Result<String, Error> {
    Ok(at.checked_to_offset(UtcOffset::UTC).unwrap_or(at).format(DATE)?)
}
