//! A site that is open: a real one, from its file, or the one to practise at.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fieldkey_cloud::{AsDevice, Aws, Keychain, SiteFile, WhoIsIt};
use fieldkey_core::{Cloud, Code, DeviceSide, Failure, Operator, Site, Target, Why};
use fieldkey_device::Means;
use fieldkey_journal::SqliteJournal;
use fieldkey_practise::Practise;
use secrecy::SecretString;

use crate::scratch::Scratch;
use crate::state::held;
use crate::views::{Answer, DeviceInHand, NewPasswordRequest, SignInRequest, SiteView};

/// The journal, or why there is none.
pub(crate) type Runs = Arc<Result<SqliteJournal, Why>>;

pub(crate) struct OpenSite {
    /// Pretended runs are no record of anything: the practise site has a journal of its own, which goes with it.
    pub(crate) journal: Runs,
    // Its folder goes after it.
    at: At,
}

enum At {
    Real(Box<Real>),
    Practise { practise: Practise, journal_folder: Mutex<Option<Scratch>> },
}

struct Real {
    path: PathBuf,
    file: SiteFile,
    aws: Aws,
    as_device: AsDevice,
}

/// What a sign-in came to.
pub(crate) enum Reply {
    Real(fieldkey_cloud::Reply),
    Practise(fieldkey_practise::Reply),
}

impl OpenSite {
    /// # Errors
    /// `site-invalid`.
    pub(crate) fn real(
        path: &Path,
        file: SiteFile,
        keychain: Option<Keychain>,
        journal: Runs,
    ) -> Result<Self, Failure> {
        let as_device = AsDevice::new(&file.site, file.extra_ca.as_deref())?;
        let aws = file.connect(keychain)?;
        Ok(Self { at: At::Real(Box::new(Real { path: path.to_owned(), file, aws, as_device })), journal })
    }

    /// # Errors
    /// This computer could not make a key.
    pub(crate) fn practise() -> Result<Self, Failure> {
        let practise = Practise::new()?;
        let folder = Scratch::new();
        let journal = folder
            .as_ref()
            .map_err(Why::of_system)
            .and_then(|folder| SqliteJournal::open(folder.path()).map_err(|error| error.why()));
        let at = At::Practise { practise, journal_folder: Mutex::new(folder.ok()) };
        Ok(Self { journal: Arc::new(journal), at })
    }

    pub(crate) fn site(&self) -> &Site {
        match &self.at {
            At::Real(real) => &real.file.site,
            At::Practise { practise, .. } => practise.site(),
        }
    }

    /// Whom the site's devices trust.
    pub(crate) fn device_ca(&self) -> &str {
        match &self.at {
            At::Real(real) => real.file.device_ca(),
            At::Practise { practise, .. } => practise.device_ca(),
        }
    }

    pub(crate) fn operator(&self) -> &dyn Operator {
        match &self.at {
            At::Real(real) => &real.aws,
            At::Practise { practise, .. } => practise,
        }
    }

    pub(crate) fn cloud(&self) -> &dyn Cloud {
        match &self.at {
            At::Real(real) => &real.aws,
            At::Practise { practise, .. } => practise,
        }
    }

    pub(crate) fn device_side(&self) -> &dyn DeviceSide {
        match &self.at {
            At::Real(real) => &real.as_device,
            At::Practise { practise, .. } => practise,
        }
    }

    /// # Errors
    /// `usage` for words that make no target; `target-gone` for a pretended device that is not there.
    pub(crate) fn target(
        &self,
        device: &DeviceInHand,
        password: Option<&SecretString>,
    ) -> Result<Box<dyn Target>, Failure> {
        match &self.at {
            At::Real(real) => {
                let drivers = fieldkey_device::own_drivers();
                let means = Means {
                    layout: real.file.site.layout.as_ref(),
                    ca_pem: Some(real.file.device_ca()),
                    settings: Some(&device.driver_settings),
                    password,
                    drivers: drivers.as_deref(),
                };
                fieldkey_device::open(&device.target, device.driver.as_deref(), &means)
            }
            At::Practise { practise, .. } => practise.open(&device.target),
        }
    }

