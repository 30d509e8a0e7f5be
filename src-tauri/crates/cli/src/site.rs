//! `fieldkey site …`.

use std::path::Path;

use fieldkey_cloud::SiteFile;
use fieldkey_core::site::outputs::{Settings, from_amplify, from_stacks};
use fieldkey_core::site::{Problem, Site};
use fieldkey_core::{Code, Failure, Language, Why};
use serde_json::{Value, json};

use crate::device::usage;
use crate::output::line_to;
use crate::{Ended, args, atomic, bounded};

/// What describes every stack of an account is no larger.
const LIMIT: u64 = 1 << 24;

pub(crate) fn check(args: &args::SiteCheck, language: Language) -> Result<(), Ended> {
    let Some(path) = args.file.as_ref().or(args.site.as_ref()) else { return Ok(()) };
    let mut problems = SiteFile::problems(path);
    problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
    if args.json {
        let line = json!({"valid": problems.is_empty(), "problems": problems}).to_string();
        line_to(&mut std::io::stdout(), &line);
    } else {
        show(&problems, path, language);
    }
    if problems.is_empty() { Ok(()) } else { Err(Ended::Said(Code::SiteInvalid.exit_status())) }
}

pub(crate) fn from_outputs(args: &args::FromOutputs, language: Language) -> Result<(), Ended> {
    let text = read(&args.file)?;
    match made(&text, args) {
        Ok(site) => {
            let site = serde_json::to_string_pretty(&site).unwrap_or_default();
            match &args.output {
                Some(path) => atomic::write(path, &format!("{site}\n"))?,
                None => line_to(&mut std::io::stdout(), &site),
            }
            Ok(())
        }
        Err(problems) => {
            show(&problems, &args.file, language);
            Err(Ended::Said(Code::SiteInvalid.exit_status()))
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = if path.as_os_str() == "-" {
        bounded::standard_input(LIMIT, Code::Usage)?
    } else {
        bounded::file(path, LIMIT, Code::Usage)?
    };
    let not_text = Why::new("it is not text", "テキストではありません");
    String::from_utf8(bytes).map_err(|_| usage(&path.display().to_string(), not_text))
}

fn made(text: &str, args: &args::FromOutputs) -> Result<Site, Vec<Problem>> {
    let mut settings: Settings = args.set.iter().cloned().collect();
    if let Some(name) = &args.name {
        settings.insert("name".into(), name.clone());
    }
    if is_amplify_s(text) { from_amplify(text, &settings) } else { from_stacks(text, args.stack.as_deref(), &settings) }
}

/// Amplify writes its sign-in under `auth`; a description of stacks has no such key.
fn is_amplify_s(text: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok();
    value.is_some_and(|value| value.get("auth").is_some() && value.get("Stacks").is_none())
}

fn show(problems: &[Problem], path: &Path, language: Language) {
    for problem in problems {
        line_to(&mut std::io::stderr(), &format!("{}: {}", path.display(), problem.words(language)));
    }
}
