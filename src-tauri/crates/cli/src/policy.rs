//! `fieldkey policy …`.

use fieldkey_core::{Code, Feature, Language, Rules};
use serde_json::json;

use crate::output::{Said, line_to};
use crate::words::{self, Phrase};
use crate::{Ended, args, organisation, site};

pub(crate) fn show(args: &args::PolicyShow, language: Language) -> Result<(), Ended> {
    let rules = organisation::here().rules();
    let mut out = std::io::stdout();
    if args.json {
        line_to(&mut out, &line(rules, language));
    } else {
        page(rules, language).iter().for_each(|line| line_to(&mut out, line));
    }
    // What is wrong was said: by the page, or in the line.
    match rules.trouble() {
        Some(trouble) => Err(Ended::Said(trouble.code.exit_status())),
        None => Ok(()),
    }
}

pub(crate) fn check(args: &args::PolicyCheck, language: Language) -> Result<(), Ended> {
    let machine = organisation::here();
    let (problems, file) = match &args.file {
        Some(file) => (fieldkey_machine::problems_in(file), file.display().to_string()),
        None => {
            let file = machine.rules().file().map(str::to_owned);
            (machine.problems(), file.unwrap_or_else(|| machine.folder().display().to_string()))
        }
    };
    site::tell_problems(problems, &file, Code::PolicyInvalid, args.json, language)
}

fn line(rules: &Rules, language: Language) -> String {
    let off = rules.off();
    let allowed: serde_json::Map<_, _> = Feature::ALL
        .into_iter()
        .map(|feature| {
            let name = serde_json::to_value(feature).ok().and_then(|name| name.as_str().map(str::to_owned));
            (name.unwrap_or_default(), json!(!off.contains(&feature)))
        })
        .collect();
    let trouble = rules.trouble().map(|trouble| Said::of(trouble, language));
    json!({ "file": rules.file(), "allowed": allowed, "failure": trouble }).to_string()
}

fn page(rules: &Rules, language: Language) -> Vec<String> {
    let Some(file) = rules.file() else { return vec![words::say(Phrase::NoPolicy, "", language)] };
    let mut lines = match rules.trouble() {
        Some(trouble) => vec![trouble.message(language), format!("  {}", trouble.help(language))],
        None => vec![file.to_owned()],
    };
    let off = rules.off();
    lines.extend(Feature::ALL.into_iter().map(|feature| {
        let mark = if off.contains(&feature) { '✗' } else { '✓' };
        let what = feature.words();
        format!("  {mark} {}", words::either(language, &what.en, &what.ja))
    }));
    lines
}

#[cfg(test)]
mod tests {
    use fieldkey_core::{Policy, Why};

    use super::*;

    fn rules() -> Rules {
        Rules::Of { policy: Policy { bench: false, ..Policy::default() }, file: "/etc/fieldkey/policy.json".into() }
    }

    #[test]
    fn what_is_off_is_seen_at_once() {
        let page = page(&rules(), Language::English);
        assert_eq!(page[0], "/etc/fieldkey/policy.json");
        assert!(page.contains(&"  ✗ the bench".to_owned()) && page.contains(&"  ✓ practising".to_owned()), "{page:?}");
        let japanese = super::page(&rules(), Language::Japanese);
        assert!(japanese.contains(&"  ✗ ベンチ".to_owned()), "{japanese:?}");
    }

    #[test]
    fn a_script_reads_each_by_its_name() {
        let said: serde_json::Value = serde_json::from_str(&line(&rules(), Language::English)).expect("JSON");
        assert_eq!(said["allowed"]["bench"], false);
        assert_eq!(said["allowed"]["other-sites"], true);
        assert_eq!(said["failure"], serde_json::Value::Null);
        let free: serde_json::Value = serde_json::from_str(&line(&Rules::None, Language::English)).expect("JSON");
        assert_eq!((&free["file"], &free["allowed"]["bench"]), (&serde_json::Value::Null, &json!(true)));
    }

    #[test]
    fn a_policy_that_cannot_be_used_is_said_with_all_that_it_forbids() {
        let broken = Rules::broken("policy.json", Why::new("line 1: not JSON", "1 行目"));
        let page = page(&broken, Language::English);
        assert!(page[0].contains("line 1: not JSON"), "{page:?}");
        assert_eq!(page.iter().filter(|line| line.contains('✗')).count(), Feature::ALL.len(), "{page:?}");
        let said: serde_json::Value = serde_json::from_str(&line(&broken, Language::English)).expect("JSON");
        assert_eq!((&said["failure"]["code"], &said["allowed"]["practise"]), (&json!("policy-invalid"), &json!(false)));
    }
}
