//! `fieldkey site check`.

use fieldkey_cloud::SiteFile;
use fieldkey_core::{Code, Language};
use serde_json::json;

use crate::output::line_to;
use crate::{Ended, args};

pub(crate) fn check(args: &args::SiteCheck, language: Language) -> Result<(), Ended> {
    let Some(path) = args.file.as_ref().or(args.site.as_ref()) else { return Ok(()) };
    let mut problems = SiteFile::problems(path);
    problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
    if args.json {
        let line = json!({"valid": problems.is_empty(), "problems": problems}).to_string();
        line_to(&mut std::io::stdout(), &line);
    } else {
        for problem in &problems {
            line_to(&mut std::io::stderr(), &format!("{}: {}", path.display(), problem.words(language)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Ended::Said(Code::SiteInvalid.exit_status())) }
}
