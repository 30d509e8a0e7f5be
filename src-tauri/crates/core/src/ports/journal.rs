//! The record of runs.

use time::OffsetDateTime;

use crate::{Code, Job, Step, Why};

/// The record of runs. Append-only, without secrets.
pub trait Journal: Send + Sync {
    /// # Errors
    /// The record could not be written; the run goes on.
    fn append(&self, entry: &Entry) -> Result<(), Why>;
}

/// A journal that could not be opened: the run goes on without.
impl<J: Journal> Journal for Option<J> {
    fn append(&self, entry: &Entry) -> Result<(), Why> {
        self.as_ref().map_or(Ok(()), |journal| journal.append(entry))
    }
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub enum Entry {
    Started(RunStart),
    Ended(RunEnd),
}

#[derive(Clone, Debug)]
pub struct RunStart {
    pub run: String,
    pub job: Job,
    pub at: OffsetDateTime,
    pub site: String,
    /// Empty where a job knows only the thing.
    pub serial_number: String,
    pub thing_name: String,
    /// Empty where no device is in hand.
    pub target: String,
    /// VID:PID:serial of the device in hand, where its bus tells.
    pub device: Option<String>,
}

#[derive(Clone, Debug)]
pub struct RunEnd {
    pub run: String,
    pub at: OffsetDateTime,
    /// Empty if nobody was signed in.
    pub operator: String,
    /// The claim's or the identity's; `None` if the run failed before it was there.
    pub certificate_id: Option<String>,
    /// `None` when it finished.
    pub failed: Option<(Code, Option<Step>)>,
    pub registered: Option<bool>,
    /// Each step that was done, with its milliseconds, in order.
    pub steps: Vec<(Step, u64)>,
}
