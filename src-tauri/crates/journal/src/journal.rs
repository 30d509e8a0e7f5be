use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fieldkey_core::Why;
use fieldkey_core::ports::{Entry, Journal};
use rusqlite::{Connection, OpenFlags};

use crate::chain::{self, Chain};
use crate::checking::Checking;
use crate::choices::{self, Choices};
use crate::entry::Draft;
use crate::export::{self, Format};
use crate::record::RunRecord;
use crate::search::{self, Filter, Page};
use crate::writer::{self, Writer};
use crate::{Error, block, files, head, migrate};

/// How long a write waits for another process's: theirs take milliseconds.
const BUSY: Duration = Duration::from_secs(5);

/// How long an opening waits for another process's, which takes milliseconds unless that process is stopped.
const OPENING: Duration = Duration::from_secs(2);

/// How long an opening indexes what is not indexed, as after a migration. A million runs take ten times as long, and
/// what remains is done by the next openings and appends.
const INDEXING: Duration = Duration::from_secs(1);

/// So many at most look through the index: with more, all wait for the one who looks through the entries.
const THREADS: usize = 4;

/// How many runs an export reads at a time.
const CHUNK: usize = 1000;

/// The journal in a folder. Any number of them may be open at once, in any number of processes.
pub struct SqliteJournal {
    folder: PathBuf,
    writing: Mutex<Connection>,
    /// Another one, so that no run waits for somebody who reads.
    reading: Mutex<Connection>,
    writer: Writer,
}

impl SqliteJournal {
    /// Opens the journal in this folder, or begins one.
    ///
    /// # Errors
    /// The folder or the file cannot be made or written, is no journal, or is a newer Fieldkey's.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        files::private_folder(folder).map_err(Error::of_folder)?;
        // One at a time until this returns: SQLite does not wait where two switch a new file to WAL.
        let opening = files::private_lock(&folder.join("journal.lock"))?;
        files::lock_soon(&opening, OPENING)?;
        files::private_database(&database(folder))?;
        let mut writing = connect(folder)?;
        writing.pragma_update(None, "journal_mode", "WAL")?;
        // Laptops lose their power: what is appended is on the disk.
        writing.pragma_update(None, "synchronous", "FULL")?;
        migrate::migrate(&mut writing, folder)?;
        writer::sweep(folder)?;
        let id = writing.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
        let writer = Writer::new(folder, id)?;
        let reading = Mutex::new(reader(folder)?);
        drop(opening);
        // Without an index runs are found all the same.
        let _ = chain::last(&writing).and_then(|last| block::index_for(&mut writing, last.seq, INDEXING));
        Ok(Self { folder: folder.to_owned(), writing: Mutex::new(writing), reading, writer })
    }

    /// Opens the journal of this account, which the window and the command line share.
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], and when the account has no folder for data.
    pub fn open_default() -> Result<Self, Error> {
        let folders = directories::ProjectDirs::from("", "", "fieldkey").ok_or(Error::NoFolder)?;
        Self::open(&folders.data_local_dir().join("journal"))
    }

    /// The runs of one device, or all, newest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn history(&self, serial_number: Option<&str>, limit: usize) -> Result<Vec<RunRecord>, Error> {
        let filter = Filter { serial_number: serial_number.map(str::to_owned), ..Filter::default() };
        Ok(self.page(&filter, None, limit)?.runs)
    }

    /// The runs that the filter lets pass, newest first. `before`: [`Page::next`] of the page before.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn page(&self, filter: &Filter, before: Option<i64>, limit: usize) -> Result<Page, Error> {
        search::page(&mut held(&self.reading), &self.folder, filter, before, limit)
    }

    /// What there is to filter by.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn choices(&self) -> Result<Choices, Error> {
        choices::read(&held(&self.reading))
    }

    /// The number of the last entry: it grows whenever any process appends.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn last_entry(&self) -> Result<i64, Error> {
        Ok(chain::last(&held(&self.reading))?.seq)
    }

    /// Looks through the whole journal, beside whoever reads and writes it. A million runs take seconds; `None` if it
    /// was stopped meanwhile.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn verify(&self, checking: &Checking) -> Result<Option<Chain>, Error> {
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
        let mut index = (0..threads).map(|_| reader(&self.folder)).collect::<Result<Vec<_>, _>>()?;
        chain::verify(&mut reader(&self.folder)?, &mut index, &self.folder, checking)
    }

    /// Writes all runs that the filter lets pass, newest first, and says how many they are. Runs that begin
    /// meanwhile are not among them.
    ///
    /// # Errors
    /// The journal cannot be read; [`Error::Output`] if `out` cannot be written.
    pub fn export(&self, filter: &Filter, format: Format, out: &mut dyn Write) -> Result<u64, Error> {
        let mut connection = reader(&self.folder)?;
        let (mut before, mut count) = (None, 0);
        export::begin(format, out).map_err(Error::Output)?;
        loop {
            let page = search::page(&mut connection, &self.folder, filter, before, CHUNK)?;
            for record in &page.runs {
                export::run(format, record, out).map_err(Error::Output)?;
                count += 1;
            }
            before = page.next;
            if before.is_none() {
                return Ok(count);
            }
        }
    }

    fn write(&self, entry: &Entry) -> Result<(), Error> {
        let draft = match entry {
            Entry::Started(start) => Draft::started(start, &self.writer.id)?,
            Entry::Ended(end) => Draft::ended(end)?,
        };
        let mut connection = self.connection();
        let last = chain::append(&mut connection, &draft)?;
        // The entry is on the disk, and a head that lags behind is caught up by the next one.
        let _ = head::advance(&self.folder, &last, |seq| chain::hash_of(&connection, seq));
        // And a run that is not indexed is found all the same.
        let _ = block::index_next(&mut connection, last.seq);
        Ok(())
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        held(&self.writing)
    }
}

impl Journal for SqliteJournal {
    fn append(&self, entry: &Entry) -> Result<(), Why> {
        self.write(entry).map_err(|error| error.why())
    }
}

fn database(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

fn connect(folder: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database(folder), flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

fn reader(folder: &Path) -> Result<Connection, Error> {
    let connection = connect(folder)?;
    connection.pragma_update(None, "query_only", true)?;
    // In KiB: what one search reads is there for the next letter that is typed.
    connection.pragma_update(None, "cache_size", -16_000)?;
    Ok(connection)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
