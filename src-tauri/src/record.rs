//! The journal as one run of the window meets it.

use std::sync::OnceLock;

use fieldkey_core::ports::Entry;
use fieldkey_core::{Journal, Why};

/// The journal, and why it could not be written: the run goes on, but the person is told.
pub(crate) struct Record<'a, J> {
    journal: &'a Result<J, Why>,
    why_not: OnceLock<Why>,
}

impl<'a, J> Record<'a, J> {
    /// `journal`: open, or why it could not be opened.
    pub(crate) fn new(journal: &'a Result<J, Why>) -> Self {
        Self { journal, why_not: OnceLock::new() }
    }

    /// Why the journal holds less of this run than it should.
    pub(crate) fn why_not(&self) -> Option<&Why> {
        self.why_not.get()
    }
}

impl<J: Journal> Journal for Record<'_, J> {
    fn append(&self, entry: &Entry) -> Result<(), Why> {
        let appended = self.journal.as_ref().map_err(Why::clone).and_then(|journal| journal.append(entry));
        appended.inspect_err(|why| {
            // The first one says it.
            let _ = self.why_not.set(why.clone());
        })
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Job;
    use fieldkey_core::ports::RunStart;
    use time::OffsetDateTime;

    use super::*;

    fn full() -> Why {
        Why::new("there is no room left", "空き容量がありません")
    }

    struct Full;

    impl Journal for Full {
        fn append(&self, _: &Entry) -> Result<(), Why> {
            Err(full())
        }
    }

    fn entry() -> Entry {
        Entry::Started(RunStart {
            run: "r1".into(),
            job: Job::Provision,
            at: OffsetDateTime::UNIX_EPOCH,
            site: String::new(),
            serial_number: String::new(),
            thing_name: String::new(),
            target: String::new(),
            device: None,
        })
    }

    #[test]
    fn a_journal_that_takes_everything_leaves_nothing_to_say() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = fieldkey_journal::SqliteJournal::open(folder.path()).map_err(|error| error.why());
        let record = Record::new(&journal);
        assert_eq!(record.append(&entry()), Ok(()));
        assert_eq!(record.why_not(), None);
    }

    #[test]
    fn why_a_run_is_not_recorded_is_known_whether_the_journal_was_open_or_not() {
        let no_folder = fieldkey_journal::Error::NoFolder.why();
        let (open, closed) = (Ok(Full), Err::<Full, _>(no_folder.clone()));
        for (journal, why) in [(&open, full()), (&closed, no_folder)] {
            let record = Record::new(journal);
            assert_eq!(record.why_not(), None, "nothing was to be written yet");
            assert!(record.append(&entry()).is_err(), "core logs it, too");
            assert_eq!(record.why_not(), Some(&why));
        }
    }
}
