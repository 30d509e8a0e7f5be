//! `fieldkey site check`.

use fieldkey_cloud::SiteFile;
use fieldkey_core::site::{self, Problem};
use fieldkey_core::{Code, Failure, Language, Why};
use serde_json::json;

use crate::output::line_to;
use crate::{Ended, args, opened};

pub(crate) fn check(args: &args::SiteCheck, language: Language) -> Result<(), Ended> {
    let Some(path) = args.file.as_ref().or(args.site.as_ref()) else { return Ok(()) };
    let mut out = std::io::stdout();
    let mut problems = match SiteFile::text(path) {
        Ok(text) => site::parse(&text).err().unwrap_or_default(),
        Err(failure) => vec![Problem::new("", None, words(&failure))],
    };
    if problems.is_empty()
        && let Err(failure) = SiteFile::read(path).and_then(|file| opened::check(&file))
    {
        // The file itself is right; what lies beside it must be, too.
        problems.push(Problem::new("caFile", None, words(&failure)));
    }
    problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
    if args.json {
        line_to(&mut out, &json!({"valid": problems.is_empty(), "problems": problems}).to_string());
    } else {
        for problem in &problems {
            line_to(&mut std::io::stderr(), &format!("{}: {}", path.display(), problem.words(language)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Ended::Said(Code::SiteInvalid.exit_status())) }
}

fn words(failure: &Failure) -> Why {
    Why::new(failure.message(Language::English), failure.message(Language::Japanese))
}
