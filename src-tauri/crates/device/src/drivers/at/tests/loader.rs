//! A recipe with a mistake is refused with its line and the reason.

use std::fs;

use fieldkey_core::{Code, Failure, Language};

use super::*;
use crate::drivers::at::load::parse;

const EXAMPLE: &str = include_str!("../../../../drivers/quectel.toml");

fn refused(text: &str) -> Failure {
    let failure = parse("x.toml", text).err().unwrap_or_else(|| panic!("it was taken:\n{text}"));
    assert_eq!((failure.code, failure.about.as_str()), (Code::RecipeInvalid, "x.toml"));
    assert_ne!(failure.why(Language::English), failure.why(Language::Japanese), "{failure}");
    failure
}

/// The example with something else in it.
fn changed(from: &str, to: &str) -> (String, usize) {
    assert!(EXAMPLE.contains(from), "{from}");
    let line = EXAMPLE.split(from).next().unwrap_or_default().matches('\n').count() + 1;
    (EXAMPLE.replacen(from, to, 1), line)
}

#[test]
fn mistakes_are_named_with_their_line() {
    let cases = [
        ("baud = 115200", "baud = 115200\nspeed = 1", 1, "unknown key `speed`"),
        ("baud = 115200", "baud = 12", 0, "12 is not within 300 to 4000000"),
        ("baud = 115200", "baud = \"fast\"", 0, "invalid type"),
        ("baud = 115200", "baud =", 0, ""),
        ("name = \"quectel\"", "name = \"Quectel modems\"", 0, "a driver's name"),
        ("proof = \"read-back\"", "proof = \"hope\"", 0, "unknown variant `hope`"),
        ("proof = \"read-back\"", "proof = \"digest\"", 0, "`{digest}` in an `answer` of `[[held]]`"),
        ("longest-name = 80", "longest-name = 3", 8, "a name is 1 to 3"),
        ("contains = [\"Quectel\"]", "contains = []", 0, "the list is empty"),
        ("contains = [\"Quectel\"]", "contains = [\" \"]", 0, "the text is empty"),
        ("send = 'AT+QFLDS=\"UFS\"'", "send = \"AT+QFLDS\\r\"", 0, "control character"),
        ("send = 'AT+QFLDS=\"UFS\"'", "send = ''", 0, "the text is empty"),
        ("send = 'AT+QFLDS=\"UFS\"'", "send = 'AT+QFLDS={name}'", 0, "`{name}` means nothing here"),
        ("answer = '+QFLDS: {free},{rest}'", "answer = '+QFLDS: {rest}'", -1, "has `{free}`"),
        ("answer = '+QFLDS: {free},{rest}'", "answer = '{free}'", 0, "any line would be this answer"),
        ("'AT+QFDEL=\"UFS:{name}\"'", "'AT+QFDEL=\"UFS:{name\"'", 0, "a `{` without its `}`"),
        ("'AT+QFDEL=\"UFS:{name}\"'", "'AT+QFDEL=\"UFS:{len}\"'", 0, "`{len}` means nothing here"),
        ("content = \"CONNECT\\r\\n\"", "content = \"CONNECT{len}\"", 0, "ends in text"),
        ("name = \"client.pem\"", "name = \"cli\\\"ent\"", 0, "letters, digits and `.-_`"),
        ("block = 1024, ", "", 0, "`block` and `acknowledge` come together"),
        ("hold = 5", "hold = 0", 0, "0 is not within 1 to 60"),
        ("prompt = \"CONNECT\"", "prompt = \"\"", 0, "the text is empty"),
        ("407 = \"exists\"", "407 = \"maybe\"", 0, "unknown variant `maybe`"),
        ("timeout = 10", "timeout = 1000", 0, "1000 is not within 1 to 120"),
    ];
    for (from, to, below, reason) in cases {
        let (text, line) = changed(from, to);
        let failure = refused(&text);
        assert!(failure.reason.contains(reason), "{to}: {}", failure.reason);
        if let Ok(below) = usize::try_from(below) {
            let start = format!("line {}: ", line + below);
            assert!(failure.reason.starts_with(&start), "{to}: {} and not {start}", failure.reason);
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    for key in ["name", "about", "baud", "longest-name", "largest", "proof", "match", "ca"] {
        let start = format!("{key} = ");
        let text: Vec<&str> = EXAMPLE.lines().filter(|line| !line.starts_with(&start)).collect();
        let failure = refused(&text.join("\n"));
        assert!(failure.reason.contains(&format!("missing key `{key}`")), "{key}: {}", failure.reason);
        assert!(failure.why(Language::Japanese).contains(&format!("キー `{key}` がありません")), "{key}");
    }
    let start = EXAMPLE.find("# Without acknowledgements").expect("the write step");
    let end = EXAMPLE.find("# As Quectel").expect("what follows");
    let text = [&EXAMPLE[..start], &EXAMPLE[end..]].concat();
    assert!(refused(&text).reason.contains("missing key `write`"));
    assert!(!refused("").reason.is_empty());
}

#[test]
fn the_page_s_example_is_a_recipe() {
    let page = include_str!("../../../../../../../docs/drivers.md");
    let example = page.split("```toml\n# drivers/acme.toml").nth(1).and_then(|rest| rest.split("```").next());
    let recipe = parse("acme.toml", example.expect("the page has a worked example")).expect("it is whole");
    assert_eq!(recipe.name, "acme");
}

#[test]
fn the_page_explains_every_key_and_every_word() {
    let page = include_str!("../../../../../../../docs/drivers.md");
    // Keys are those that TOML's reader names when one is unknown.
    for text in
        ["x = 1", "match = { x = 1 }", "ca = { x = 1 }", "held = [{ x = 1 }]", "write = [{ payload = { x = 1 } }]"]
    {
        let failure = parse("x.toml", text).expect_err(text);
        let known: Vec<&str> = failure.reason.split('`').skip(3).step_by(2).collect();
        assert!(!known.is_empty(), "{text}: {failure}");
        for key in known {
            assert!(page.contains(&format!("`{key}`")), "docs/drivers.md says nothing of `{key}`");
        }
    }
}

#[test]
fn a_user_s_own_recipes_join_ours_and_go_before_them() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("acme.toml", &EXAMPLE.replacen("name = \"quectel\"", "name = \"acme\"", 1));
    write("bg96.toml", &format!("\u{feff}{}", EXAMPLE.replacen("baud = 115200", "baud = 9600", 1)));
    write("bg97.toml", EXAMPLE);
    write("broken.toml", "name = 1");
    write("binary.toml", "x");
    fs::write(folder.path().join("binary.toml"), [0xff, 0xfe, 0x00]).expect("written");
    write("README.md", "no recipe");
    let (recipes, failures) = recipes(&[folder.path()]);
    let names: Vec<&str> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
    assert_eq!(names, ["acme", "esp-at", "quectel", "simcom", "simcom-fs", "ublox"]);
    assert_eq!(recipes[2].baud, 9600, "the user's own goes before ours");
    let mut about: Vec<&str> = failures.iter().filter_map(|failure| failure.about.rsplit(['/', '\\']).next()).collect();
    about.sort_unstable();
    assert_eq!(about, ["bg97.toml", "binary.toml", "broken.toml"], "the others are still there");
    assert!(super::recipes(&[&folder.path().join("absent")]).1.is_empty(), "nobody needs to have any");
}

#[test]
fn a_user_s_own_recipe_goes_before_the_computer_s_of_the_same_name() {
    let (own, machine) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let with = |name: &str, baud: &str| {
        EXAMPLE.replacen("name = \"quectel\"", name, 1).replacen("baud = 115200", &format!("baud = {baud}"), 1)
    };
    fs::write(own.path().join("acme.toml"), with("name = \"acme\"", "9600")).expect("written");
    fs::write(machine.path().join("acme.toml"), with("name = \"acme\"", "19200")).expect("written");
    fs::write(machine.path().join("ours.toml"), with("name = \"quectel\"", "38400")).expect("written");
    let (recipes, failures) = recipes(&[own.path(), machine.path()]);
    assert!(failures.is_empty(), "two folders may have the same: {failures:?}");
    let bauds: Vec<_> = recipes.iter().take(3).map(|recipe| (recipe.name.as_str(), recipe.baud)).collect();
    assert_eq!(bauds[0], ("acme", 9600), "the user's own goes before the computer's");
    assert_eq!(bauds[2], ("quectel", 38400), "the computer's goes before ours");
}
