//! Many devices side by side.

use std::path::PathBuf;
use std::sync::Arc;

use fieldkey_core::bench::{Change, Imported, Runner, Scanned, Settings, decode, export};
use fieldkey_core::{Code, Failure, FailureView, Why};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tokio::time::Instant;
use ts_rs::TS;

use super::{Answered, unusable, view};
use crate::bench::AtWork;
use crate::dialog;
use crate::state::Window;

/// No list of serial numbers is larger; something else was picked by mistake.
const LARGEST: u64 = 1 << 22;

#[derive(Deserialize, TS)]
#[ts(export)]
pub(crate) struct BenchPick {
    row: u32,
    target: String,
}

#[derive(Deserialize, TS)]
#[ts(export)]
pub(crate) struct BenchRetry {
    /// `null`: every row that failed and may work, or was interrupted.
    rows: Option<Vec<u32>>,
    /// Overwrite what the device holds.
    replace: bool,
}

fn at_work(app: &AppHandle, window: &Window) -> Answered<Arc<Runner>> {
    Ok(bench(app, window)?.runner)
}

fn bench(app: &AppHandle, window: &Window) -> Answered<AtWork> {
    window.bench(app).map_err(view)
}

fn refused(en: &str, ja: &str) -> FailureView {
    view(Failure::new(Code::Usage).because_of(Why::new(en, ja)))
}

#[tauri::command]
pub(crate) async fn watch_bench(on_change: Channel<Change>, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    window.bench.tell(on_change);
    // Before a site is open there is none; the page is told once there is.
    if let Ok(bench) = window.bench(&app) {
        window.bench.changed(bench.runner.whole());
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn set_up_bench(settings: Settings, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    let at_work = bench(&app, &window)?;
    let runner = &at_work.runner;
    let login =
        |settings: &Settings| (settings.kind, settings.driver.clone(), settings.driver_settings.get("user").cloned());
    let (before, after) = (runner.with(|bench, _| login(bench.settings())), login(&settings));
    if runner.with(|bench, now| bench.set_up(settings, now)) && before != after {
        // It was for somebody else.
        at_work.forget_login();
    }
    Ok(())
}

/// For all devices of the batch. `None` forgets it.
#[tauri::command]
pub(crate) async fn set_bench_password(
    password: Option<SecretString>,
    app: AppHandle,
    window: State<'_, Window>,
) -> Answered<()> {
    let bench = bench(&app, &window)?;
    match password.filter(|password| !password.expose_secret().is_empty()) {
        Some(password) => bench.keep_login(password).await,
        None => bench.forget_login(),
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn arm_bench(armed: bool, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    let bench = bench(&app, &window)?;
    if armed {
        bench.arm().await;
    } else {
        bench.disarm();
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn scan_bench(serial_number: String, app: AppHandle, window: State<'_, Window>) -> Answered<Scanned> {
    let runner = at_work(&app, &window)?;
    runner.with(|bench, now| bench.scan(&serial_number, runner.site(), now)).map_err(view)
}

#[tauri::command]
pub(crate) async fn import_bench(text: String, app: AppHandle, window: State<'_, Window>) -> Answered<Imported> {
    let runner = at_work(&app, &window)?;
    Ok(runner.with(|bench, _| bench.import(&text, runner.site())))
}

#[tauri::command]
pub(crate) async fn choose_bench_file(app: AppHandle, window: State<'_, Window>) -> Answered<Option<Imported>> {
    let runner = at_work(&app, &window)?;
    let Some(path) = dialog::list(&app).await else { return Ok(None) };
    let size = tokio::fs::metadata(&path).await.map_or(0, |file| file.len());
    if size > LARGEST {
        return Err(refused("this file is too large for a list", "一覧としては大きすぎるファイルです"));
    }
    let bytes = tokio::fs::read(&path).await.map_err(|error| unusable(&path, &error))?;
    Ok(Some(runner.with(|bench, _| bench.import(&decode(&bytes), runner.site()))))
}

#[tauri::command]
pub(crate) async fn pick_for_bench(request: BenchPick, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    let picked = at_work(&app, &window)?.with(|bench, now| bench.pick(request.row, &request.target, now));
    if picked { Ok(()) } else { Err(view(Failure::new(Code::TargetGone).about(request.target))) }
}

#[tauri::command]
pub(crate) async fn retry_bench(request: BenchRetry, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    at_work(&app, &window)?.with(|bench, now: Instant| match &request.rows {
        Some(rows) => bench.retry(rows, request.replace, now),
        None => bench.retry_failed(now),
    });
    Ok(())
}

#[tauri::command]
pub(crate) async fn skip_bench(row: u32, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    let runner = at_work(&app, &window)?;
    if !runner.with(|bench, _| bench.skip(row)) {
        runner.stop(row);
        runner.with(|bench, _| bench.skip(row));
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn stop_bench(row: Option<u32>, app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    let runner = at_work(&app, &window)?;
    match row {
        Some(row) => runner.stop(row),
        None => runner.stop_all(),
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn resume_bench(app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    at_work(&app, &window)?.resume();
    Ok(())
}

#[tauri::command]
pub(crate) async fn clear_bench(app: AppHandle, window: State<'_, Window>) -> Answered<()> {
    let bench = bench(&app, &window)?;
    if bench.runner.with(|bench, _| bench.clear()) {
        bench.forget_login();
        return Ok(());
    }
    Err(refused("devices are still being written", "書き込み中のデバイスがあります"))
}

#[tauri::command]
pub(crate) async fn export_bench(app: AppHandle, window: State<'_, Window>) -> Answered<Option<PathBuf>> {
    let runner = at_work(&app, &window)?;
    let Some(path) = dialog::save(&app, "fieldkey-bench.csv".into(), "csv").await else { return Ok(None) };
    let text = runner.with(|bench, _| export(bench.rows(), window.language()));
    let to = path.clone();
    let written = tokio::task::spawn_blocking(move || crate::whole::write(&to, text.as_bytes())).await;
    let written = written.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    written.map_err(|error| unusable(&path, &error))?;
    Ok(Some(path))
}
