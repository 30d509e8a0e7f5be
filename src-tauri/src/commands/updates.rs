//! Newer versions of Fieldkey.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use fieldkey_core::Failure;
use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_updater::Update;
use time::OffsetDateTime;

use super::{Answered, view};
use crate::state::{Window, held};
use crate::updates;
use crate::views::{Downloaded, UpdateView};

/// A laptop that is opened ten times a day asks once, and one that is opened each morning, each morning.
const DAILY: time::Duration = time::Duration::hours(20);

/// Where nobody answered, the network may not have been there yet.
const SOON: time::Duration = time::Duration::hours(1);

/// What was said is kept until then, if it is no longer than that, in bytes.
const KEPT: usize = 1 << 16;

/// The page hears of progress no more often than that.
const OFTEN: Duration = Duration::from_millis(100);

/// `by_itself`: nobody asked, and today's answer is enough.
#[tauri::command]
pub(crate) async fn look_for_update(
    by_itself: bool,
    app: AppHandle,
    window: State<'_, Window>,
) -> Answered<Option<UpdateView>> {
    let (now, settings) = (OffsetDateTime::now_utc(), window.settings());
    let rules = window.machine.rules();
    let recall = || settings.found_update.and_then(|said| window.renewal.recall(&app, rules, said));
    if by_itself && !is_due(settings.looked_for_update, now) {
        return Ok(recall().as_ref().map(UpdateView::of));
    }
    let found = window.renewal.look(&app, rules).await;
    window.remember(|settings| match &found {
        Ok(found) => {
            settings.looked_for_update = Some(now.unix_timestamp());
            settings.found_update = found.as_ref().and_then(said);
        }
        Err(_) => settings.looked_for_update = Some((now - DAILY + SOON).unix_timestamp()),
    });
    let found = match found {
        Err(_) if by_itself => recall(),
        found => found.map_err(view)?,
    };
    Ok(found.as_ref().map(UpdateView::of))
}

/// Also where the clock was put back since.
fn is_due(last: Option<i64>, now: OffsetDateTime) -> bool {
    let last = last.and_then(|last| OffsetDateTime::from_unix_timestamp(last).ok());
    last.is_none_or(|last| now - last >= DAILY || last > now)
}

fn said(update: &Update) -> Option<Value> {
    (update.raw_json.to_string().len() <= KEPT).then(|| update.raw_json.clone())
}

#[tauri::command]
pub(crate) fn set_look_at_start(on: bool, window: State<'_, Window>) {
    window.remember(|settings| settings.no_look_at_start = !on);
}

/// Gets what was found and begins anew with it: the window that asked is gone then.
#[tauri::command]
pub(crate) async fn install_update(
    on_progress: Channel<Downloaded>,
    app: AppHandle,
    window: State<'_, Window>,
) -> Answered<()> {
    // Nobody is to wait for a download only to hear that a device is being written to.
    drop(window.begin(None).map_err(view)?);
    at_rest(&window).map_err(view)?;
    let told = Mutex::new(None::<Instant>);
    let tell = |downloaded: Downloaded| {
        let mut told = held(&told);
        if downloaded.of == Some(downloaded.done) || told.is_none_or(|told| told.elapsed() >= OFTEN) {
            *told = Some(Instant::now());
            let _ = on_progress.send(downloaded);
        }
    };
    let (update, package) = window.renewal.get(tell).await.map_err(view)?;
    let place = window.begin(None).map_err(view)?;
    let takes_over = window.renewal.take_over().map_err(view)?;
    at_rest(&window).map_err(view)?;
    window.renewal.put(update, package, window.machine.rules()).await.map_err(view)?;
    // Held until the window is gone.
    std::mem::forget((place, takes_over));
    app.exit(0);
    Ok(())
}

/// # Errors
/// `run-under-way`: something goes on at the bench, or would begin there by itself.
fn at_rest(window: &Window) -> Result<(), Failure> {
    if window.bench.is_at_work() { Err(updates::under_way()) } else { Ok(()) }
}

#[tauri::command]
pub(crate) fn stop_update(window: State<'_, Window>) {
    window.renewal.stop();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_a_day_is_enough() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a time");
        let before = |hours: i64| Some(now.unix_timestamp() - hours * 3600);
        assert!(is_due(None, now) && is_due(before(20), now) && is_due(before(500), now));
        assert!(!is_due(before(0), now) && !is_due(before(19), now));
        assert!(is_due(before(-1), now), "a clock that was wrong does not put it off for years");
    }
}
