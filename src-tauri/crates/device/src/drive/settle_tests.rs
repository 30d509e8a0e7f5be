//! What goes when an identity is proved, and what is nobody's to remove.

use std::fs;

use super::identity_tests::{NEW, OLD, elsewhere, lay_claim, parts, put, seen, snapshot, sorted};
use super::tests::{drive, names};
use super::*;
use crate::layout::tests::identity as made;
use crate::layout::{CERTIFICATE, IDENTITY, PRIVATE_KEY, SETTINGS};

const ASIDE: &str = ".fieldkey-0101010101.replaced.tmp";

#[tokio::test]
async fn settings_of_somebody_else_stay() {
    for settings in [r#"{"ssid":"plant-7"}"#, r#"{"version":1,"expires":"2020-01-01T00:00:00Z"}"#, "{", ""] {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join(SETTINGS), settings).expect("file");
        drive(folder.path()).check(Kind::Identity, false).await.expect("nothing is overwritten");
        put(folder.path(), made(1)).await.settle().await.expect("settled");
        assert_eq!(fs::read_to_string(folder.path().join(SETTINGS)).expect("theirs"), settings);
    }
}

#[tokio::test]
async fn a_claim_without_settings_of_ours_stays() {
    let folder = tempfile::tempdir().expect("folder");
    let claim = [CERTIFICATE, PRIVATE_KEY];
    for name in claim {
        fs::write(folder.path().join(name), "a factory's").expect("file");
    }
    put(folder.path(), made(1)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(OLD.into_iter().chain(claim)), "it may live for years");
}

#[tokio::test]
async fn of_a_claim_only_what_it_was_written_with_goes() {
    let folder = tempfile::tempdir().expect("folder");
    lay_claim(folder.path(), -60);
    fs::write(folder.path().join(PRIVATE_KEY), "another one by now").expect("file");
    put(folder.path(), made(1)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(OLD.into_iter().chain([PRIVATE_KEY])));
}

#[tokio::test]
async fn the_keys_of_runs_that_nobody_proved_go_with_the_next_one_that_is() {
    let folder = tempfile::tempdir().expect("folder");
    for number in 1..4 {
        drop(put(folder.path(), elsewhere(number)).await);
    }
    assert!(names(folder.path()).iter().any(|name| name == ASIDE), "two runs later still");
    let before = snapshot(folder.path());
    put(folder.path(), made(4)).await.withdraw().await.expect("withdrawn");
    assert_eq!(snapshot(folder.path()).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(seen(folder.path()).await, Some(parts(&elsewhere(3))));
    put(folder.path(), made(2)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(NEW), "one of those replaced is in force again, the others are gone");
    assert_eq!(seen(folder.path()).await, Some(parts(&made(2))));
}

#[tokio::test]
async fn a_run_that_was_killed_before_it_was_proved_leaves_word_of_the_old_key() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let [record, key] = [IDENTITY, OLD[1]].map(|name| fs::read(folder.path().join(name)).expect("file"));
    put(folder.path(), made(2)).await.settle().await.expect("settled");
    // As the run had left them: the old key, and the copy of the old record under its temporary name.
    fs::write(folder.path().join(OLD[1]), key).expect("file");
    fs::write(folder.path().join(".fieldkey-identity.json.old.tmp"), record).expect("file");
    drive(folder.path()).check(Kind::Identity, true).await.expect("swept");
    assert!(names(folder.path()).iter().any(|name| name == ASIDE), "{:?}", names(folder.path()));
    put(folder.path(), made(3)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()).len(), 4, "no key of the first one: {:?}", names(folder.path()));
}

#[tokio::test]
async fn a_record_put_aside_by_somebody_else_takes_no_key() {
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let record = fs::read(folder.path().join(IDENTITY)).expect("record");
    for name in OLD {
        fs::remove_file(folder.path().join(name)).expect("file");
    }
    fs::write(folder.path().join(ASIDE), record).expect("record");
    fs::write(folder.path().join(OLD[1]), "another key").expect("file");
    put(folder.path(), made(2)).await.settle().await.expect("settled");
    assert_eq!(names(folder.path()), sorted(NEW.into_iter().chain([OLD[1]])), "it is not what the record says of it");
    drive(folder.path()).check(Kind::Identity, true).await.expect("swept");
}

#[tokio::test]
async fn an_identity_that_came_into_force_while_another_was_written_is_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let found = Folder::find(folder.path()).expect("folder");
    let files = Layout::Drive.files(&About::of(&Bundle::Identity(made(2))));
    ready(&found, &Layout::Drive, Kind::Identity, &files, false).expect("empty");
    put(folder.path(), made(1)).await.settle().await.expect("another Fieldkey was quicker");
    let before = snapshot(folder.path());
    let contents = Layout::Drive.contents(&Bundle::Identity(made(2))).expect("contents");
    let coming = staged::Coming { layout: &Layout::Drive, kind: Kind::Identity, files: &files, contents: &contents };
    let failure = staged::write(found, &coming, false).err().expect("it is there");
    assert_eq!(failure.code, Code::IdentityPresent);
    assert_eq!(snapshot(folder.path()), before);
}

#[tokio::test]
async fn a_folder_with_a_temporary_name_is_named_only_if_it_is_in_the_way() {
    let folder = tempfile::tempdir().expect("folder");
    let [aside, in_the_way] = ["x", IDENTITY].map(|name| folder.path().join(format!(".fieldkey-{name}.tmp")));
    fs::create_dir(&aside).expect("folder");
    put(folder.path(), made(1)).await.settle().await.expect("it is in nobody's way");
    assert!(aside.exists());
    fs::create_dir(&in_the_way).expect("folder");
    let failure = drive(folder.path()).check(Kind::Identity, true).await.expect_err("in the way");
    assert_eq!((failure.code, failure.about), (Code::TargetRefused, in_the_way.display().to_string()));
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_given_back_has_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    drop(put(folder.path(), made(1)).await);
    let modes = [(OLD[2], 0o644), (IDENTITY, 0o440)];
    for (name, mode) in modes {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).expect("mode");
    }
    put(folder.path(), elsewhere(2)).await.withdraw().await.expect("withdrawn");
    for (name, mode) in modes {
        let is = fs::metadata(folder.path().join(name)).expect("file").permissions().mode();
        assert_eq!(is & 0o777, mode, "{name}");
    }
}
