//! A run that the page watches, and may stop.

use fieldkey_core::{Code, Failure, Job, Ports, Step, Target};
use tauri::ipc::Channel;

use super::Answered;
use crate::progress::ToPage;
use crate::record::Record;
use crate::site::OpenSite;
use crate::state::Window;
use crate::views::RunEvent;

/// All that a run works with.
pub(crate) struct Run<'a> {
    pub(crate) id: String,
    pub(crate) site: &'a OpenSite,
    pub(crate) ports: Ports<'a>,
}

impl Run<'_> {
    /// # Errors
    /// As [`OpenSite::target`], in the step `target`.
    pub(crate) fn target(&self, target: &str, driver: Option<&str>) -> Result<Box<dyn Target>, Failure> {
        self.site.target(target, driver).map_err(|failure| failure.at(Step::Target))
    }
}

/// Carries a job out at the site at hand. `work` fails only before the job has begun: a job's own outcome goes to the
/// page as an event.
pub(crate) async fn carry_out(
    window: &Window,
    job: Job,
    channel: Channel<RunEvent>,
    target: Option<&str>,
    work: impl AsyncFnOnce(Run<'_>) -> Result<(), Failure>,
) -> Answered<()> {
    let id = fieldkey_journal::new_run();
    let site = match window.site() {
        Ok(site) => site,
        Err(failure) => {
            let none = Err(String::new());
            let record = Record::new(&none);
            fieldkey_core::never_began(&id, job, &failure, &ToPage::new(channel, &record));
            return Ok(());
        }
    };
    let record = Record::new(&site.journal);
    let page = ToPage::new(channel, &record);
    let ports = Ports { operator: site.operator(), cloud: site.cloud(), journal: &record, progress: &page };
    let place = match window.begin(target) {
        Ok(place) => place,
        Err(failure) => {
            fieldkey_core::never_began(&id, job, &failure, &page);
            return Ok(());
        }
    };
    tokio::select! {
        biased;
        // Dropping the job cleans up and says `interrupted`.
        () = place.stop.cancelled() => {}
        began = work(Run { id: id.clone(), site: &site, ports }) => if let Err(failure) = began {
            fieldkey_core::never_began(&id, job, &failure, &page);
        }
    }
    if !page.has_said() {
        // Stopped before the job had begun.
        fieldkey_core::never_began(&id, job, &Failure::new(Code::Interrupted), &page);
    }
    Ok(())
}
