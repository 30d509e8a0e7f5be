//! What the window holds: the sites with their operators, the settings, the run under way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldkey_cloud::{Keychain, SiteFile};
use fieldkey_core::{Code, Failure, Feature, Language, Target};
use fieldkey_device::Attached;
use fieldkey_journal::{Checking, SqliteJournal};
use fieldkey_machine::Machine;
use secrecy::SecretString;
use tauri::AppHandle;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::sync::OnceCell;

use crate::args::Args;
use crate::bench::{self, AtHand, AtWork};
use crate::commands::claims::Unsealed;
use crate::commands::register::Files;
use crate::device_login::DeviceLogin;
use crate::picked::Picked;
use crate::settings::Settings;
use crate::shell::Shell;
use crate::site::{OpenSite, Runs};
use crate::under_way::{Place, UnderWay};
use crate::updates::{self, Renewal};
use crate::views::DeviceInHand;

pub(crate) struct Window {
    pub(crate) args: Args,
    /// What the organisation put on this computer, and allows there.
    pub(crate) machine: Machine,
    pub(crate) shell: Shell,
    pub(crate) picked: Picked,
    claim: Mutex<Option<Arc<Unsealed>>>,
    previewed: Mutex<Option<Files>>,
    practise_watch: Mutex<Option<Box<dyn Send>>>,
    journal_watch: Mutex<Option<JoinHandle<()>>>,
    journal_check: Mutex<Arc<Checking>>,
    settings: Mutex<Settings>,
    site: Mutex<Option<Arc<OpenSite>>>,
    /// Each with its own session, for as long as the window is open.
    opened: Mutex<BTreeMap<PathBuf, Arc<OpenSite>>>,
    keychain: OnceCell<Option<Keychain>>,
    /// Of real sites.
    journal: Runs,
    /// The page's own run.
    pub(crate) under_way: UnderWay,
    pub(crate) device_login: DeviceLogin,
    /// Who is told of the targets.
    targets: Mutex<Option<Channel<Vec<Attached>>>>,
    watch: Mutex<Option<Box<dyn Send>>>,
    pub(crate) bench: AtHand,
    pub(crate) renewal: Renewal,
}

