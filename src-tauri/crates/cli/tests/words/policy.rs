//! What an organisation put on the computer, as scripts meet it.

use std::path::PathBuf;
use std::process::Output;

use tempfile::TempDir;

use super::{SITE, events};

/// A computer with these files in the machine's folder.
struct Computer {
    folder: TempDir,
}

impl Computer {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let computer = Self { folder };
        for (name, text) in files {
            let file = computer.file(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
            std::fs::write(file, text).expect("writable");
        }
        computer
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("machine").join(name)
    }

    fn fieldkey(&self, words: &[&str]) -> Output {
        super::fieldkey(self.folder.path(), words)
    }

    /// Status and code of a call that failed, in one line of JSON at last.
    fn failure(&self, words: &[&str]) -> (Option<i32>, String, String) {
        let output = self.fieldkey(words);
        let events = events(&output);
        let last = events.last().unwrap_or_else(|| panic!("{words:?} says nothing: {output:?}"));
        let word = |key: &str| last[key].as_str().unwrap_or_default().to_owned();
        (output.status.code(), word("code"), word("message"))
    }
}

const PROVISION: [&str; 7] = ["--user", "a@example.com", "--serial-number", "no way", "--target", "drive:/x", "--json"];

/// The code of a `provision` at this site; what comes before anybody is asked decides.
fn provision_at(computer: &Computer, site: &str) -> String {
    computer.failure(&[&["provision", "--site", site], &PROVISION[..]].concat()).1
}

#[test]
fn a_site_of_the_computer_is_chosen_by_its_name() {
    let computer = Computer::with(&[("sites/tokyo.json", SITE)]);
    assert_eq!(provision_at(&computer, "tokyo"), "serial-number-invalid", "the site was read");
    assert_eq!(provision_at(&computer, "Tokyo plant"), "serial-number-invalid", "by what operators call it");
    let sign_out = ["sign-out", "--site", "osaka", "--user", "a@example.com", "--json"];
    for words in [&[&["provision", "--site", "osaka"], &PROVISION[..]].concat()[..], &sign_out] {
        let (status, code, message) = computer.failure(words);
        assert_eq!((status, code.as_str()), (Some(2), "site-invalid"));
        assert!(message.contains("osaka") && message.contains("fieldkey site list"), "what there is: {message}");
    }
}

#[test]
fn where_the_policy_says_so_no_other_site_is_opened() {
    let computer = Computer::with(&[
        ("policy.json", r#"{"sites": "preseeded"}"#),
        ("sites/tokyo.json", SITE),
        ("../mine.json", SITE),
    ]);
    let mine = computer.file("../mine.json");
    assert_eq!(provision_at(&computer, &mine.display().to_string()), "not-allowed-by-policy");
    assert_eq!(provision_at(&computer, "tokyo"), "serial-number-invalid");
    let inspect = ["device", "inspect", "--target", "drive:/x", "--json", "--site", mine.to_str().expect("UTF-8")];
    let (status, code, message) = computer.failure(&inspect);
    assert_eq!((status, code.as_str()), (Some(2), "not-allowed-by-policy"), "its layout is not read either");
    assert!(message.contains("policy.json"), "who to ask about what: {message}");
}

#[test]
fn what_is_switched_off_is_refused_with_the_policy_s_name() {
    let policy = r#"{"claimExport": false, "claimOpen": false, "journalExport": false}"#;
    let computer = Computer::with(&[("policy.json", policy), ("sites/tokyo.json", SITE)]);
    for words in [
        &["claim", "export", "--site", "tokyo", "--user", "a@example.com", "--serial-number", "SN-1", "--json"][..],
        &["claim", "open", "claim.age", "--target", "drive:/x", "--json"],
        &["history", "--json"],
    ] {
        let (status, code, message) = computer.failure(words);
        assert_eq!((status, code.as_str()), (Some(2), "not-allowed-by-policy"), "{words:?}");
        assert!(message.contains("policy.json"), "{message}");
    }
    let csv = computer.fieldkey(&["history", "--csv"]);
    let said = String::from_utf8_lossy(&csv.stderr).into_owned();
    assert!(csv.stdout.is_empty() && said.contains("[not-allowed-by-policy]"), "{said}");
    assert_eq!(computer.fieldkey(&["history"]).status.code(), Some(0), "people may look");
    assert_eq!(computer.fieldkey(&["history", "--check", "--json"]).status.code(), Some(0), "and check");
}

#[test]
fn a_broken_policy_forbids_what_it_could_and_everybody_is_told() {
    let computer = Computer::with(&[("policy.json", "{\n  \"bnech\": false\n}"), ("sites/tokyo.json", SITE)]);
    let (status, code, message) = computer.failure(&["history", "--json"]);
    assert_eq!((status, code.as_str()), (Some(2), "policy-invalid"));
    assert!(message.contains("line 2") && message.contains("`bench`"), "{message}");
    let history = computer.fieldkey(&["history"]);
    let said = String::from_utf8_lossy(&history.stderr).into_owned();
    assert_eq!(history.status.code(), Some(0), "what no policy forbids goes on: {said}");
    assert_eq!(said.matches("[policy-invalid]").count(), 1, "{said}");
    assert_eq!(provision_at(&computer, "tokyo"), "serial-number-invalid", "the organisation's sites stay");
    let csv = computer.fieldkey(&["history", "--csv"]);
    assert_eq!(String::from_utf8_lossy(&csv.stderr).matches("[policy-invalid]").count(), 1, "said once");
}

#[test]
fn a_policy_is_shown_and_checked() {
    let computer = Computer::with(&[("policy.json", r#"{"bench": false}"#), ("draft.json", "{\"sites\": \"mine\"}")]);
    let shown = computer.fieldkey(&["policy", "show", "--json"]);
    let line = &events(&shown)[0];
    assert_eq!((&line["allowed"]["bench"], &line["allowed"]["practise"]), (&false.into(), &true.into()), "{line}");
    assert_eq!(computer.fieldkey(&["policy", "check"]).status.code(), Some(0));
    let draft = computer.file("draft.json").display().to_string();
    let checked = computer.fieldkey(&["policy", "check", &draft, "--json"]);
    assert_eq!(checked.status.code(), Some(2));
    let line = &events(&checked)[0];
    assert_eq!((&line["valid"], &line["problems"][0]["key"]), (&false.into(), &"sites".into()), "{line}");

    let none = Computer::with(&[]);
    let shown = none.fieldkey(&["policy", "show"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("No policy"), "{shown:?}");
}

#[test]
fn the_sites_of_the_computer_are_listed_with_what_is_wrong_with_them() {
    let computer = Computer::with(&[("sites/tokyo.json", SITE), ("sites/broken.json", "{")]);
    let listed = computer.fieldkey(&["site", "list", "--json"]);
    let lines = events(&listed);
    assert_eq!((&lines[0]["site"], &lines[0]["failure"]["code"]), (&"broken".into(), &"site-invalid".into()));
    assert_eq!((&lines[1]["site"], &lines[1]["name"]), (&"tokyo".into(), &"Tokyo plant".into()));
    let none = Computer::with(&[]).fieldkey(&["site", "list"]);
    assert!(String::from_utf8_lossy(&none.stdout).contains("sites"), "where they would be: {none:?}");
}
