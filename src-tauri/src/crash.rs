//! A crash is written down on this computer, and shown at the next start. Nothing is sent anywhere.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::folders;
use crate::views::CrashReport;

/// From now on a crash leaves a report.
pub(crate) fn watch() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |crash| {
        if let Some(file) = file() {
            write(&file, crash);
        }
        before(crash);
    }));
}

/// Where it was, never what it was about: a message may quote anything.
fn write(file: &Path, crash: &PanicHookInfo<'_>) {
    let at = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    let place = crash.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current().name().unwrap_or("?").to_owned();
    let (version, system) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    let trace = Backtrace::force_capture();
    let text = format!("{at}\nFieldkey {version} on {system}, thread {thread}, at {place}\n{trace}\n");
    // There is nobody left to tell.
    let _ = file.parent().map(folders::private);
    let _ = std::fs::write(file, text);
}

/// The last crash that nobody has seen yet.
pub(crate) fn report() -> Option<CrashReport> {
    read(&file()?)
}

fn read(file: &Path) -> Option<CrashReport> {
    let text = std::fs::read_to_string(file).ok()?;
    let (at, text) = text.split_once('\n')?;
    OffsetDateTime::parse(at, &Rfc3339).ok()?;
    Some(CrashReport { at: at.to_owned(), text: text.to_owned() })
}

pub(crate) fn dismiss() {
    if let Some(Err(error)) = file().map(std::fs::remove_file) {
        tracing::debug!(%error, "no crash report to remove");
    }
}

fn file() -> Option<PathBuf> {
    Some(folders::crashes()?.join("last.txt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_told_by_its_place_and_not_by_its_words() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deep/crash.txt");
        let to = file.clone();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |crash| write(&to, crash)));
        let crashed = std::panic::catch_unwind(|| panic!("the password is hunter2"));
        std::panic::set_hook(before);
        assert!(crashed.is_err());
        let report = read(&file).expect("a report");
        assert!(report.text.contains("crash.rs:") && !report.text.contains("hunter2"), "{}", report.text);
        std::fs::write(&file, "no date\nand no report").expect("writable");
        assert!(read(&file).is_none());
    }
}
