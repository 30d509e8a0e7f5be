use super::*;
use crate::{Code, Language, Step};

const FILE: &str = "/etc/fieldkey/policy.json";

fn rules(text: &str) -> Rules {
    Rules::Of { policy: Policy::parse(text).expect("a policy"), file: FILE.into() }
}

#[test]
fn the_published_schema_is_the_code_s() {
    mistakes::is_published("policy.schema.json", &schema());
}

#[test]
fn the_documentation_s_example_is_a_policy_with_every_key() {
    let page = include_str!("../../../../../docs/policy.md");
    let example = page.split("```json").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let policy = Policy::parse(example).expect("it is valid");
    assert_eq!(policy.sites, Sites::Preseeded);
    for key in schema()["properties"].as_object().expect("keys").keys() {
        assert!(example.contains(&format!("\"{key}\"")), "{key} is not shown");
        assert!(page.contains(&format!("| `{key}` |")), "{key} is not explained");
    }
}

#[test]
fn without_a_policy_everything_is_allowed() {
    assert_eq!(Rules::None.off(), []);
    assert_eq!(Rules::None.file(), None);
}

#[test]
fn a_key_that_is_missing_allows() {
    assert_eq!(Policy::parse("{}").expect("an empty policy is one"), Policy::default());
    assert_eq!(rules("{}").off(), []);
}

#[test]
fn each_key_switches_off_its_own_and_nothing_else() {
    for (key, value, feature) in [
        ("sites", r#""preseeded""#, Feature::OtherSites),
        ("staySignedIn", "false", Feature::StaySignedIn),
        ("bench", "false", Feature::Bench),
        ("claimExport", "false", Feature::ClaimExport),
        ("claimOpen", "false", Feature::ClaimOpen),
        ("journalExport", "false", Feature::JournalExport),
        ("practise", "false", Feature::Practise),
        ("updates", "false", Feature::Updates),
    ] {
        assert_eq!(rules(&format!(r#"{{"{key}": {value}}}"#)).off(), [feature], "{key}");
    }
    let keys = schema()["properties"].as_object().expect("keys").len();
    assert_eq!(keys, Feature::ALL.len(), "every key of the schema is one of the above");
}

#[test]
fn mistakes_are_named_with_their_line_and_what_was_meant() {
    let text = "{\n  \"bnech\": false,\n  \"practise\": \"no\",\n  \"sites\": \"some\"\n}";
    let mut found = Policy::parse(text).expect_err("three mistakes");
    found.sort_by_key(|problem| problem.line);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "line 2: `bnech`: unknown key; did you mean `bench`?",
            "line 3: `practise`: must be true or false",
            "line 4: `sites`: must be one of: any, preseeded",
        ]
    );
    assert!(Policy::parse("").is_err() && Policy::parse("[]").is_err() && Policy::parse("false").is_err());
}

#[test]
fn a_mark_that_editors_on_windows_put_in_front_is_no_mistake() {
    assert!(Policy::parse("\u{feff}{\"bench\": false}").is_ok());
}

#[test]
fn what_is_switched_off_names_the_policy_and_itself_in_both_languages() {
    let refused = rules(r#"{"claimExport": false}"#).allow(Feature::ClaimExport).expect_err("switched off");
    assert_eq!((refused.code, refused.step), (Code::NotAllowedByPolicy, Some(Step::Site)));
    assert!(
        rules(r#"{"claimExport": false}"#).forbids(Feature::ClaimExport) && !rules("{}").forbids(Feature::ClaimExport)
    );
    let (en, ja) = (refused.message(Language::English), refused.message(Language::Japanese));
    assert!(en.contains(FILE) && en.contains("exporting claims"), "{en}");
    assert!(ja.contains(FILE) && ja.contains("クレームの書き出し"), "{ja}");
}

#[test]
fn a_policy_that_cannot_be_used_forbids_all_that_one_could() {
    let broken = Rules::broken(FILE, Why::new("line 1: not JSON", "1 行目: JSON ではありません"));
    assert_eq!(broken.off(), Feature::ALL);
    for feature in Feature::ALL {
        assert_eq!(broken.allow(feature).expect_err("fails closed").code, Code::PolicyInvalid, "{feature:?}");
        assert!(!broken.forbids(feature), "{feature:?}: nobody meant that, so nothing is ended for it");
    }
    assert_eq!(broken.file(), Some(FILE));
    assert!(broken.trouble().is_some_and(|why| why.message(Language::English).contains("not JSON")));
}
