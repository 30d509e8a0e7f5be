//! What the page may ask: parse, call the core, return.

mod bench;
mod certificates;
pub(crate) mod claims;
mod journal;
mod look_up;
mod practise;
mod provision;
pub(crate) mod register;
mod run;
pub(crate) mod shell;
mod sign_in;
mod sites;
mod targets;
mod updates;

use std::path::Path;

use fieldkey_core::{Code, Failure, FailureView, Why};
use tauri::ipc::Invoke;

pub(crate) type Answered<T> = Result<T, FailureView>;

/// All of them. Which ones a window may call is in `permissions/window.toml`.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        sites::start,
        sites::sites,
        sites::choose_site,
        sites::open_site,
        sites::open_practise,
        sites::remove_site,
        sites::watch_opened,
        sign_in::sign_in,
        sign_in::answer,
        sign_in::forgot_password,
        sign_in::confirm_forgot_password,
        sign_in::sign_out,
        targets::watch_targets,
        targets::drivers,
        targets::choose_folder,
        provision::provision,
        provision::cancel,
        provision::forget_device_login,
        bench::watch_bench,
        bench::set_up_bench,
        bench::set_bench_password,
        bench::arm_bench,
        bench::scan_bench,
        bench::import_bench,
        bench::choose_bench_file,
        bench::pick_for_bench,
        bench::retry_bench,
        bench::skip_bench,
        bench::stop_bench,
        bench::resume_bench,
        bench::clear_bench,
        bench::export_bench,
        look_up::find_devices,
        look_up::inspect_thing,
        look_up::device_history,
        certificates::change_certificates,
        certificates::reissue,
        certificates::verify_identity,
        register::choose_certificate_files,
        register::take_dropped_files,
        register::preview_certificate,
        register::register_certificate,
        claims::suggest_passphrase,
        claims::choose_claim_folder,
        claims::export_claim,
        claims::choose_claim_file,
        claims::open_claim_file,
        claims::write_claim,
        practise::watch_practise,
        practise::plug_practise,
        practise::pull_practise,
        practise::plug_back_practise,
        journal::journal_page,
        journal::journal_choices,
        journal::check_journal,
        journal::stop_journal_check,
        journal::export_journal,
        journal::watch_journal,
        shell::watch_menu,
        shell::watch_drops,
        shell::set_language,
        shell::set_theme,
        shell::zoom,
        shell::set_sound,
        shell::about,
        shell::diagnostics,
        shell::dismiss_crash,
        updates::look_for_update,
        updates::set_look_at_start,
        updates::install_update,
        updates::stop_update,
    ]
}

fn view(failure: Failure) -> FailureView {
    failure.view()
}

/// A file that somebody chose cannot be read or written.
fn unusable(path: &Path, error: &std::io::Error) -> FailureView {
    view(Failure::new(Code::Usage).about(path.display().to_string()).because_of(Why::of_system(error)))
}
