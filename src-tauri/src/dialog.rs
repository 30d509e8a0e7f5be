//! The system's own file dialogs.

use std::path::PathBuf;

use rfd::{AsyncFileDialog, AsyncMessageDialog, FileHandle, MessageButtons, MessageDialogResult, MessageLevel};
use tauri::AppHandle;
use tokio::sync::oneshot;

/// A site file, or nothing if the person thought better of it.
pub(crate) async fn site_file(app: &AppHandle) -> Option<PathBuf> {
    show(app, || AsyncFileDialog::new().add_filter("Fieldkey", &["json", "fieldkey"]).pick_file()).await
}

/// A question with one way on and one way back.
pub(crate) async fn is_agreed(app: &AppHandle, question: &'static str) -> bool {
    let open = move || {
        let dialog = AsyncMessageDialog::new().set_level(MessageLevel::Warning).set_title("Fieldkey");
        let answer = dialog.set_description(question).set_buttons(MessageButtons::OkCancel).show();
        async move { Some(answer.await) }
    };
    matches!(answered(app, open).await, Some(MessageDialogResult::Ok))
}

/// A certificate, and perhaps its key.
pub(crate) async fn certificates(app: &AppHandle) -> Vec<PathBuf> {
    let kinds = &["pem", "crt", "cer", "der", "key", "p12", "pfx"];
    show_many(app, || AsyncFileDialog::new().add_filter("X.509", kinds).add_filter("*", &["*"]).pick_files()).await
}

pub(crate) async fn claim_file(app: &AppHandle) -> Option<PathBuf> {
    show(app, || AsyncFileDialog::new().add_filter("age", &["age"]).pick_file()).await
}

/// A list of serial numbers.
pub(crate) async fn list(app: &AppHandle) -> Option<PathBuf> {
    show(app, || AsyncFileDialog::new().add_filter("CSV", &["csv", "txt", "tsv"]).pick_file()).await
}

/// Where to save a file, which may be there already: the dialog asks about that.
pub(crate) async fn save(app: &AppHandle, name: String, extension: &'static str) -> Option<PathBuf> {
    show(app, move || AsyncFileDialog::new().set_file_name(name).add_filter(extension, &[extension]).save_file()).await
}

pub(crate) async fn folder(app: &AppHandle) -> Option<PathBuf> {
    show(app, || AsyncFileDialog::new().pick_folder()).await
}

async fn show<F>(app: &AppHandle, open: impl FnOnce() -> F + Send + 'static) -> Option<PathBuf>
where
    F: Future<Output = Option<FileHandle>> + Send + 'static,
{
    answered(app, open).await.map(|file| file.path().to_owned())
}

async fn show_many<F>(app: &AppHandle, open: impl FnOnce() -> F + Send + 'static) -> Vec<PathBuf>
where
    F: Future<Output = Option<Vec<FileHandle>>> + Send + 'static,
{
    let files = answered(app, open).await;
    files.into_iter().flatten().map(|file| file.path().to_owned()).collect()
}

/// Dialogs are made on the main thread: macOS allows no other, and GTK's loop is there.
async fn answered<T, F>(app: &AppHandle, open: impl FnOnce() -> F + Send + 'static) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = Option<T>> + Send + 'static,
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
    chosen.await.ok().flatten()
}
