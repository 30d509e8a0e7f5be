//! How the window ends: asked for, and when it is gone.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fieldkey_core::Language;
use tauri::{AppHandle, CloseRequestApi, Manager};
use tokio::runtime::Runtime;

use crate::dialog;
use crate::state::{Window, held};

/// At most so long does a closed window wait for a device that hangs.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// What is left to do when the window is gone, once.
#[derive(Clone)]
pub(crate) struct End(AppHandle, Arc<Mutex<Option<Runtime>>>);

impl End {
    pub(crate) fn new(app: AppHandle, runtime: Runtime) -> Self {
        Self(app, Arc::new(Mutex::new(Some(runtime))))
    }

    pub(crate) fn come(&self) {
        let Some(runtime) = held(&self.1).take() else { return };
        let window = self.0.state::<Window>();
        runtime.block_on(window.bench.close());
        // A run that was under way is dropped with the runtime: it ends as interrupted, its temporary files go, and
        // what was being renamed on the device is finished.
        runtime.shutdown_timeout(CLEAN_UP);
        window.leave();
        if let Some(newer) = window.renewal.starts() {
            start(&self.0, &newer);
        }
    }
}

/// The version that has taken this one's place.
#[cfg(target_os = "linux")]
fn start(_: &AppHandle, image: &Path) {
    // What the old image told its program of itself is not so of the new one.
    let mut newer = std::process::Command::new(image);
    for name in ["APPDIR", "APPIMAGE", "ARGV0", "OWD"] {
        newer.env_remove(name);
    }
    if let Err(error) = newer.spawn() {
        tracing::error!(%error, "the new version was not started");
    }
}

#[cfg(not(target_os = "linux"))]
fn start(app: &AppHandle, _: &Path) {
    // This one still has the name by which a second start finds the first, and the new one would hand over and end.
    tauri_plugin_single_instance::destroy(app);
    tauri::process::restart(&app.env());
}

/// As by the window's own button: who is in the middle of a run is asked.
pub(crate) fn close(app: &AppHandle) {
    for window in app.webview_windows().values() {
        let _ = window.close();
    }
}

/// Something is being written to a device: nobody is to stop that by the way. An update that is being put in place ends
/// the window by itself.
pub(crate) fn asked_for(app: &AppHandle, close: &CloseRequestApi) {
    let window = app.state::<Window>();
    if window.renewal.takes_over() {
        close.prevent_close();
    } else if window.is_busy() {
        close.prevent_close();
        ask(app);
    }
}

fn ask(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let question = match app.state::<Window>().language() {
            Language::English => "A device is being provisioned. Stop, and close Fieldkey?",
            Language::Japanese => "デバイスに書き込んでいます。中止して Fieldkey を終了しますか?",
        };
        if dialog::is_agreed(&app, question).await {
            app.exit(0);
        }
    });
}
