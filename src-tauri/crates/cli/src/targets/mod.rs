//! `fieldkey targets`.

mod row;
mod watch;

use fieldkey_core::Language;

use crate::output::line_to;
use crate::words::{self, Phrase};
use crate::{Ended, args, interrupt};

pub(crate) fn run(args: &args::Targets, language: Language) -> Result<(), Ended> {
    if args.watch {
        return interrupt::run(watch::run(args.json, language));
    }
    let mut out = std::io::stdout();
    let attached = fieldkey_device::attached();
    for target in &attached {
        let json = || serde_json::to_string(target).unwrap_or_default();
        line_to(&mut out, &if args.json { json() } else { row::row(target, language) });
    }
    if attached.is_empty() && !args.json {
        line_to(&mut out, &words::say(Phrase::NoTarget, "", language));
    }
    Ok(())
}
