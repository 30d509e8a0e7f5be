//! The devices at hand.

use fieldkey_device::{Attached, Drivers, Kind};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State};

use super::Answered;
use crate::dialog;
use crate::state::Window;

/// From now on the page is told of all targets whenever they change, those of the site at hand.
#[tauri::command]
pub(crate) fn watch_targets(on_change: Channel<Vec<Attached>>, app: AppHandle, window: State<'_, Window>) {
    window.tell_targets(on_change);
    watch(&app, &window);
}

/// Begins anew where the site at hand is another one: the practise site has devices of its own.
pub(crate) fn watch(app: &AppHandle, window: &Window) {
    let Some(page) = window.targets() else { return };
    let app = app.clone();
    let tell = move |attached: Vec<Attached>| {
        app.state::<Window>().bench.attached(&attached);
        if let Err(error) = page.send(attached) {
            tracing::debug!(%error, "the page does not watch any more");
        }
    };
    if let Some(practise) = window.site().ok().as_ref().and_then(|site| site.to_practise().cloned()) {
        window.watch(practise.watch(tell));
        return;
    }
    let named = window.args.targets.clone();
    window.watch(fieldkey_device::watch(move |attached| {
        // A folder, or a port of no USB device, is in no list, but it is there to be chosen.
        let is_listed = |target: &&String| attached.iter().any(|one| one.target == **target);
        let unlisted: Vec<_> = named.iter().filter(|target| !is_listed(target)).cloned().map(unlisted).collect();
        tell(unlisted.into_iter().chain(attached).collect());
    }));
}

#[tauri::command]
pub(crate) async fn choose_folder(app: AppHandle) -> Answered<Option<Attached>> {
    Ok(dialog::folder(&app).await.map(|path| unlisted(format!("drive:{}", path.display()))))
}

#[tauri::command]
pub(crate) fn drivers() -> Drivers {
    fieldkey_device::drivers(fieldkey_device::own_drivers().as_deref())
}

fn unlisted(target: String) -> Attached {
    let (kind, path) = match target.split_once(':') {
        Some(("serial", port)) => (Kind::Serial, port),
        _ => (Kind::Drive, target.strip_prefix("drive:").unwrap_or(&target)),
    };
    let name = std::path::Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
    Attached {
        label: Some(name.unwrap_or_else(|| path.to_owned())),
        kind,
        serial_number: None,
        driver: (kind == Kind::Drive).then(|| "drive".into()),
        refused: None,
        size_bytes: None,
        file_system: None,
        usb: None,
        device: None,
        target,
    }
}
