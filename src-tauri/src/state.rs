//! What the window holds: the open site with its operator, the settings, the run under way.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldkey_cloud::{Aws, Keychain, SiteFile};
use fieldkey_core::{Code, Failure, Language};
use fieldkey_device::Watch;
use fieldkey_journal::SqliteJournal;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::args::Args;
use crate::settings::Settings;
use crate::views::SiteView;

pub(crate) struct Window {
    pub(crate) args: Args,
    settings: Mutex<Settings>,
    site: Mutex<Option<Arc<OpenSite>>>,
    keychain: OnceCell<Option<Keychain>>,
    /// Or why there is none.
    pub(crate) journal: Result<SqliteJournal, String>,
    run: Mutex<Option<CancellationToken>>,
    watch: Mutex<Option<Watch>>,
}

/// A site whose file was read.
pub(crate) struct OpenSite {
    pub(crate) file: SiteFile,
    pub(crate) aws: Aws,
    path: PathBuf,
}

impl OpenSite {
    pub(crate) fn view(&self) -> SiteView {
        SiteView::new(&self.path, &self.file.site)
    }

    /// The same file, and nothing in it has changed since.
    fn is(&self, path: &Path, file: &SiteFile) -> bool {
        self.path == path && self.file.site == file.site && self.file.extra_ca == file.extra_ca
    }
}

impl Window {
    pub(crate) fn new(args: Args) -> Self {
        let settings = Settings::file().map(|file| Settings::load(&file)).unwrap_or_default();
        Self {
            args,
            settings: Mutex::new(settings),
            site: Mutex::default(),
            keychain: OnceCell::new(),
            journal: SqliteJournal::open_default().map_err(|why| why.to_string()),
            run: Mutex::default(),
            watch: Mutex::default(),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        held(&self.settings).clone()
    }

    pub(crate) fn remember(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = held(&self.settings);
        change(&mut settings);
        if let Some(file) = Settings::file() {
            settings.save(&file);
        }
    }

    pub(crate) fn language(&self) -> Language {
        let system = || sys_locale::get_locale().unwrap_or_default();
        Language::from_locale(&self.settings().language.unwrap_or_else(system))
    }

    /// Opens a site; the one that was open stays open if this fails, and if it is the same.
    pub(crate) async fn open(&self, path: &Path) -> Result<Arc<OpenSite>, Failure> {
        // The next start may be from another folder.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let file = SiteFile::read(&path)?;
        if let Some(open) = held(&self.site).as_ref().filter(|open| open.is(&path, &file)) {
            return Ok(Arc::clone(open));
        }
        let aws = file.connect(self.keychain().await)?;
        self.remember(|settings| settings.site = Some(path.clone()));
        let site = Arc::new(OpenSite { file, aws, path });
        *held(&self.site) = Some(Arc::clone(&site));
        Ok(site)
    }

    /// Whose session the keychain may keep for this site.
    pub(crate) fn user_at(&self, site: &OpenSite) -> Option<String> {
        self.settings().users.remove(&site.path)
    }

    /// Only whoever asked to stay signed in is remembered by name.
    pub(crate) fn remember_user_at(&self, site: &OpenSite, user: Option<&str>) {
        self.remember(|settings| {
            match user {
                Some(user) => settings.users.insert(site.path.clone(), user.to_owned()),
                None => settings.users.remove(&site.path),
            };
        });
    }

    /// # Errors
    /// `sign-in-required`: the page asked before a site was open.
    pub(crate) fn site(&self) -> Result<Arc<OpenSite>, Failure> {
        held(&self.site).clone().ok_or_else(|| Failure::new(Code::SignInRequired))
    }

    /// Opened once, beside the page's own loading: a keychain may take its time.
    pub(crate) async fn keychain(&self) -> Option<Keychain> {
        self.keychain.get_or_init(Keychain::open_beside).await.clone()
    }

    /// The token that stops the run about to begin; a run that is still under way is stopped.
    pub(crate) fn begin_run(&self) -> CancellationToken {
        let token = CancellationToken::new();
        if let Some(earlier) = held(&self.run).replace(token.clone()) {
            earlier.cancel();
        }
        token
    }

    pub(crate) fn cancel_run(&self) {
        if let Some(token) = held(&self.run).take() {
            token.cancel();
        }
    }

    pub(crate) fn watch(&self, watch: Watch) {
        *held(&self.watch) = Some(watch);
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
