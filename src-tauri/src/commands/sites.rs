//! Several sites; one of them is at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldkey_cloud::SiteFile;
use fieldkey_core::{Code, Failure, Feature, Language, Why};
use fieldkey_machine::Machine;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use super::{Answered, targets, view};
use crate::site::OpenSite;
use crate::state::Window;
use crate::views::{Opened, PolicyView, SiteEntry, SiteFailure, Start};
use crate::{crash, dialog, session, updates};

/// What a person tries out with is nobody in particular.
const LEARNER: &str = "trainee@example.com";
const ANY_PASSWORD: &str = "practise-1";

#[tauri::command]
pub(crate) async fn start(window: State<'_, Window>) -> Answered<Start> {
    // Of a page that is gone: nobody sees how far it is, or could stop it.
    window.renewal.stop();
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
        policy: PolicyView::of(window.machine.rules()),
        updates: updates::by(window.machine.rules(), !settings.no_look_at_start),
    };
    // The page begins anew: it was loaded again.
    let at_hand = window.site().ok();
    let opened = match (&at_hand, window.first_site()) {
        (Some(site), _) => Ok(session::go_on(&window, site).await),
        (None, Ok(Some(path))) => session::open(&window, &path).await,
        (None, Ok(None)) => return Ok(start),
        (None, Err(failure)) => Err(failure),
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
    if let Ok(bench) = window.bench(app) {
        window.bench.changed(bench.runner.whole());
    }
}

fn failed(path: &Path, failure: &Failure) -> SiteFailure {
    let problems = if failure.code == Code::SiteInvalid { SiteFile::problems(path) } else { vec![] };
    SiteFailure::new(path, failure, &problems)
}

/// Somebody is signed in there at once: the first look is at the work, not at a form.
#[tauri::command]
pub(crate) async fn open_practise(app: AppHandle, window: State<'_, Window>) -> Answered<Opened> {
    window.machine.rules().allow(Feature::Practise).map_err(view)?;
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
    if window.machine.has(&path) {
        let why = Why::new("the organisation's sites stay in the list", "組織のサイトは一覧から外せません");
        let folder = window.machine.folder().display().to_string();
        return Err(view(Failure::new(Code::NotAllowedByPolicy).about(folder).because_of(why)));
    }
    let kept = match window.opened().get(&path) {
        Some(site) => Some(site.clone()),
        // Only a site that is open can take its session out of the keychain.
        None if window.kept().contains_key(&path) => window.reopen(&path).await.ok(),
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
    let (opened, kept) = (window.opened(), window.kept());
    let mut entries = vec![];
    for (path, organisation) in all(&window.machine, window.settings().sites) {
        let (site, broken) = match opened.get(&path) {
            Some(open) => (Some(open.site().clone()), None),
            None => match SiteFile::read(&path) {
                Ok(file) => (Some(file.site), None),
                // The operator's own may lie on a stick that is not plugged in.
                Err(failure) => (None, organisation.then_some(failure)),
            },
        };
        let alive = match opened.get(&path) {
            Some(open) => open.who().await.map(|who| who.name),
            None => None,
        };
        let operator = alive.or_else(|| kept.get(&path).cloned());
        let refused = window.machine.allow_site(&path).err().or(broken).map(|failure| failed(&path, &failure));
        let entry = SiteEntry::new(&path, site.as_ref(), operator);
        entries.push(entry.of_organisation(organisation).refused(refused));
    }
    entries
}

/// The organisation's sites, then those that were opened, each with whether it is the organisation's.
fn all(machine: &Machine, opened: Vec<PathBuf>) -> Vec<(PathBuf, bool)> {
    let own = opened.into_iter().filter(|path| !machine.has(path)).map(|path| (path, false));
    machine.sites().into_iter().map(|path| (path, true)).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisation_s_sites_come_first_and_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let sites = folder.path().join("sites");
        std::fs::create_dir(&sites).expect("writable");
        for name in ["tokyo.json", "osaka.json"] {
            std::fs::write(sites.join(name), "{}").expect("writable");
        }
        let (tokyo, osaka, mine) =
            (sites.join("tokyo.json"), sites.join("osaka.json"), PathBuf::from("/home/mine.json"));
        let listed = all(&Machine::at(folder.path()), vec![mine.clone(), tokyo.clone()]);
        assert_eq!(listed, [(osaka, true), (tokyo, true), (mine, false)]);
    }
}
