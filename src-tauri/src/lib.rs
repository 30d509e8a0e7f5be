//! The window: a thin transport over core's jobs. Its page never sees a key, a token or a PEM.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod args;
mod bench;
mod caught;
mod commands;
mod crash;
mod device_login;
mod diagnostics;
mod dialog;
mod end;
mod folders;
mod log;
#[cfg(target_os = "macos")]
mod macos;
mod picked;
mod progress;
mod qr;
mod record;
mod scratch;
mod session;
mod settings;
mod shell;
mod site;
mod state;
mod under_way;
mod updates;
mod views;
#[cfg(windows)]
mod web_view;
mod whole;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fieldkey_machine::Machine;
use tauri::{AppHandle, DragDropEvent, Manager, WindowEvent};
use tauri_plugin_window_state::StateFlags;
use tokio::runtime::Runtime;

use commands::shell as around;
use end::End;
use shell::zoom::{self, Zoom};
use state::Window;
use views::{Drop, MenuCommand, Theme};

/// Opens the window; returns when it is closed.
pub fn run() -> ExitCode {
    crash::watch();
    log::start();
    let args = args::Args::parse();
    #[cfg(windows)]
    if !web_view::is_there() {
        return ExitCode::FAILURE;
    }
    match open(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A package without its web view, a machine without a display: there is no window to say it in.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("fieldkey-window: {error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn open(args: args::Args) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = Runtime::new()?;
    tauri::async_runtime::set(runtime.handle().clone());
    let remembered = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    let window = tauri::Builder::default()
        // First, as it demands: a second start ends there.
        .plugin(tauri_plugin_single_instance::init(started_again))
        .plugin(tauri_plugin_updater::Builder::new().build())
        .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(remembered).build())
        .manage(Window::new(args, Machine::here()))
        .setup(|app| {
            let (handle, window) = (app.handle(), app.state::<Window>());
            around::show_menu(handle, window.language());
            let settings = window.settings();
            // What is as it is anyway costs time.
            if settings.theme != Theme::System {
                around::show_theme(handle, settings.theme);
            }
            if settings.zoom() != zoom::ACTUAL {
                zoom::show(handle, settings.zoom());
            }
            let app = handle.clone();
            tauri::async_runtime::spawn(async move { session::end_forbidden(&app.state::<Window>()).await });
            if let Some(word) = &window.args.handed {
                hand_over(handle, word, &std::env::current_dir().unwrap_or_default());
            }
            Ok(())
        })
        .on_menu_event(|app, event| {
            if let Some(zoom) = Zoom::of(&event.id().0) {
                zoom.apply(app);
            } else if event.id().0 == shell::menu::QUIT {
                end::close(app);
            } else if let Some(command) = MenuCommand::of(&event.id().0) {
                app.state::<Window>().shell.chosen(command);
            }
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                end::asked_for(window.app_handle(), api);
            }
            let drop = match event {
                WindowEvent::DragDrop(DragDropEvent::Enter { .. }) => Drop::Over,
                WindowEvent::DragDrop(DragDropEvent::Leave) => Drop::Left,
                WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) => Drop::Dropped { paths: paths.clone() },
                _ => return,
            };
            window.state::<Window>().shell.dropped(drop);
        })
        .invoke_handler(commands::handler())
        .build(tauri::generate_context!())?;
    let end = End::new(window.handle().clone(), runtime);
    let _in_time = end.clone();
    window.run_return(move |_app, _event| {
        #[cfg(target_os = "macos")]
        macos::heard(_app, &_event, &_in_time);
    });
    end.come();
    Ok(())
}

/// Somebody started Fieldkey a second time: the window that is there comes to the front.
fn started_again(app: &AppHandle, words: Vec<String>, folder: String) {
    to_the_front(app);
    let args = args::Args::try_parse_from(words).unwrap_or_default();
    // A path is one of the folder that it was typed in; a name, that of a site of this computer.
    let named = args.site.map(|word| {
        let path = Path::new(&folder).join(&word);
        if path.exists() { path } else { app.state::<Window>().machine.chosen(&word).unwrap_or(word) }
    });
    if let Some(word) = args.handed.or_else(|| named.map(|path| path.display().to_string())) {
        hand_over(app, &word, Path::new(&folder));
    }
}

fn to_the_front(app: &AppHandle) {
    for window in app.webview_windows().values() {
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

fn hand_over(app: &AppHandle, word: &str, folder: &Path) {
    match shell::site_file(word, folder) {
        Some(path) => app.state::<Window>().shell.handed_over(path),
        None => tracing::warn!("what was handed over names no site file"),
    }
}
