//! The window: a thin transport over core's jobs. Its page never sees a key, a token or a PEM.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod args;
mod commands;
mod dialog;
mod progress;
mod qr;
mod record;
mod session;
mod settings;
mod state;
mod views;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// Opens the window; returns when it is closed.
pub fn run() -> ExitCode {
    let args = args::Args::parse();
    match open(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A package without its web view, a machine without a display: there is no window to say it in.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("fieldkey-window: {error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// At most so long does a closed window wait for a device that hangs.
const CLEAN_UP: Duration = Duration::from_secs(10);

fn open(args: args::Args) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    tauri::async_runtime::set(runtime.handle().clone());
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
        .build(tauri::generate_context!())?;
    window.run_return(|_, _| {});
    // A run that was under way is dropped with the runtime: it ends as interrupted, its temporary files go, and
    // what was being renamed on the device is finished.
    runtime.shutdown_timeout(CLEAN_UP);
    Ok(())
}
