//! The call's help and mistakes, in the person's language.

use crate::command;

/// Status, standard output and standard error.
fn said(locale: &str, words: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().expect("a folder");
    let output = command(home.path(), words).env("LC_ALL", locale).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn help_is_in_the_person_s_language() {
    let (status, english, _) = said("C.UTF-8", &["enroll", "--help"]);
    assert_eq!(status, Some(0));
    assert!(english.contains("Usage: fieldkey enroll") && english.contains("Where the key is made"), "{english}");
    let (status, japanese, _) = said("ja_JP.UTF-8", &["enroll", "--help"]);
    assert_eq!(status, Some(0));
    assert!(japanese.contains("使い方: fieldkey enroll") && japanese.contains("鍵を作成する場所"), "{japanese}");
    let (_, page, _) = said("ja_JP.UTF-8", &["help", "site", "check"]);
    assert!(page.contains("使い方: fieldkey site check") && page.contains("サイトファイルの誤り"), "{page}");
    let (_, page, _) = said("ja_JP.UTF-8", &["--help"]);
    assert!(page.contains("コマンド:") && page.contains("デバイスに新しい証明書を発行し"), "{page}");
}

#[test]
fn a_mistake_is_a_line_and_what_to_do_in_the_person_s_language() {
    let (status, out, error) = said("ja_JP.UTF-8", &["targets", "--jsno"]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(error.contains("`--json` の誤りではありませんか?") && error.contains("[usage]"), "{error}");
    let (status, _, error) = said("C.UTF-8", &["targets", "--jsno"]);
    assert_eq!(status, Some(2));
    assert!(
        error.starts_with("✗ This cannot be done like that: --jsno (there is no such argument here; did you"),
        "{error}"
    );
}

#[test]
fn a_call_without_a_command_is_shown_what_there_is() {
    for (locale, heading) in [("C.UTF-8", "Commands:"), ("ja_JP.UTF-8", "コマンド:")] {
        let (status, out, error) = said(locale, &[]);
        assert_eq!((status, out.as_str()), (Some(2), ""));
        assert!(error.contains(heading), "{error}");
    }
}
