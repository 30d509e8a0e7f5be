//! A site, opened from its file, for whoever works there.

use std::path::Path;

use fieldkey_cloud::{Account, AsDevice, Aws, Profile, SiteFile};
use fieldkey_core::{DeviceSide, Failure, SerialNumber, Site, Step};
use fieldkey_journal::SqliteJournal;

use crate::args::{Named, Signer};
use crate::organisation;

/// All that a job works with at one site.
pub(crate) struct Opened {
    file: SiteFile,
    pub(crate) way: Way,
    as_device: AsDevice,
    pub(crate) journal: Option<SqliteJournal>,
}

/// How AWS is spoken to.
pub(crate) enum Way {
    Operator { aws: Box<Aws>, user: Option<String> },
    Engineer(Account),
}

impl Opened {
    /// `policy`: what an engineer attaches to certificates.
    ///
    /// # Errors
    /// `site-invalid` with the first mistake; `not-allowed-by-policy`.
    pub(crate) async fn at(site: &Path, signer: &Signer, policy: Option<&str>) -> Result<Self, Failure> {
        // Every job holds this future in its own; on the heap it is not a part of theirs.
        Box::pin(Self::open(site, signer, policy)).await.map_err(|failure| failure.at(Step::Site))
    }

    async fn open(site: &Path, signer: &Signer, policy: Option<&str>) -> Result<Self, Failure> {
        let file = organisation::site_file(site).await?;
        let way = match &signer.aws_profile {
            Some(profile) => {
                let policy = policy.map(str::to_owned);
                Way::Engineer(Account::new(&file.site, file.extra_ca.as_deref(), Profile::named(profile), policy)?)
            }
            None => {
                let aws = Box::new(file.connect(organisation::keychain(&file, signer.user.as_deref()).await)?);
                Way::Operator { aws, user: signer.user.clone() }
            }
        };
        let as_device = AsDevice::new(&file.site, file.extra_ca.as_deref())?;
        Ok(Self { file, way, as_device, journal: journal().await })
    }

    pub(crate) fn site(&self) -> &Site {
        &self.file.site
    }

    /// Whom devices trust.
    pub(crate) fn ca_pem(&self) -> &str {
        self.file.device_ca()
    }

    pub(crate) fn device_side(&self) -> &dyn DeviceSide {
        &self.as_device
    }

    /// # Errors
    /// `serial-number-invalid`.
    pub(crate) fn thing_name(&self, named: &Named) -> Result<String, Failure> {
        match (&named.thing, &named.serial_number) {
            (Some(name), _) => Ok(name.trim().to_owned()),
            (None, serial) => {
                let serial = SerialNumber::parse(serial.as_deref().unwrap_or_default(), self.site())?;
                Ok(serial.thing_name().to_owned())
            }
        }
    }
}

/// Files may make a process wait, so they are opened beside the task that listens for Ctrl-C.
pub(crate) async fn journal() -> Option<SqliteJournal> {
    match tokio::task::spawn_blocking(SqliteJournal::open_default).await.ok()? {
        Ok(journal) => Some(journal),
        Err(why) => {
            tracing::warn!(%why, "this run is not recorded");
            None
        }
    }
}
