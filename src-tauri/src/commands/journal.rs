//! The journal of the site at hand: the real ones share one, practice has its own.

use std::io::{BufWriter, IntoInnerError};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fieldkey_core::{Code, Failure, Feature, Why};
use fieldkey_journal::{Chain, Checking, Choices, Error, Filter, Format, Looked, PageView, SqliteJournal};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State};

use super::{Answered, unusable, view};
use crate::site::Runs;
use crate::state::Window;
use crate::{dialog, whole};

const PAGE: usize = 50;

/// How far a check is, is told so often.
const TELL: Duration = Duration::from_millis(200);

/// Another program's entries are noticed within this.
const LOOK: Duration = Duration::from_secs(2);

/// Work on the journal, where it holds up nobody.
pub(super) async fn with<T: Send + 'static>(
    journal: Runs,
    work: impl FnOnce(&SqliteJournal) -> Result<T, Error> + Send + 'static,
) -> Answered<T> {
    let refuse = |why: Why| Failure::new(Code::JournalUnavailable).because_of(why);
    let done = tokio::task::spawn_blocking(move || match journal.as_ref() {
        Ok(journal) => work(journal).map_err(|error| refuse(error.why())),
        Err(why) => Err(refuse(why.clone())),
    });
    done.await.unwrap_or_else(|error| Err(Failure::broken_off(&error))).map_err(view)
}

#[tauri::command]
pub(crate) async fn journal_page(filter: Filter, before: Option<i64>, window: State<'_, Window>) -> Answered<PageView> {
    with(window.runs(), move |journal| journal.page(&filter, before, PAGE).map(PageView::from)).await
}

#[tauri::command]
pub(crate) async fn journal_choices(window: State<'_, Window>) -> Answered<Choices> {
    with(window.runs(), SqliteJournal::choices).await
}

/// `null` if it was stopped.
#[tauri::command]
pub(crate) async fn check_journal(on_progress: Channel<Looked>, window: State<'_, Window>) -> Answered<Option<Chain>> {
    let checking = window.begin_check();
    let _waits = Waits(Arc::clone(&checking));
    let wanted = Arc::clone(&checking);
    let mut check = pin!(with(window.runs(), move |journal| journal.verify(&wanted)));
    let mut ticks = tokio::time::interval(TELL);
    loop {
        tokio::select! {
            checked = &mut check => return checked,
            _ = ticks.tick() => {
                if checking.looked().is_some_and(|looked| on_progress.send(looked).is_err()) {
                    checking.stop();
                }
            }
        }
    }
}

/// Somebody waits for a check. When the window is closed it is not to be waited for.
struct Waits(Arc<Checking>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[tauri::command]
pub(crate) fn stop_journal_check(window: State<'_, Window>) {
    window.stop_check();
}

#[tauri::command]
pub(crate) async fn export_journal(
    filter: Filter,
    format: Format,
    app: AppHandle,
    window: State<'_, Window>,
) -> Answered<Option<PathBuf>> {
    window.machine.rules().allow(Feature::JournalExport).map_err(view)?;
    let extension = match format {
        Format::Csv => "csv",
        Format::JsonLines => "jsonl",
    };
    // Whose runs were on the screen when it was clicked.
    let runs = window.runs();
    let Some(path) = dialog::save(&app, format!("fieldkey-journal.{extension}"), extension).await else {
        return Ok(None);
    };
    let to = path.clone();
    let written = with(runs, move |journal| match export(journal, &filter, format, &to) {
        // What was chosen is at fault, and not the journal.
        Err(Error::Output(error)) => Ok(Err(error)),
        done => done.map(Ok),
    });
    written.await?.map_err(|error| unusable(&path, &error))?;
    Ok(Some(path))
}

fn export(journal: &SqliteJournal, filter: &Filter, format: Format, to: &Path) -> Result<(), Error> {
    // Beside it first: what is there stays until all of it is written.
    let mut out = BufWriter::new(whole::beside(to).map_err(Error::Output)?);
    journal.export(filter, format, &mut out)?;
    let file = out.into_inner().map_err(|error| Error::Output(IntoInnerError::into_error(error)))?;
    whole::persist(file, to).map_err(Error::Output)
}

/// Calls whenever something was appended, by this window or by another program.
#[tauri::command]
pub(crate) fn watch_journal(on_change: Channel<()>, app: AppHandle, window: State<'_, Window>) {
    let watched = app.clone();
    let watch = tauri::async_runtime::spawn(async move {
        let app = watched;
        let mut last = None;
        loop {
            let runs = app.state::<Window>().runs();
            let now = with(runs, SqliteJournal::last_entry).await.ok();
            if last.is_some() && now != last && on_change.send(()).is_err() {
                return;
            }
            last = now;
            tokio::time::sleep(LOOK).await;
        }
    });
    window.watch_journal(watch);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_where_no_export_can_be_is_not_taken_for_the_journal() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = SqliteJournal::open(&folder.path().join("journal")).expect("a journal");
        let filter = Filter::default();
        for to in [folder.path().join("no/such/folder.csv"), folder.path().join("journal")] {
            let refused = export(&journal, &filter, Format::Csv, &to).expect_err("no file can be there");
            assert!(matches!(refused, Error::Output(_)), "{}: {refused:?}", to.display());
        }
        let to = folder.path().join("journal.csv");
        export(&journal, &filter, Format::Csv, &to).expect("written");
        assert!(std::fs::read_to_string(to).expect("there").ends_with("steps\r\n"));
    }
}
