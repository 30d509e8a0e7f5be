//! Newer versions of Fieldkey.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use fieldkey_core::{Code, Failure};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use time::OffsetDateTime;

use super::{Answered, view};
use crate::state::{Window, held};
use crate::updates::Renewal;
use crate::views::{Downloaded, UpdateView};

/// By itself, no more often than that: a laptop that is opened ten times a day asks once.
const DAILY: time::Duration = time::Duration::hours(20);

/// The page hears of progress no more often than that.
const OFTEN: Duration = Duration::from_millis(100);

/// `by_itself`: nobody asked, and today's look is enough.
#[tauri::command]
pub(crate) async fn look_for_update(
    by_itself: bool,
    app: AppHandle,
    window: State<'_, Window>,
) -> Answered<Option<UpdateView>> {
    let now = OffsetDateTime::now_utc();
    if by_itself && !is_due(window.settings().looked_for_update, now) {
        return Ok(None);
    }
    let found = window.renewal.look(&app, window.machine.rules()).await.map_err(view)?;
    // One that was found is found again by the next start, until it is taken.
    window.remember(|settings| settings.looked_for_update = found.is_none().then(|| now.unix_timestamp()));
    Ok(found.as_ref().map(UpdateView::of))
}

/// Also where the clock was put back since.
fn is_due(last: Option<i64>, now: OffsetDateTime) -> bool {
    let last = last.and_then(|last| OffsetDateTime::from_unix_timestamp(last).ok());
    last.is_none_or(|last| now - last >= DAILY || last > now)
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
    free(&window).map_err(view)?;
    let said = Mutex::new(None::<Instant>);
    let tell = |downloaded: Downloaded| {
        let mut said = held(&said);
        if downloaded.of == Some(downloaded.done) || said.is_none_or(|said| said.elapsed() >= OFTEN) {
            *said = Some(Instant::now());
            let _ = on_progress.send(downloaded);
        }
    };
    let (update, package) = window.renewal.get(tell).await.map_err(view)?;
    // From here on nothing begins any more.
    let place = window.begin(None).map_err(view)?;
    free_bench(&window).map_err(view)?;
    #[cfg(windows)]
    window.bench.close().await;
    Renewal::put(update, package, window.machine.rules()).await.map_err(view)?;
    window.renewal.start_again();
    // Held until the window is gone.
    std::mem::forget(place);
    app.exit(0);
    Ok(())
}

#[tauri::command]
pub(crate) fn stop_update(window: State<'_, Window>) {
    window.renewal.stop();
}

/// Nobody is to wait for a download only to hear that a device is being written to.
fn free(window: &Window) -> Result<(), Failure> {
    drop(window.begin(None)?);
    free_bench(window)
}

fn free_bench(window: &Window) -> Result<(), Failure> {
    if window.bench.is_busy() { Err(Failure::new(Code::RunUnderWay).about("Fieldkey")) } else { Ok(()) }
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