    /// The site to practise at, if it is that.
    pub(crate) fn to_practise(&self) -> Option<&Practise> {
        match &self.at {
            At::Real(_) => None,
            At::Practise { practise, .. } => Some(practise),
        }
    }

    /// Its file, if it has one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.at {
            At::Real(real) => Some(&real.path),
            At::Practise { .. } => None,
        }
    }

    /// Nothing in its file has changed since.
    pub(crate) fn is(&self, file: &SiteFile) -> bool {
        matches!(&self.at, At::Real(real) if real.file.site == file.site && real.file.extra_ca == file.extra_ca)
    }

    pub(crate) fn view(&self) -> SiteView {
        SiteView::new(self.path(), self.site())
    }

    /// The program ends, and what ends with it goes now: nobody waits until the last one has let go of it.
    ///
    /// Not on Windows, where the journal in it is still open: there the next practise site clears it away.
    pub(crate) fn leave(&self) {
        if let At::Practise { journal_folder, .. } = &self.at
            && cfg!(not(windows))
        {
            held(journal_folder).take();
        }
    }

    // --- the session ---------------------------------------------------------------------------

    pub(crate) async fn who(&self) -> Option<WhoIsIt> {
        match &self.at {
            At::Real(real) => real.aws.who().await,
            At::Practise { practise, .. } => practise.who().map(|name| WhoIsIt { name, kept: false }),
        }
    }

    /// Goes on with a session that the keychain kept.
    ///
    /// # Errors
    /// `session-expired` where nothing is left of it.
    pub(crate) async fn resume(&self, user: &str) -> Result<(), Failure> {
        match &self.at {
            At::Real(real) => real.aws.resume(user).await.map(drop),
            At::Practise { .. } => Err(Failure::new(Code::SessionExpired)),
        }
    }

    pub(crate) async fn sign_in(&self, request: SignInRequest) -> Result<Reply, Failure> {
        let SignInRequest { user, password, stay_signed_in } = request;
        match &self.at {
            At::Real(real) => real.aws.sign_in(&user, password, stay_signed_in).await.map(Reply::Real),
            At::Practise { practise, .. } => practise.sign_in(&user, &password).await.map(Reply::Practise),
        }
    }

    pub(crate) async fn answer(&self, answer: Answer) -> Result<Reply, Failure> {
        match &self.at {
            At::Real(real) => real.aws.answer(answer.into()).await.map(Reply::Real),
            At::Practise { practise, .. } => {
                let answer = match answer {
                    Answer::NewPassword { new_password, .. } => fieldkey_practise::Answer::NewPassword(new_password),
                    Answer::Code { code } => fieldkey_practise::Answer::Code(code),
                    // It never asks for these.
                    Answer::Mfa { .. } | Answer::FirstFactor { .. } => return Err(Failure::new(Code::SessionExpired)),
                };
                practise.answer(answer).await.map(Reply::Practise)
            }
        }
    }

    pub(crate) async fn forgot_password(&self, user: &str) -> Result<Option<String>, Failure> {
        match &self.at {
            At::Real(real) => real.aws.forgot_password(user).await,
            At::Practise { practise, .. } => practise.forgot_password(user).await,
        }
    }

    pub(crate) async fn confirm_forgot_password(&self, request: &NewPasswordRequest) -> Result<(), Failure> {
        let NewPasswordRequest { user, code, new_password } = request;
        match &self.at {
            At::Real(real) => real.aws.confirm_forgot_password(user, code, new_password).await,
            At::Practise { practise, .. } => practise.confirm_forgot_password(code, new_password).await,
        }
    }

    /// Ends a session of this person's that the keychain kept.
    pub(crate) async fn end(&self, user: &str) -> Result<(), Failure> {
        match &self.at {
            At::Real(real) => real.aws.sign_out(Some(user)).await,
            At::Practise { .. } => Ok(()),
        }
    }

    pub(crate) async fn sign_out(&self) -> Result<(), Failure> {
        match &self.at {
            At::Real(real) => real.aws.sign_out(None).await,
            At::Practise { practise, .. } => {
                practise.sign_out();
                Ok(())
            }
        }
    }
}
