//! The identity in hand is read, before anything of it can be proved.

use super::start;
use crate::ports::RunStart;
use crate::run::Run;
use crate::{Code, Failure, Identity, Ports, Site, Step, Target, Verified, Why};

/// Reads the identity that [`verify`](super::verify) is to prove, by `read`. Whose it is the journal learns with it: a
/// run that comes no further is recorded by its device alone.
///
/// # Errors
/// Those of `read`, and `identity-invalid` where there is none, in the step `read`; the run is over then.
pub async fn read_identity(
    run: &str,
    site: &Site,
    target: &dyn Target,
    read: impl Future<Output = Result<Option<Identity>, Failure>>,
    ports: Ports<'_>,
) -> Result<Identity, Failure> {
    let mut reading = Reading { start: Some(start(run, "", site, target)), ports };
    let failure = match read.await {
        Ok(Some(identity)) => {
            reading.start = None;
            return Ok(identity);
        }
        Ok(None) => {
            let why = Why::new("there is no identity", "デバイス証明書がありません");
            Failure::new(Code::IdentityInvalid).about(target.name()).because_of(why)
        }
        Err(failure) => failure,
    };
    reading.fail(failure)
}

/// A run as long as nobody knows whose it is. Dropped, it ends as a [`Run`] does.
struct Reading<'a> {
    start: Option<RunStart>,
    ports: Ports<'a>,
}

impl Reading<'_> {
    fn fail(&mut self, failure: Failure) -> Result<Identity, Failure> {
        let failure = failure.at(Step::Read);
        if let Some(start) = self.start.take() {
            let _ = Run::start(start, self.ports).conclude::<Verified>(Err(failure.clone()));
        }
        Err(failure)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some(start) = self.start.take() {
            Run::start(start, self.ports).running(Step::Read, vec![]);
        }
    }
}
