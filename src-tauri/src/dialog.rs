//! The system's own file dialogs.

use std::path::PathBuf;

use rfd::{AsyncFileDialog, FileHandle};
use tauri::AppHandle;
use tokio::sync::oneshot;

/// A site file, or nothing if the person thought better of it.
pub(crate) async fn site_file(app: &AppHandle) -> Option<PathBuf> {
    show(app, || AsyncFileDialog::new().add_filter("Fieldkey", &["json", "fieldkey"]).pick_file()).await
}

pub(crate) async fn folder(app: &AppHandle) -> Option<PathBuf> {
    show(app, || AsyncFileDialog::new().pick_folder()).await
}

/// Dialogs are made on the main thread: macOS allows no other, and GTK's loop is there.
async fn show<F>(app: &AppHandle, open: impl FnOnce() -> F + Send + 'static) -> Option<PathBuf>
where
    F: Future<Output = Option<FileHandle>> + Send + 'static,
{
    let (answer, chosen) = oneshot::channel();
    app.run_on_main_thread(move || {
        let dialog = open();
        tauri::async_runtime::spawn(async move {
            // Nobody waits any more if the window was closed meanwhile.
            let _ = answer.send(dialog.await);
        });
    })
    .ok()?;
    chosen.await.ok().flatten().map(|file| file.path().to_owned())
}
