use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use fieldkey_core::{Code, Feature, Language};
use tempfile::TempDir;

use super::*;

const SITE: &str = include_str!("../../cli/tests/files/site.json");

/// A machine's folder with these files in it.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
        fs::write(file, text).expect("writable");
    }
    folder
}

fn called(name: &str) -> String {
    let mut site: serde_json::Value = serde_json::from_str(SITE).expect("JSON");
    site["name"] = name.into();
    site.to_string()
}

#[test]
fn a_computer_without_the_folder_is_free() {
    let folder = folder(&[]);
    let machine = Machine::at(&folder.path().join("fieldkey"));
    assert_eq!(machine.rules(), &Rules::None);
    assert_eq!(machine.sites(), Vec::<PathBuf>::new());
    assert!(machine.problems().is_empty());
}

#[test]
fn a_policy_is_in_force() {
    let folder = folder(&[("policy.json", r#"{"sites": "preseeded", "bench": false}"#)]);
    let machine = Machine::at(folder.path());
    assert_eq!(machine.rules().off(), [Feature::OtherSites, Feature::Bench]);
    assert!(machine.rules().file().is_some_and(|file| file.ends_with("policy.json")));
}

#[test]
fn whatever_is_wrong_with_a_policy_forbids_all_and_says_why() {
    let long = "x".repeat(70_000);
    for (text, why) in [
        ("{\"bench\": flase}", "line 1: not JSON"),
        ("{\n\"bnech\": false}", "line 2: `bnech`: unknown key"),
        ("", "not JSON"),
        (long.as_str(), "too large"),
    ] {
        let folder = folder(&[("policy.json", text)]);
        let machine = Machine::at(folder.path());
        assert_eq!(machine.rules().off(), Feature::ALL, "{why}");
        let trouble = machine.rules().trouble().expect("said").message(Language::English);
        assert!(trouble.contains(why) && trouble.contains("policy.json"), "{trouble}");
        assert!(!machine.problems().is_empty());
    }
    let folder = folder(&[("policy.json/inside", "")]);
    assert_eq!(Machine::at(folder.path()).rules().off(), Feature::ALL, "a folder is no policy");
}

#[cfg(unix)]
#[test]
fn a_policy_that_cannot_be_found_out_about_forbids_all() {
    let folder = folder(&[("elsewhere", "")]);
    std::os::unix::fs::symlink("nowhere", folder.path().join("policy.json")).expect("writable");
    assert_eq!(Machine::at(folder.path()).rules().off(), Feature::ALL, "a link that leads nowhere");
    assert_eq!(
        Machine::at(&folder.path().join("elsewhere")).rules().off(),
        Feature::ALL,
        "a file in the folder's place"
    );
}

#[cfg(unix)]
#[test]
fn what_others_may_write_does_not_count() {
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    let folder = folder(&[("policy.json", "{}"), ("sites/tokyo.json", SITE)]);
    let (policy, sites) = (folder.path().join("policy.json"), folder.path().join("sites"));
    assert_eq!(Machine::at(folder.path()).rules().off(), []);
    mode(&policy, 0o666);
    assert_eq!(Machine::at(folder.path()).rules().off(), Feature::ALL, "the file");
    mode(&policy, 0o644);
    mode(folder.path(), 0o777);
    assert_eq!(Machine::at(folder.path()).rules().off(), Feature::ALL, "its folder");
    fs::remove_file(&policy).expect("ours");
    assert_eq!(Machine::at(folder.path()).rules().off(), Feature::ALL, "somebody may have taken the policy away");
    mode(folder.path(), 0o755);

    let machine = Machine::at(folder.path());
    let tokyo = sites.join("tokyo.json");
    assert_eq!(machine.allow_site(&tokyo), Ok(()));
    mode(&sites, 0o777);
    let refused = machine.allow_site(&tokyo).expect_err("it could be exchanged");
    assert!(refused.code == Code::SiteInvalid && refused.reason.contains("chmod go-w"), "{refused}");
    assert_eq!(machine.sites(), [tokyo], "it is shown, with why it is not opened");
}

#[cfg(unix)]
#[test]
fn a_ca_that_others_may_write_does_not_count_either() {
    let mut site: serde_json::Value = serde_json::from_str(SITE).expect("JSON");
    site["caFile"] = "ca.pem".into();
    let folder = folder(&[("sites/tokyo.json", &site.to_string()), ("sites/ca.pem", "")]);
    let machine = Machine::at(folder.path());
    let tokyo = folder.path().join("sites/tokyo.json");
    assert_eq!(machine.allow_site(&tokyo), Ok(()));
    let ca = folder.path().join("sites/ca.pem");
    fs::set_permissions(&ca, fs::Permissions::from_mode(0o666)).expect("ours");
    assert_eq!(machine.allow_site(&tokyo).map_err(|failure| failure.code), Err(Code::SiteInvalid));
    fs::remove_file(&ca).expect("ours");
    assert_eq!(machine.allow_site(&tokyo), Ok(()), "it is missing, as whoever reads the site says");
    std::os::unix::fs::symlink("/nowhere/ca.pem", &ca).expect("writable");
    let refused = machine.allow_site(&tokyo).map_err(|failure| (failure.code, failure.about));
    assert_eq!(refused, Err((Code::SiteInvalid, ca.display().to_string())), "somebody may put one there meanwhile");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_sites_is_not_what_is_read() {
    let folder = folder(&[("sites/tokyo.json", SITE), ("mine/osaka.json", SITE)]);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path().join("sites"), &link).expect("writable");
    let machine = Machine::at(folder.path());
    assert!(machine.has(&link.join("tokyo.json")));
    assert_eq!(machine.settled(link.join("tokyo.json")), folder.path().join("sites/tokyo.json"), "the link may change");
    let mine = folder.path().join("mine/osaka.json");
    assert_eq!(machine.settled(mine.clone()), mine, "one's own is as it was given");
}

#[test]
fn site_files_are_listed_by_name_and_nothing_else_is() {
    let folder = folder(&[
        ("sites/tokyo.json", SITE),
        ("sites/Osaka.FIELDKEY", SITE),
        ("sites/broken.json", "{"),
        ("sites/ca.pem", ""),
        ("sites/.tokyo.json.swp", ""),
        ("sites/.hidden.json", ""),
    ]);
    let names: Vec<_> =
        Machine::at(folder.path()).sites().iter().map(|path| path.file_name().map(Into::into)).collect();
    let names: Vec<PathBuf> = names.into_iter().flatten().collect();
    assert_eq!(names, [Path::new("Osaka.FIELDKEY"), Path::new("broken.json"), Path::new("tokyo.json")]);
}

#[test]
fn only_the_organisation_s_sites_are_opened_where_the_policy_says_so() {
    let folder = folder(&[
        ("policy.json", r#"{"sites": "preseeded"}"#),
        ("sites/tokyo.json", SITE),
        ("mine.json", SITE),
        ("sites/deep/mine.json", SITE),
    ]);
    let machine = Machine::at(folder.path());
    let at = |name: &str| machine.allow_site(&folder.path().join(name)).map_err(|failure| failure.code);
    assert_eq!(at("sites/tokyo.json"), Ok(()));
    assert_eq!(at("sites/../sites/tokyo.json"), Ok(()), "by another way");
    for other in ["mine.json", "sites/../mine.json", "sites/deep/mine.json", "nowhere.json"] {
        assert_eq!(at(other), Err(Code::NotAllowedByPolicy), "{other}");
    }
}

#[test]
fn a_site_is_chosen_by_path_or_by_name() {
    let folder = folder(&[
        ("sites/tokyo.json", &called("Tokyo plant")),
        ("sites/osaka.json", &called("West")),
        ("sites/kobe.fieldkey", &called("West")),
        ("mine.json", SITE),
    ]);
    let machine = Machine::at(folder.path());
    let (tokyo, mine) = (folder.path().join("sites/tokyo.json"), folder.path().join("mine.json"));
    for word in ["tokyo", "tokyo.json", "Tokyo plant"] {
        assert_eq!(machine.chosen(Path::new(word)), Ok(tokyo.clone()), "{word}");
    }
    assert_eq!(machine.chosen(&mine), Ok(mine), "a path is one as before");
    let nowhere = Path::new("nowhere.json");
    assert_eq!(machine.chosen(nowhere), Ok(nowhere.to_owned()), "what is nothing is said when it is read");
    let refused = machine.chosen(Path::new("West")).expect_err("which of the two?");
    assert!(refused.code == Code::Usage && refused.reason.contains("osaka.json"), "{refused}");
}

#[test]
fn a_policy_may_be_checked_before_it_is_rolled_out() {
    let folder = folder(&[("draft.json", r#"{"bnech": false}"#), ("good.json", "{}")]);
    assert_eq!(problems_in(&folder.path().join("draft.json"))[0].key, "bnech");
    assert!(problems_in(&folder.path().join("good.json")).is_empty());
    assert!(!problems_in(&folder.path().join("nowhere.json")).is_empty());
}
