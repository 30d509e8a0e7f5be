//! A run that the page watches, and may stop.

use fieldkey_core::{Code, Failure, Job, Ports, Step, Target, Why};
use secrecy::SecretString;
use tauri::ipc::Channel;

use super::Answered;
use crate::caught::caught;
use crate::progress::ToPage;
use crate::record::Record;
use crate::site::OpenSite;
use crate::state::Window;
use crate::views::{DeviceInHand, RunEvent};

/// All that a run works with.
pub(crate) struct Run<'a> {
    pub(crate) id: String,
    pub(crate) site: &'a OpenSite,
    pub(crate) ports: Ports<'a>,
    password: Option<SecretString>,
}

impl Run<'_> {
    /// # Errors
    /// As [`OpenSite::target`], in the step `target`.
    pub(crate) fn target(&self, device: &DeviceInHand) -> Result<Box<dyn Target>, Failure> {
        self.site.target(device, self.password.as_ref()).map_err(|failure| failure.at(Step::Target))
    }
}

/// The device in hand, with the password that was typed for its own user.
pub(crate) type InHand<'a> = (&'a DeviceInHand, Option<SecretString>);

/// Carries a job out at the site at hand. `work` fails only before the job has begun: a job's own outcome goes to the
/// page as an event.
pub(crate) async fn carry_out(
    window: &Window,
    job: Job,
    channel: Channel<RunEvent>,
    in_hand: Option<InHand<'_>>,
    work: impl AsyncFnOnce(Run<'_>) -> Result<(), Failure>,
) -> Answered<()> {
    let id = fieldkey_journal::new_run();
    let site = match window.site() {
        Ok(site) => site,
        Err(failure) => {
            let none = Err(Why::new("", ""));
            let record = Record::new(&none);
            fieldkey_core::never_began(&id, job, &failure, &ToPage::new(channel, &record));
            return Ok(());
        }
    };
    let record = Record::new(&site.journal);
    let page = ToPage::new(channel, &record);
    let ports = Ports { operator: site.operator(), cloud: site.cloud(), journal: &record, progress: &page };
    let (device, typed) = in_hand.unzip();
    let since = window.device_login.since();
    let password = device.and_then(|device| window.device_login.take(device, typed.flatten()));
    match window.begin(device.map(|device| device.target.as_str())) {
        Err(failure) => fieldkey_core::never_began(&id, job, &failure, &page),
        Ok(place) => tokio::select! {
            biased;
            // Dropping the job cleans up and says `interrupted`.
            () = place.stop.cancelled() => {}
            began = caught(work(Run { id: id.clone(), site: &site, ports, password: password.clone() })) => match began {
                Some(Ok(())) => {}
                Some(Err(failure)) => fieldkey_core::never_began(&id, job, &failure, &page),
                // A job that had begun has said so itself.
                None if page.has_said() => {}
                None => fieldkey_core::never_began(&id, job, &Failure::new(Code::InternalError), &page),
            }
        },
    }
    if !page.has_said() {
        // Stopped before the job had begun.
        fieldkey_core::never_began(&id, job, &Failure::new(Code::Interrupted), &page);
    }
    window.keep_login(device.zip(password), since, page.failed());
    Ok(())
}
