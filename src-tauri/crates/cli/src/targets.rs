//! `fieldkey targets`.

use fieldkey_core::{Failure, Language};

use crate::output::line_to;
use crate::words::{self, Phrase};
use crate::{Ended, args};

pub(crate) fn run(args: &args::Targets, language: Language) -> Result<(), Ended> {
    let mut out = std::io::stdout();
    let attached = fieldkey_device::attached();
    for target in &attached {
        if args.json {
            line_to(&mut out, &serde_json::to_string(target).unwrap_or_default());
            continue;
        }
        let label = target.label.as_deref().unwrap_or("-");
        let serial = target.serial_number.as_deref().unwrap_or("-");
        let refused =
            target.refused.map(|code| format!("  {}", Failure::new(code).about(&target.target).message(language)));
        line_to(&mut out, &format!("{}  {label}  {serial}{}", target.target, refused.unwrap_or_default()));
    }
    if attached.is_empty() && !args.json {
        line_to(&mut out, &words::say(Phrase::NoDrive, "", language));
    }
    Ok(())
}
