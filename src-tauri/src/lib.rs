//! The window: a thin transport over core's jobs. Its page never sees a key, a token or a PEM.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod args;
mod commands;
mod dialog;
mod progress;
mod qr;
mod settings;
mod state;
mod views;

use std::process::ExitCode;

use clap::Parser;

/// Opens the window; returns when it is closed.
pub fn run() -> ExitCode {
    let args = args::Args::parse();
    let window = tauri::Builder::default()
        .manage(state::Window::new(args))
        .invoke_handler(tauri::generate_handler![
            commands::start,
            commands::choose_site,
            commands::sign_in,
            commands::answer,
            commands::forgot_password,
            commands::confirm_forgot_password,
            commands::sign_out,
            commands::watch_targets,
            commands::choose_folder,
            commands::provision,
            commands::cancel,
            commands::set_language,
        ])
        .run(tauri::generate_context!());
    match window {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A package without its web view, a machine without a display: there is no window to say it in.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("fieldkey-window: {error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}
