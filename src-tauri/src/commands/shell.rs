//! What is around the page: looks, language, help.

use fieldkey_core::Language;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State};

use super::Answered;
use crate::shell::menu;
use crate::shell::zoom::Zoom;
use crate::state::Window;
use crate::views::{About, Drop, MenuCommand, Theme};
use crate::{crash, diagnostics};

#[tauri::command]
pub(crate) fn watch_menu(on_command: Channel<MenuCommand>, window: State<'_, Window>) {
    window.shell.watch_menu(on_command);
}

#[tauri::command]
pub(crate) fn watch_drops(on_drop: Channel<Drop>, window: State<'_, Window>) {
    window.shell.watch_drops(on_drop);
}

#[tauri::command]
pub(crate) fn set_language(language: String, app: AppHandle, window: State<'_, Window>) {
    let spoken = Language::from_locale(&language);
    window.remember(|settings| settings.language = Some(language));
    show_menu(&app, spoken);
}

/// # Errors
/// None: a system without menus is one.
pub(crate) fn show_menu(app: &AppHandle, language: Language) {
    if let Err(error) = menu::menu(app, language).and_then(|menu| app.set_menu(menu).map(drop)) {
        tracing::warn!(%error, "no menu");
    }
}

#[tauri::command]
pub(crate) fn set_theme(theme: Theme, app: AppHandle, window: State<'_, Window>) {
    window.remember(|settings| settings.theme = theme);
    show_theme(&app, theme);
}

/// The page follows the window's.
pub(crate) fn show_theme(app: &AppHandle, theme: Theme) {
    let theme = match theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    };
    for window in app.webview_windows().values() {
        if let Err(error) = window.set_theme(theme) {
            tracing::debug!(%error, "the system keeps its own colours");
        }
    }
}

/// For keys that do not reach the menu.
#[tauri::command]
pub(crate) fn zoom(to: Zoom, app: AppHandle) {
    to.apply(&app);
}

#[tauri::command]
pub(crate) fn set_sound(on: bool, window: State<'_, Window>) {
    window.remember(|settings| settings.sound = on);
}

#[tauri::command]
pub(crate) fn about() -> About {
    About { version: env!("CARGO_PKG_VERSION"), licences: include_str!("../../licences.txt") }
}

#[tauri::command]
pub(crate) async fn diagnostics(window: State<'_, Window>) -> Answered<String> {
    Ok(diagnostics::text(&window))
}

#[tauri::command]
pub(crate) fn dismiss_crash() {
    crash::dismiss();
}