impl Window {
    pub(crate) fn new(args: Args, machine: Machine) -> Self {
        let journal = SqliteJournal::open_default();
        let journal = journal.inspect_err(|error| tracing::warn!(%error, "runs are not recorded"));
        let settings = Settings::file().map(|file| Settings::load(&file)).unwrap_or_default();
        Self {
            args,
            machine,
            shell: Shell::default(),
            picked: Picked::default(),
            claim: Mutex::default(),
            previewed: Mutex::default(),
            practise_watch: Mutex::default(),
            journal_watch: Mutex::default(),
            journal_check: Mutex::default(),
            targets: Mutex::default(),
            settings: Mutex::new(settings),
            site: Mutex::default(),
            opened: Mutex::default(),
            keychain: OnceCell::new(),
            journal: Arc::new(journal.map_err(|error| error.why())),
            under_way: UnderWay::default(),
            device_login: DeviceLogin::default(),
            watch: Mutex::default(),
            bench: AtHand::default(),
            renewal: Renewal::default(),
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

    /// Opens a site, which is not at hand yet ([`Window::take`]). One that was opened before is gone on with if nothing in
    /// its file has changed.
    ///
    /// # Errors
    /// `site-invalid`, `not-allowed-by-policy`.
    pub(crate) async fn open(&self, path: &Path) -> Result<Arc<OpenSite>, Failure> {
        // The next start may be from another folder.
        let path = self.machine.settled(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        self.machine.allow_site(&path)?;
        let file = SiteFile::read(&path)?;
        let before = held(&self.opened).get(&path).filter(|open| open.is(&file)).cloned();
        let site = match before {
            Some(before) => before,
            None => {
                let journal = Arc::clone(&self.journal);
                Arc::new(OpenSite::real(&path, file, self.keychain().await, journal)?)
            }
        };
        held(&self.opened).insert(path, Arc::clone(&site));
        Ok(site)
    }

    /// From now on this site is at hand. Called when the page is about to show it, and not before: what is clicked until
    /// then is meant for the one before.
    pub(crate) fn take(&self, site: &Arc<OpenSite>) {
        if let Some(path) = site.path() {
            self.remember(|settings| settings.site_was_opened(path));
        }
        self.forget_claim();
        self.device_login.forget();
        *held(&self.site) = Some(Arc::clone(site));
    }

    /// The window is closed.
    pub(crate) fn leave(&self) {
        if let Some(site) = held(&self.site).as_ref() {
            site.leave();
        }
    }

    /// A site of the list, to end its session, which policies never forbid. The one at hand stays at hand.
    pub(crate) async fn reopen(&self, path: &Path) -> Result<Arc<OpenSite>, Failure> {
        let file = SiteFile::read(path)?;
        let keychain = Keychain::open_beside().await;
        Ok(Arc::new(OpenSite::real(path, file, keychain, Arc::clone(&self.journal))?))
    }

    /// What opens at the start: what the call names, what was open last, or the one site of this computer.
    ///
    /// # Errors
    /// `usage` for a name that several sites have.
    pub(crate) fn first_site(&self) -> Result<Option<PathBuf>, Failure> {
        if let Some(word) = &self.args.site {
            return self.machine.chosen(word).map(Some);
        }
        // What the organisation has taken away since is not looked for.
        let last = self.settings().site.filter(|site| site.exists() || !self.machine.has(site));
        Ok(last.or_else(|| <[PathBuf; 1]>::try_from(self.machine.sites()).ok().map(|[only]| only)))
    }

    /// The sites that were opened since the start, by their files.
    pub(crate) fn opened(&self) -> BTreeMap<PathBuf, Arc<OpenSite>> {
        held(&self.opened).clone()
    }

    /// Takes a site off the list.
    pub(crate) fn forget(&self, path: &Path) {
        self.remember(|settings| settings.forget(path));
        held(&self.opened).remove(path);
    }

    /// Whose session the keychain may keep for this site.
    pub(crate) fn user_at(&self, site: &OpenSite) -> Option<String> {
        site.path().and_then(|path| self.kept().remove(path))
    }

    /// Whose sessions the keychain may keep, by site file.
    pub(crate) fn kept(&self) -> BTreeMap<PathBuf, String> {
        if self.machine.rules().allows(Feature::StaySignedIn) { self.settings().users } else { BTreeMap::new() }
    }

    /// Only whoever asked to stay signed in is remembered by name.
    pub(crate) fn remember_user_at(&self, site: &OpenSite, user: Option<&str>) {
        let Some(path) = site.path() else { return };
        self.remember(|settings| {
            match user {
                Some(user) => settings.users.insert(path.to_owned(), user.to_owned()),
                None => settings.users.remove(path),
            };
        });
    }

    /// # Errors
    /// `sign-in-required`: the page asked before a site was open.
    pub(crate) fn site(&self) -> Result<Arc<OpenSite>, Failure> {
        held(&self.site).clone().ok_or_else(|| Failure::new(Code::SignInRequired))
    }

    /// Opened once, beside the page's own loading: a keychain may take its time. None where no session may be kept.
    pub(crate) async fn keychain(&self) -> Option<Keychain> {
        if !self.machine.rules().allows(Feature::StaySignedIn) {
            return None;
        }
        self.keychain.get_or_init(Keychain::open_beside).await.clone()
    }

    pub(crate) fn tell_targets(&self, page: Channel<Vec<Attached>>) {
        *held(&self.targets) = Some(page);
    }

    pub(crate) fn targets(&self) -> Option<Channel<Vec<Attached>>> {
        held(&self.targets).clone()
    }

    pub(crate) fn keep_previewed(&self, files: Files) {
        *held(&self.previewed) = Some(files);
    }

    /// The certificate that was looked at last.
    pub(crate) fn previewed(&self) -> Option<Files> {
        held(&self.previewed).clone()
    }

    pub(crate) fn keep_claim(&self, claim: Unsealed) -> Arc<Unsealed> {
        let claim = Arc::new(claim);
        *held(&self.claim) = Some(Arc::clone(&claim));
        claim
    }

    pub(crate) fn claim_is_over(&self, claim: &Arc<Unsealed>) {
        let mut kept = held(&self.claim);
        if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, claim)) {
            *kept = None;
        }
    }

    /// # Errors
    /// `run-under-way`, here or on the bench.
    pub(crate) fn begin(&self, target: Option<&str>) -> Result<Place, Failure> {
        let place = self.under_way.begin(target)?;
        // Held first: from now on the bench leaves this device alone.
        match target.filter(|target| self.bench.busy_with(target)) {
            Some(target) => Err(Failure::new(Code::RunUnderWay).about(target)),
            None => Ok(place),
        }
    }

    /// Is a device being written?
    pub(crate) fn is_busy(&self) -> bool {
        self.under_way.is_busy() || self.bench.is_busy()
    }

    /// What a run that failed had for its device's own user stays for trying again. What the device did not take is of no
    /// use. `since`: what [`DeviceLogin::since`] said when the run began.
    pub(crate) fn keep_login(&self, login: Option<(&DeviceInHand, SecretString)>, since: u64, failed: Option<Code>) {
        if let (Some((device, password)), Some(code)) = (login, failed)
            && code != Code::DeviceLogin
        {
            self.device_login.keep(since, device, password);
        }
    }

    /// Its key is of no use any more.
    pub(crate) fn forget_claim(&self) {
        *held(&self.claim) = None;
        *held(&self.previewed) = None;
    }

    /// The claim file that was opened last.
    pub(crate) fn claim(&self) -> Option<Arc<Unsealed>> {
        held(&self.claim).clone()
    }

    /// A pretended device, where practice is at hand.
    pub(crate) fn practised(&self, target: &str) -> Option<Result<Box<dyn Target>, Failure>> {
        Some(self.site().ok()?.to_practise()?.open(target))
    }

    /// The page's watch of the journal; the one before, of a page that was loaded again, ends.
    pub(crate) fn watch_journal(&self, watch: JoinHandle<()>) {
        if let Some(before) = held(&self.journal_watch).replace(watch) {
            before.abort();
        }
    }

    /// A check of the journal, the only one that the page waits for.
    pub(crate) fn begin_check(&self) -> Arc<Checking> {
        let check = Arc::default();
        std::mem::replace(&mut *held(&self.journal_check), Arc::clone(&check)).stop();
        check
    }

    pub(crate) fn stop_check(&self) {
        held(&self.journal_check).stop();
    }

    pub(crate) fn watch_practise(&self, watch: impl Send + 'static) {
        *held(&self.practise_watch) = Some(Box::new(watch));
    }

    /// The bench of the site at hand.
    ///
    /// # Errors
    /// `sign-in-required`: no site is open. `not-allowed-by-policy`. `run-under-way`: an update takes over.
    pub(crate) fn bench(&self, app: &AppHandle) -> Result<AtWork, Failure> {
        if self.renewal.takes_over() {
            return Err(updates::under_way());
        }
        let site = self.site()?;
        self.bench.of(&site, |login| bench::start(app, Arc::clone(&site), login, self.machine.rules()))
    }

    /// The journal of the site at hand; without a site, that of the real ones.
    pub(crate) fn runs(&self) -> Runs {
        self.site().map_or_else(|_| Arc::clone(&self.journal), |site| Arc::clone(&site.journal))
    }

    /// Goes on for as long as this is kept; the one before it ends.
    pub(crate) fn watch(&self, watch: impl Send + 'static) {
        *held(&self.watch) = Some(Box::new(watch));
    }
}

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
