//! The bench at the site at hand: what core's bench needs of the window.

mod at_work;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use fieldkey_core::bench::{Bench, BenchPorts, Change, Launch, Plugged, Runner, TargetKind};
use fieldkey_core::ports::Entry;
use fieldkey_core::{Cloud, Failure, Feature, Journal, Operator, Rules, Site, Target, Why};
use fieldkey_device::{Attached, Kind};
use sha2::{Digest, Sha256};
use tauri::{AppHandle, Manager};

use crate::site::OpenSite;
use crate::state::{Window, held};
use crate::views::DeviceInHand;
use crate::{folders, whole};

pub(crate) use at_work::{AtHand, AtWork, Login};

/// Sets the bench of a site to work, with the batch that a crash may have left.
///
/// # Errors
/// `not-allowed-by-policy`. The batch stays where it is.
pub(crate) fn start(app: &AppHandle, site: Arc<OpenSite>, login: Login, rules: &Rules) -> Result<Runner, Failure> {
    rules.allow(Feature::Bench)?;
    let file = file(&site);
    let left = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
    let mut put_aside = None;
    let bench = left.map_or_else(Bench::default, |text| {
        Bench::load(&text, &site.site().name).unwrap_or_else(|failure| {
            tracing::warn!(%failure, "the batch that was kept is not used");
            put_aside = file.as_deref().and_then(aside);
            Bench::default()
        })
    });
    let at_site = AtSite { app: app.clone(), site, login, file, why_not: OnceLock::new(), put_aside };
    Runner::new(bench, rules, Box::new(at_site))
}

/// Another version's, or damaged: it may be of use to somebody still.
fn aside(file: &Path) -> Option<String> {
    let aside = file.with_extension("aside.json");
    std::fs::rename(file, &aside).ok().map(|()| aside.display().to_string())
}

/// Each site's batch in a file of its own; that of the practise site goes with it.
fn file(site: &OpenSite) -> Option<PathBuf> {
    let path = site.path()?;
    let name = hex::encode(Sha256::digest(path.as_os_str().as_encoded_bytes()));
    Some(folders::data()?.join("bench").join(format!("{}.json", name.get(..16)?)))
}

struct AtSite {
    app: AppHandle,
    site: Arc<OpenSite>,
    login: Login,
    file: Option<PathBuf>,
    /// Why the journal does not hold every run.
    why_not: OnceLock<Why>,
    put_aside: Option<String>,
}

impl Journal for AtSite {
    fn append(&self, entry: &Entry) -> Result<(), Why> {
        let journal = self.site.journal.as_ref();
        let appended = journal.as_ref().map_err(Why::clone).and_then(|journal| journal.append(entry));
        appended.inspect_err(|why| {
            // The first one says it.
            let _ = self.why_not.set(why.clone());
        })
    }
}

#[async_trait]
impl BenchPorts for AtSite {
    fn site(&self) -> &Site {
        self.site.site()
    }

    fn ca_pem(&self) -> &str {
        self.site.device_ca()
    }

    fn operator(&self) -> &dyn Operator {
        self.site.operator()
    }

    fn cloud(&self) -> &dyn Cloud {
        self.site.cloud()
    }

    fn journal(&self) -> &dyn Journal {
        self
    }

    fn new_run(&self) -> String {
        fieldkey_journal::new_run()
    }

    fn open(&self, launch: &Launch) -> Result<Box<dyn Target>, Failure> {
        let Launch { target, driver, mut driver_settings, .. } = launch.clone();
        // Who logs in is said for the whole batch; a device on which nobody does would refuse it.
        if !driver.as_deref().is_some_and(fieldkey_device::logs_in) {
            driver_settings.remove("user");
        }
        let password = held(&self.login).as_ref().map(|login| login.password.clone());
        self.site.target(&DeviceInHand { target, driver, driver_settings }, password.as_ref())
    }

    fn has_password(&self) -> bool {
        held(&self.login).is_some()
    }

    async fn keep(&self, saved: String) -> Result<(), Why> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        let written = tokio::task::spawn_blocking(move || write(&file, &saved)).await;
        written.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(|error| Why::of_system(&error))
    }

    fn changed(&self, change: Change) {
        self.app.state::<Window>().bench.changed(change);
    }

    fn put_aside(&self) -> Option<String> {
        self.put_aside.clone()
    }

    fn in_use(&self, target: &str) -> bool {
        self.app.state::<Window>().under_way.uses(target)
    }

    fn unrecorded(&self) -> Option<Why> {
        self.why_not.get().cloned()
    }
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    folders::private(file.parent().unwrap_or(file))?;
    whole::write(file, text.as_bytes())
}

/// What is attached, as a bench sees it.
pub(crate) fn plugged(attached: &[Attached]) -> Vec<Plugged> {
    attached
        .iter()
        .map(|target| Plugged {
            target: target.target.clone(),
            kind: match target.kind {
                Kind::Drive => TargetKind::Drive,
                Kind::Serial => TargetKind::Serial,
            },
            label: target.label.clone(),
            serial_number: target.serial_number.clone(),
            identity: target.device.clone(),
            // A drive is laid out as its site says.
            driver: target.driver.clone().filter(|_| target.kind == Kind::Serial),
            refused: target.refused,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(target: &str, kind: Kind, driver: &str) -> Attached {
        Attached {
            target: target.into(),
            kind,
            label: None,
            serial_number: None,
            driver: Some(driver.into()),
            refused: None,
            size_bytes: None,
            file_system: None,
            usb: None,
            device: None,
        }
    }

    #[test]
    fn a_drive_on_the_bench_is_laid_out_as_its_site_says() {
        let [drive, port] = [
            attached("drive:/media/x", Kind::Drive, "drive"),
            attached("serial:/dev/ttyACM0", Kind::Serial, "micropython"),
        ];
        let plugged: Vec<_> = plugged(&[drive, port]).into_iter().map(|one| one.driver).collect();
        assert_eq!(plugged, [None, Some("micropython".into())], "a layout that is named is not the site's own");
    }
}
