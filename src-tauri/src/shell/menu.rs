//! The native menu, in the page's language. What it does, the page does: an item is a word to it. Only the
//! page's size, and the end, are none of the page's affairs.

use fieldkey_core::Language;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Runtime};

use super::zoom::Zoom;
use crate::views::MenuCommand;

/// Not the systems' own item, which ends a program in the middle of a run.
pub(crate) const QUIT: &str = "quit";

/// # Errors
/// The system made no menu.
pub(crate) fn menu<R: Runtime>(app: &AppHandle<R>, language: Language) -> tauri::Result<Menu<R>> {
    let say = |en, ja| match language {
        Language::English => en,
        Language::Japanese => ja,
    };
    let item =
        |command: MenuCommand, text: &str, keys: Option<&str>| MenuItem::with_id(app, command.word(), text, true, keys);
    let zoom = |zoom: Zoom, text: &str, keys| MenuItem::with_id(app, zoom.id(), text, true, Some(keys));
    let line = || PredefinedMenuItem::separator(app);
    let native = |text| Some(text);
    let settings = item(MenuCommand::Settings, say("Settings…", "設定…"), Some("CmdOrCtrl+,"))?;
    let about = item(MenuCommand::About, say("About Fieldkey", "Fieldkey について"), None)?;
    let quit = |text: &str| MenuItem::with_id(app, QUIT, text, true, Some("CmdOrCtrl+Q"));
    // The first menu is the program's own on macOS, and has what elsewhere is under File and Help.
    let mac = cfg!(target_os = "macos");

    let file = Submenu::with_items(
        app,
        say("File", "ファイル"),
        true,
        &[
            &item(MenuCommand::OpenSite, say("Open Site File…", "サイトファイルを開く…"), Some("CmdOrCtrl+O"))?,
            &item(MenuCommand::Sites, say("Sites", "サイト一覧"), None)?,
            &item(MenuCommand::Practise, say("Practise", "練習"), None)?,
        ],
    )?;
    if !mac {
        file.append_items(&[&line()?, &settings, &line()?, &quit(say("Quit", "終了"))?])?;
    }
    // Without it, macOS gives fields no copy and paste.
    let edit = Submenu::with_items(
        app,
        say("Edit", "編集"),
        true,
        &[
            &PredefinedMenuItem::undo(app, native(say("Undo", "元に戻す")))?,
            &PredefinedMenuItem::redo(app, native(say("Redo", "やり直す")))?,
            &line()?,
            &PredefinedMenuItem::cut(app, native(say("Cut", "切り取り")))?,
            &PredefinedMenuItem::copy(app, native(say("Copy", "コピー")))?,
            &PredefinedMenuItem::paste(app, native(say("Paste", "貼り付け")))?,
            &PredefinedMenuItem::select_all(app, native(say("Select All", "すべて選択")))?,
        ],
    )?;
    let places = Submenu::with_items(
        app,
        say("Go", "移動"),
        true,
        &[
            &item(MenuCommand::Provision, say("Provision", "プロビジョニング"), None)?,
            &item(MenuCommand::Bench, say("Bench", "ベンチ"), None)?,
            &item(MenuCommand::Devices, say("Devices", "デバイス"), None)?,
            &item(MenuCommand::Journal, say("Journal", "ジャーナル"), None)?,
        ],
    )?;
    let looks = Submenu::with_items(
        app,
        say("View", "表示"),
        true,
        &[
            &zoom(Zoom::In, say("Larger", "拡大"), "CmdOrCtrl+=")?,
            &zoom(Zoom::Out, say("Smaller", "縮小"), "CmdOrCtrl+-")?,
            &zoom(Zoom::Actual, say("Actual Size", "実際のサイズ"), "CmdOrCtrl+0")?,
            &line()?,
            &item(MenuCommand::ThemeSystem, say("System Colours", "システムに合わせる"), None)?,
            &item(MenuCommand::ThemeLight, say("Light", "ライト"), None)?,
            &item(MenuCommand::ThemeDark, say("Dark", "ダーク"), None)?,
            &line()?,
            &item(MenuCommand::LanguageEn, "English", None)?,
            &item(MenuCommand::LanguageJa, "日本語", None)?,
        ],
    )?;
    let diagnostics = item(MenuCommand::CopyDiagnostics, say("Copy Diagnostics", "診断情報をコピー"), None)?;
    let help = Submenu::with_items(app, say("Help", "ヘルプ"), true, &[&diagnostics])?;
    if !mac {
        help.append_items(&[&line()?, &about])?;
        return Menu::with_items(app, &[&file, &edit, &places, &looks, &help]);
    }

    let own = Submenu::with_items(
        app,
        "Fieldkey",
        true,
        &[
            &about,
            &line()?,
            &settings,
            &line()?,
            &PredefinedMenuItem::services(app, native(say("Services", "サービス")))?,
            &line()?,
            &PredefinedMenuItem::hide(app, native(say("Hide Fieldkey", "Fieldkey を隠す")))?,
            &PredefinedMenuItem::hide_others(app, native(say("Hide Others", "ほかを隠す")))?,
            &PredefinedMenuItem::show_all(app, native(say("Show All", "すべてを表示")))?,
            &line()?,
            &quit(say("Quit Fieldkey", "Fieldkey を終了"))?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        say("Window", "ウインドウ"),
        true,
        &[
            &PredefinedMenuItem::minimize(app, native(say("Minimize", "しまう")))?,
            &PredefinedMenuItem::maximize(app, native(say("Zoom", "拡大／縮小")))?,
        ],
    )?;
    Menu::with_items(app, &[&own, &file, &edit, &places, &looks, &window, &help])
}
