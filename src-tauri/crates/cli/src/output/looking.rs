//! How far a look through the journal is, for somebody at a terminal.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use fieldkey_core::Language;
use fieldkey_journal::Checking;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::words::breach;

/// `None` where nobody watches.
pub(crate) fn looking(checking: &Arc<Checking>, language: Language) -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::new_spinner();
    let checking = Arc::clone(checking);
    let looked = move |_: &ProgressState, out: &mut dyn Write| {
        let _ = out.write_str(&breach::looking(checking.looked(), language));
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {looked} {elapsed}") {
        bar.set_style(style.with_key("looked", looked));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    Some(bar)
}
