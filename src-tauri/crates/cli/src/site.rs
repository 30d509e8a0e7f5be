//! `fieldkey site …`.

use std::path::Path;

use fieldkey_cloud::SiteFile;
use fieldkey_core::bench::decode;
use fieldkey_core::site::outputs::{Settings, from_amplify, from_stacks};
use fieldkey_core::site::{Problem, Site};
use fieldkey_core::{Code, Failure, Language};
use serde_json::{Value, json};

use crate::output::{Said, line_to};
use crate::words::{self, Phrase};
use crate::{Ended, args, atomic, bounded, organisation};

/// What describes every stack of an account is no larger.
const LIMIT: u64 = 1 << 24;

pub(crate) fn check(args: &args::SiteCheck, language: Language) -> Result<(), Ended> {
    let Some(path) = args.file.as_ref().or(args.site.as_ref()) else { return Ok(()) };
    tell_problems(SiteFile::problems(path), &path.display().to_string(), Code::SiteInvalid, args.json, language)
}

/// What is wrong with a file, in the order of its lines.
pub(crate) fn tell_problems(
    mut problems: Vec<Problem>,
    file: &str,
    code: Code,
    json: bool,
    language: Language,
) -> Result<(), Ended> {
    problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
    if json {
        let line = json!({"valid": problems.is_empty(), "problems": problems}).to_string();
        line_to(&mut std::io::stdout(), &line);
    } else {
        show(&problems, file, language);
    }
    if problems.is_empty() { Ok(()) } else { Err(Ended::Said(code.exit_status())) }
}

/// The organisation's sites on this computer, with why one cannot be opened.
pub(crate) fn list(args: &args::SiteList, language: Language) -> Result<(), Ended> {
    let machine = organisation::here();
    let (sites, mut out) = (machine.sites(), std::io::stdout());
    if sites.is_empty() && !args.json {
        let folder = machine.folder().join("sites").display().to_string();
        line_to(&mut out, &words::say(Phrase::NoSites, &folder, language));
    }
    for path in sites {
        let file = machine.allow_site(&path).and_then(|()| SiteFile::read(&path));
        line_to(&mut out, &listed(&path, file.as_ref().map(|file| &file.site), args.json, language));
    }
    Ok(())
}

fn listed(path: &Path, site: Result<&Site, &Failure>, json: bool, language: Language) -> String {
    let word = path.file_stem().unwrap_or_default().to_string_lossy();
    let shown = path.display().to_string();
    if json {
        let failure = site.err().map(|failure| Said::of(failure, language));
        let (name, region) = site.ok().map(|site| (&site.name, &site.region)).unzip();
        return json!({ "site": word, "path": shown, "name": name, "region": region, "failure": failure }).to_string();
    }
    match site {
        Ok(site) => format!("{word}  {}  {}  {shown}", site.name, site.region),
        Err(failure) => format!("✗ {word}  {} [{}]", failure.message(language), failure.code),
    }
}

pub(crate) fn from_outputs(args: &args::FromOutputs, language: Language) -> Result<(), Ended> {
    let text = read(&args.file)?;
    match made(&text, args) {
        Ok(site) => {
            let site = serde_json::to_string_pretty(&site).unwrap_or_default();
            match &args.output {
                Some(path) => atomic::write(path, &format!("{site}\n"), args.replace)?,
                None => line_to(&mut std::io::stdout(), &site),
            }
            Ok(())
        }
        Err(problems) => {
            show(&problems, &args.file.display().to_string(), language);
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
    // PowerShell writes UTF-16 when a tool's output is redirected.
    Ok(decode(&bytes))
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

fn show(problems: &[Problem], file: &str, language: Language) {
    for problem in problems {
        line_to(&mut std::io::stderr(), &format!("{file}: {}", problem.words(language)));
    }
}
