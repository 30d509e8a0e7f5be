//! The log, on standard error: warnings, and more with `FIELDKEY_LOG=debug`.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Our own crates log at any level that is asked for. The libraries below us see passwords' proofs, tokens and
/// keys go by and do not know which is which: of them only warnings pass, whatever is asked for. Nothing passes of
/// what reads AWS profiles: it quotes whatever somebody's own credential process wrote.
pub(crate) fn start() {
    let wanted = EnvFilter::try_from_env("FIELDKEY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let harmless = filter_fn(|meta| {
        let quotes = ["aws_config", "aws_runtime"].iter().any(|library| meta.target().starts_with(library));
        meta.target().starts_with("fieldkey") || (*meta.level() <= Level::WARN && !quotes)
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_filter(harmless);
    tracing_subscriber::registry().with(wanted).with(lines).init();
}
