//! Several sites; one of them is at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldkey_cloud::SiteFile;
use fieldkey_core::{Code, Failure, Language};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use super::{Answered, targets, view};
use crate::site::OpenSite;
use crate::state::Window;
use crate::views::{Opened, SiteEntry, SiteFailure, Start};
use crate::{crash, dialog, session};

/// What a person tries out with is nobody in particular.
const LEARNER: &str = "trainee@example.com";
const ANY_PASSWORD: &str = "practise-1";

#[tauri::command]
pub(crate) async fn start(window: State<'_, Window>) -> Answered<Start> {
    let settings = window.settings();
    let mut start = Start {
        site: None,
        failure: None,
        operator: None,
        // Among several, nobody guesses.
        target: <[String; 1]>::try_from(window.args.targets.clone()).ok().map(|[only]| only),
        language: match window.language() {
            Language::English => "en",
            Language::Japanese => "ja",
        },
        keychain: window.keychain().await.is_some(),
        theme: settings.theme,
        sound: settings.sound,
        crash: crash::report(),
    };
    // The page begins anew: it was loaded again.
    let at_hand = window.site().ok();
    let opened = match (&at_hand, window.args.site.clone().or(settings.site)) {
        (Some(site), _) => Ok(session::go_on(&window, site).await),
        (None, Some(path)) => session::open(&window, &path).await,
        (None, None) => return Ok(start),
    };
    match opened {
        Ok(opened) => {
            start.site = Some(opened.site);
            start.operator = opened.operator;
            start.failure = opened.failure;
        }
        Err(failure) => start.failure = Some(failure.view()),
    }
    Ok(start)
}

#[tauri::command]
pub(crate) async fn sites(window: State<'_, Window>) -> Answered<Vec<SiteEntry>> {
    Ok(list(&window).await)
}

#[tauri::command]
pub(crate) async fn choose_site(app: AppHandle, window: State<'_, Window>) -> Result<Option<Opened>, SiteFailure> {
    match dialog::site_file(&app).await {
        None => Ok(None),
        Some(path) => open(&app, &window, &path).await.map(Some),
    }
}

#[tauri::command]
pub(crate) async fn open_site(path: PathBuf, app: AppHandle, window: State<'_, Window>) -> Result<Opened, SiteFailure> {
    open(&app, &window, &path).await
}

async fn open(app: &AppHandle, window: &Window, path: &Path) -> Result<Opened, SiteFailure> {
    let opened = session::open(window, path).await.map_err(|failure| failed(path, &failure))?;
    targets::watch(app, window);
    tell_bench(app, window);
    Ok(opened)
}

/// Its page shows the bench of the site at hand.
fn tell_bench(app: &AppHandle, window: &Window) {
    if let Ok(runner) = window.bench(app) {
        window.bench_changed(runner.whole());
    }
}

fn failed(path: &Path, failure: &Failure) -> SiteFailure {
    let problems = if failure.code == Code::SiteInvalid { SiteFile::problems(path) } else { vec![] };
    SiteFailure::new(path, failure, &problems)
}

/// Somebody is signed in there at once: the first look is at the work, not at a form.
#[tauri::command]
pub(crate) async fn open_practise(app: AppHandle, window: State<'_, Window>) -> Answered<Opened> {
    let site = Arc::new(OpenSite::practise().map_err(view)?);
    if let Some(practise) = site.to_practise() {
        practise.sign_in(LEARNER, &ANY_PASSWORD.into()).await.map_err(view)?;
    }
    let opened = session::go_on(&window, &site).await;
    window.take(&site);
    targets::watch(&app, &window);
    tell_bench(&app, &window);
    Ok(opened)
}

/// Its session goes with it.
#[tauri::command]
pub(crate) async fn remove_site(path: PathBuf, window: State<'_, Window>) -> Answered<Vec<SiteEntry>> {
    let kept = match window.opened().get(&path) {
        Some(site) => Some(site.clone()),
        // Only a site that is open can take its session out of the keychain.
        None if window.settings().users.contains_key(&path) => window.reopen(&path).await.ok(),
        None => None,
    };
    if let Some(site) = kept {
        if let Some(user) = window.user_at(&site)
            && site.who().await.is_none()
        {
            let _ = site.resume(&user).await;
        }
        // It is gone from this computer, even if the user pool cannot be told now.
        if let Err(failure) = site.sign_out().await {
            tracing::warn!(%failure, "the session of a site that was removed");
        }
    }
    window.forget(&path);
    Ok(list(&window).await)
}

/// A site file that was double-clicked, or came with another start.
#[tauri::command]
pub(crate) fn watch_opened(on_opened: Channel<PathBuf>, window: State<'_, Window>) {
    window.shell.watch_opened(on_opened);
}

async fn list(window: &Window) -> Vec<SiteEntry> {
    let (settings, opened) = (window.settings(), window.opened());
    let mut entries = vec![];
    for path in settings.sites {
        let site = match opened.get(&path) {
            Some(open) => Some(open.site().clone()),
            None => SiteFile::read(&path).ok().map(|file| file.site),
        };
        let alive = match opened.get(&path) {
            Some(open) => open.who().await.map(|who| who.name),
            None => None,
        };
        let operator = alive.or_else(|| settings.users.get(&path).cloned());
        entries.push(SiteEntry::new(&path, site.as_ref(), operator));
    }
    entries
}
