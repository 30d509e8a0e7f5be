//! The window's program; everything is in the library, where tests reach it.

// No console window beside ours on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    fieldkey_window::run()
}
