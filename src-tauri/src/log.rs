//! The log: a file a day, of which a week is kept.

use tracing::Level;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::folders;

const DAYS: usize = 7;
pub(crate) const NAME: &str = "window";

/// Our own crates log at the level of `FIELDKEY_LOG`, else `info`. The libraries below us see passwords' proofs, tokens
/// and keys go by and do not know which is which: of them only warnings pass, and of what reads AWS profiles nothing.
pub(crate) fn start() {
    let Some(folder) = folders::logs() else { return };
    // Its file names no secret, but people and devices.
    if folders::private(&folder).is_err() {
        return;
    }
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(NAME)
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder);
    // A full disk is no reason not to open.
    let Ok(file) = file else { return };
    let wanted = EnvFilter::try_from_env("FIELDKEY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let harmless = filter_fn(|meta| {
        let quotes = ["aws_config", "aws_runtime"].iter().any(|library| meta.target().starts_with(library));
        meta.target().starts_with("fieldkey") || (*meta.level() <= Level::WARN && !quotes)
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file))
        .with_filter(harmless);
    let _ = tracing_subscriber::registry().with(wanted).with(lines).try_init();
}
