//! Fieldkey renewed by itself, where nobody else does that: looked for, got, held against its signature, and put in
//! the old one's place.

mod failure;
mod place;
mod source;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fieldkey_core::{Code, Failure, Feature, Rules, Why};
use tauri::AppHandle;
use tauri_plugin_updater::{Update, UpdaterExt};
use tokio_util::sync::CancellationToken;

use crate::state::held;
use crate::views::{Downloaded, Updates};
use source::Source;

/// A list is short.
const LOOK: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(15);
/// Without a byte.
const SILENCE: Duration = Duration::from_secs(30);
/// No package is larger, in bytes. It is held in memory until its signature was looked at.
const LARGEST: u64 = 512 << 20;

/// What this window knows of newer versions.
#[derive(Default)]
pub(crate) struct Renewal {
    found: Mutex<Option<Update>>,
    getting: Mutex<Option<CancellationToken>>,
    again: AtomicBool,
}

/// By itself, and where.
struct Own {
    source: Source,
    place: PathBuf,
}

/// None where somebody else sees to it: whoever built this did not say where to look, it was installed by a package
/// manager or an administrator, or the organisation says so.
fn own(rules: &Rules) -> Option<Own> {
    let source = Source::built_in().filter(|_| rules.allows(Feature::Updates))?;
    let place = place::own().filter(|place| place::is_ours(place))?;
    Some(Own { source, place })
}

/// Who sees to newer versions, for the page. `at_start`: what the person chose.
pub(crate) fn by(rules: &Rules, at_start: bool) -> Updates {
    match own(rules) {
        Some(own) => Updates::Itself { from: own.source.host(), at_start },
        None if rules.allows(Feature::Updates) => Updates::Others,
        None => Updates::Nobody,
    }
}

impl Renewal {
    /// Looks once. None: this is the newest.
    ///
    /// # Errors
    /// `not-allowed-by-policy`, `update-unavailable`.
    pub(crate) async fn look(&self, app: &AppHandle, rules: &Rules) -> Result<Option<Update>, Failure> {
        rules.allow(Feature::Updates)?;
        let Some(Own { source, place }) = own(rules) else { return Ok(None) };
        let failed = |error| failure::of(&error, &source.host());
        let updater = app
            .updater_builder()
            .executable_path(place)
            .pubkey(source.key.clone())
            .endpoints(vec![source.list.clone()])
            .map_err(failed)?
            .timeout(LOOK)
            .configure_client(|client| {
                // Where it leads on to, too.
                let client = client.https_only(true).connect_timeout(CONNECT).read_timeout(SILENCE);
                client.user_agent(concat!("Fieldkey/", env!("CARGO_PKG_VERSION")))
            })
            .build()
            .map_err(failed)?;
        let found = updater.check().await.map_err(failed)?;
        held(&self.found).clone_from(&found);
        Ok(found)
    }

    /// Gets what was found last, and looks at its signature.
    ///
    /// # Errors
    /// `run-under-way`: it is being got. `interrupted`, `update-unavailable`, `update-refused`.
    pub(crate) async fn get(&self, tell: impl Fn(Downloaded)) -> Result<(Update, Vec<u8>), Failure> {
        let update = held(&self.found).clone().ok_or_else(|| Failure::new(Code::Usage).about("Fieldkey"))?;
        let stop = self.begin()?;
        let from = update.download_url.host_str().unwrap_or_default().to_owned();
        let (mut done, too_large) = (0, CancellationToken::new());
        let get = update.download(
            |count, of| {
                done += u64::try_from(count).unwrap_or_default();
                if done.max(of.unwrap_or_default()) > LARGEST {
                    too_large.cancel();
                }
                tell(Downloaded { done, of });
            },
            || (),
        );
        let got = tokio::select! {
            got = get => got.map_err(|error| failure::of(&error, &from)),
            () = too_large.cancelled() => Err(Failure::new(Code::UpdateRefused).about(from.as_str())),
            () = stop.token.cancelled() => Err(Failure::new(Code::Interrupted)),
        };
        Ok((update.clone(), got?))
    }

    fn begin(&self) -> Result<Getting<'_>, Failure> {
        let mut getting = held(&self.getting);
        if getting.is_some() {
            return Err(Failure::new(Code::RunUnderWay).about("Fieldkey"));
        }
        let token = CancellationToken::new();
        *getting = Some(token.clone());
        Ok(Getting { token, of: self })
    }

    pub(crate) fn stop(&self) {
        if let Some(getting) = held(&self.getting).as_ref() {
            getting.cancel();
        }
    }

    /// Puts it in this one's place. On Windows the program ends here, and the installer starts the new one.
    ///
    /// # Errors
    /// `update-failed`; nothing has changed then.
    pub(crate) async fn put(update: Update, package: Vec<u8>, rules: &Rules) -> Result<(), Failure> {
        let own = own(rules).ok_or_else(|| Failure::new(Code::UpdateFailed).about("Fieldkey"))?;
        let place = own.place.display().to_string();
        let work = move || put(&update, &package, &own.place);
        let put = tokio::task::spawn_blocking(work).await.map_err(|error| Failure::broken_off(&error))?;
        put.map_err(|why| Failure::new(Code::UpdateFailed).about(place).because_of(why))
    }

    /// The new one is to be started once this one has ended.
    pub(crate) fn start_again(&self) {
        self.again.store(true, Ordering::Relaxed);
    }

    pub(crate) fn starts_again(&self) -> bool {
        self.again.load(Ordering::Relaxed)
    }
}

/// While this lives, an update is being got.
struct Getting<'a> {
    token: CancellationToken,
    of: &'a Renewal,
}

impl Drop for Getting<'_> {
    fn drop(&mut self) {
        *held(&self.of.getting) = None;
    }
}

// Not by the library: where the power fails while that writes an image, the old one is gone.
#[cfg(target_os = "linux")]
fn put(_: &Update, package: &[u8], place: &std::path::Path) -> Result<(), Why> {
    place::replace(place, package).map_err(|error| Why::of_system(&error))
}

#[cfg(not(target_os = "linux"))]
fn put(update: &Update, package: &[u8], _: &std::path::Path) -> Result<(), Why> {
    update.install(package).map_err(|error| match error {
        tauri_plugin_updater::Error::Io(error) => Why::of_system(&error),
        error => Why::new(error.to_string(), error.to_string()),
    })
}
