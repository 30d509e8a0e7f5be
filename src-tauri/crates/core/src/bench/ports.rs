//! What a bench needs of the world, beyond the ports of its runs.

use async_trait::async_trait;

use super::{Change, Launch};
use crate::{Cloud, Failure, Journal, Operator, Site, Target, Why};

/// What a bench needs of the world, beyond the ports of its runs.
#[async_trait]
pub trait BenchPorts: Send + Sync + 'static {
    fn site(&self) -> &Site;
    /// Whom the devices trust.
    fn ca_pem(&self) -> &str;
    fn operator(&self) -> &dyn Operator;
    fn cloud(&self) -> &dyn Cloud;
    fn journal(&self) -> &dyn Journal;
    /// An ID for a run, unique in the journal.
    fn new_run(&self) -> String;
    /// The target of a run, through its driver, or through the one that fits it.
    fn open(&self, launch: &Launch) -> Result<Box<dyn Target>, Failure>;
    /// Replaces the file that survives a crash, whole or not at all.
    ///
    /// # Errors
    /// Why it could not be written. The runs go on.
    async fn keep(&self, saved: String) -> Result<(), Why>;
    /// The page is told.
    fn changed(&self, change: Change);
    /// Another job of this program uses the target: the bench leaves it alone.
    ///
    /// Asked right before a run begins, when [`Runner::busy_with`] says yes of that target already. So a job that first
    /// has this answer yes, and only then asks `busy_with`, never meets a run there.
    fn in_use(&self, _target: &str) -> bool {
        false
    }
    /// The password of the devices' own user is known.
    fn has_password(&self) -> bool {
        false
    }
    /// Why the journal does not hold every run, if so.
    fn unrecorded(&self) -> Option<Why> {
        None
    }
    /// Where a batch lies that was kept and could not be used.
    fn put_aside(&self) -> Option<String> {
        None
    }
}
