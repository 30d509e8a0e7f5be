//! Fieldkey renewed by itself, where nobody else does that: looked for, got, held against its signature, and put in
//! the old one's place.

mod failure;
mod getting;
mod package;
mod place;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fieldkey_core::{Code, Failure, Feature, Rules};
use serde_json::Value;
use tauri::AppHandle;
use tauri_plugin_updater::{Update, Updater, UpdaterExt};
use tokio_util::sync::CancellationToken;

use crate::state::held;
use crate::views::Updates;
use source::Source;

/// A list is short.
const LOOK: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(15);
/// Without a byte.
const SILENCE: Duration = Duration::from_secs(30);

/// What this window knows of newer versions.
#[derive(Default)]
pub(crate) struct Renewal {
    found: Mutex<Option<Update>>,
    getting: Mutex<Option<CancellationToken>>,
    takes_over: AtomicBool,
    changes: AtomicUsize,
    again: Mutex<Option<PathBuf>>,
}

/// By itself, and where.
struct Own {
    source: Source,
    place: PathBuf,
}

/// None where [`by`] names somebody else, or nobody.
fn own(rules: &Rules) -> Option<Own> {
    let source = Source::built_in().filter(|_| rules.allows(Feature::Updates))?;
    Some(Own { source, place: place::own()? })
}

/// Who sees to newer versions, for the page. `at_start`: what the person chose.
pub(crate) fn by(rules: &Rules, at_start: bool) -> Updates {
    match own(rules) {
        Some(own) => Updates::Itself { from: own.source.host(), at_start },
        None if !rules.allows(Feature::Updates) => Updates::Nobody,
        None if place::own().is_none() => Updates::Others,
        None => Updates::Nowhere,
    }
}

impl Renewal {
    /// Asks. None: this is the newest.
    ///
    /// # Errors
    /// `not-allowed-by-policy`, `update-unavailable`.
    pub(crate) async fn look(&self, app: &AppHandle, rules: &Rules) -> Result<Option<Update>, Failure> {
        rules.allow(Feature::Updates)?;
        let Some(own) = own(rules) else { return Ok(None) };
        let found = match updater(app, &own) {
            Ok(updater) => updater.check().await,
            Err(error) => Err(error),
        };
        let found = found.map_err(|error| failure::of(&error, &own.source.host()))?;
        held(&self.found).clone_from(&found);
        Ok(found)
    }

    /// What was said the last time, if that is still newer, without asking.
    pub(crate) fn recall(&self, app: &AppHandle, rules: &Rules, said: Value) -> Option<Update> {
        let own = own(rules)?;
        let found = updater(app, &own).and_then(|updater| updater.restore_update(said)).ok()?;
        held(&self.found).clone_from(&found);
        found
    }

    /// While the answer lives, nothing begins at the bench, and nothing is changed at AWS.
    ///
    /// # Errors
    /// `run-under-way`: something is being changed.
    pub(crate) fn take_over(&self) -> Result<TakesOver<'_>, Failure> {
        self.takes_over.store(true, Ordering::SeqCst);
        let takes_over = TakesOver(self);
        // Whoever begins says so before it looks.
        if self.changes.load(Ordering::SeqCst) > 0 { Err(under_way()) } else { Ok(takes_over) }
    }

    /// While the answer lives, something is being changed at AWS.
    ///
    /// # Errors
    /// `run-under-way`: an update takes over.
    pub(crate) fn change(&self) -> Result<Change<'_>, Failure> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        let change = Change(self);
        if self.takes_over() { Err(under_way()) } else { Ok(change) }
    }

    pub(crate) fn takes_over(&self) -> bool {
        self.takes_over.load(Ordering::SeqCst)
    }

    /// Puts it in this one's place. On Windows the program ends here, and the installer starts the new one.
    ///
    /// # Errors
    /// `update-failed`; nothing has changed then.
    pub(crate) async fn put(&self, update: Update, package: Vec<u8>, rules: &Rules) -> Result<(), Failure> {
        let Own { place, .. } = own(rules).ok_or_else(|| Failure::new(Code::UpdateFailed).about("Fieldkey"))?;
        let there = place.clone();
        let put = tokio::task::spawn_blocking(move || put(&update, &package, &there)).await;
        let put = put.map_err(|error| Failure::broken_off(&error))?;
        put.map_err(|why| Failure::new(Code::UpdateFailed).about(place.display().to_string()).because_of(why))?;
        *held(&self.again) = Some(place);
        Ok(())
    }

    /// What is to be started when this one has ended.
    pub(crate) fn starts(&self) -> Option<PathBuf> {
        held(&self.again).take()
    }
}

/// What ends with the window, if the window does.
pub(crate) struct TakesOver<'a>(&'a Renewal);

impl Drop for TakesOver<'_> {
    fn drop(&mut self) {
        self.0.takes_over.store(false, Ordering::SeqCst);
    }
}

pub(crate) struct Change<'a>(&'a Renewal);

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.0.changes.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn under_way() -> Failure {
    Failure::new(Code::RunUnderWay).about("Fieldkey")
}

fn updater(app: &AppHandle, own: &Own) -> tauri_plugin_updater::Result<Updater> {
    app.updater_builder()
        .executable_path(&own.place)
        .pubkey(own.source.key.clone())
        .endpoints(vec![own.source.list.clone()])?
        .timeout(LOOK)
        // The library's own hides the window, for good even if no installer comes.
        .on_before_exit(|| ())
        // Else what opened this window, a link of anybody's say, becomes words to the installer.
        .restart_after_install(false)
        .configure_client(|client| {
            // Where it leads on to, too.
            let client = client.https_only(true).referer(false).connect_timeout(CONNECT).read_timeout(SILENCE);
            client.user_agent(concat!("Fieldkey/", env!("CARGO_PKG_VERSION")))
        })
        .build()
}

// Not by the library: where the power fails while that writes an image, the old one is gone.
#[cfg(target_os = "linux")]
fn put(_: &Update, package: &[u8], place: &Path) -> Result<(), fieldkey_core::Why> {
    place::replace(place, package).map_err(|error| fieldkey_core::Why::of_system(&error))
}

#[cfg(not(target_os = "linux"))]
fn put(update: &Update, package: &[u8], _place: &Path) -> Result<(), fieldkey_core::Why> {
    // The installer would find that out only when this window has gone.
    #[cfg(windows)]
    failure::if_running(&_place.with_file_name("fieldkey.exe"))?;
    update.install(package).map_err(failure::of_putting)
}
