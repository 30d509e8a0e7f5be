//! `fieldkey site check`.

use fieldkey_cloud::SiteFile;
use fieldkey_core::{Code, Language, site};
use serde_json::json;

use crate::output::line_to;
use crate::{Ended, args};

pub(crate) fn check(args: &args::SiteCheck, language: Language) -> Result<(), Ended> {
    let Some(path) = args.file.as_ref().or(args.site.as_ref()) else { return Ok(()) };
    let text = SiteFile::text(path)?;
    let mut out = std::io::stdout();
    let problems = match site::parse(&text) {
        // The file itself is right; what lies beside it must be, too.
        Ok(_) => SiteFile::read(path).err().map(|failure| failure.message(language)).into_iter().collect(),
        Err(problems) if args.json => {
            line_to(&mut out, &json!({"valid": false, "problems": problems}).to_string());
            return Err(Ended::Said(Code::SiteInvalid.exit_status()));
        }
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    if args.json {
        let problems: Vec<_> =
            problems.iter().map(|what| json!({"key": "caFile", "line": null, "what": what})).collect();
        line_to(&mut out, &json!({"valid": problems.is_empty(), "problems": problems}).to_string());
    } else {
        for problem in &problems {
            line_to(&mut std::io::stderr(), &format!("{}: {problem}", path.display()));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Ended::Said(Code::SiteInvalid.exit_status())) }
}
