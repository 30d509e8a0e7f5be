//! The record of runs, as the command shows it.

use std::process::Stdio;

use serde_json::Value;

use crate::{SITE, command, events, fieldkey};

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn an_empty_journal_is_whole_and_exports_its_headings() {
    let home = home();
    let check = fieldkey(home.path(), &["history", "--check", "--json"]);
    assert_eq!(check.status.code(), Some(0));
    let [chain]: [Value; 1] = events(&check).try_into().expect("one line");
    assert_eq!((&chain["state"], &chain["entries"]), (&"whole".into(), &0.into()));
    let csv = fieldkey(home.path(), &["history", "--csv"]);
    let text = String::from_utf8(csv.stdout).expect("UTF-8");
    assert!(text.starts_with("\u{feff}entry,run,startedAt,") && text.ends_with(",steps\r\n"), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_journal_whose_head_is_gone_is_told_by_words_and_exit_status() {
    let home = home();
    assert_eq!(fieldkey(home.path(), &["history"]).status.code(), Some(0));
    let head = find(home.path(), "journal.head").expect("the journal began");
    std::fs::remove_file(head).expect("it goes");
    let check = fieldkey(home.path(), &["history", "--check"]);
    assert_eq!(check.status.code(), Some(1));
    let said = String::from_utf8(check.stdout).expect("UTF-8");
    assert!(said.contains("journal.head") && said.contains("None of the records"), "{said}");
}

#[test]
fn a_verify_that_finds_no_identity_is_recorded_with_its_folder() {
    let home = home();
    let (site, folder) = (home.path().join("site.json"), home.path().join("drive"));
    std::fs::write(&site, SITE).expect("writable");
    std::fs::create_dir(&folder).expect("writable");
    let [site, folder] = [site, folder].map(|path| path.display().to_string());
    let verify = fieldkey(home.path(), &["verify", "--site", &site, "--identity", &folder, "--json"]);
    assert_eq!(verify.status.code(), Some(5));
    let [run]: [Value; 1] = events(&fieldkey(home.path(), &["history", "--json"])).try_into().expect("one run");
    assert_eq!(run["run"], events(&verify)[0]["run"], "the one that the stream is of");
    assert_eq!((&run["job"], &run["outcome"], &run["step"]), (&"verify".into(), &"failed".into(), &"read".into()));
    assert_eq!((&run["code"], &run["target"]), (&"identity-invalid".into(), &format!("drive:{folder}").into()));
    assert_eq!(run["operator"], Value::Null, "nobody had to sign in");
}

#[cfg(target_os = "linux")]
#[test]
fn an_export_that_finds_no_room_is_not_taken_for_a_journal_that_cannot_be_read() {
    let home = home();
    for (locale, words) in
        [("C.UTF-8", "standard output (there is no room left)"), ("ja_JP.UTF-8", "標準出力 (空き容量がありません)")]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it takes nothing");
        let mut command = command(home.path(), &["history", "--csv"]);
        let export = command.env("LC_ALL", locale).stdout(full).stderr(Stdio::piped()).output();
        let export = export.expect("the command starts");
        let said = String::from_utf8_lossy(&export.stderr).into_owned();
        assert_eq!(export.status.code(), Some(2), "{said}");
        assert!(said.contains("[usage]") && said.contains(words), "{said}");
    }
}

#[test]
fn an_export_whose_reader_went_away_is_no_failure() {
    let home = home();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = command(home.path(), &["history", "--csv"]);
    let export = command.stdout(writer).stderr(Stdio::piped()).output().expect("the command starts");
    assert_eq!((export.status.code(), export.stderr.len()), (Some(0), 0), "{export:?}");
}

#[test]
fn a_file_in_the_place_of_the_journal_s_folder_is_named() {
    let home = home();
    std::fs::write(home.path().join("fieldkey"), "").expect("writable");
    let history = fieldkey(home.path(), &["history"]);
    let said = String::from_utf8_lossy(&history.stderr).into_owned();
    assert!(said.contains("(a file is where the journal's folder should be)"), "{said}");
    assert!(!history.status.success());
}

fn find(folder: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find_map(|path| if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) })
}
