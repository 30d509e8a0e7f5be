use super::*;

#[test]
fn a_program_outside_of_a_bundle_has_no_folder_that_could_be_exchanged() {
    let bundle = |program: &'static str| bundle_of(Path::new(program));
    assert_eq!(
        bundle("/Applications/Fieldkey.app/Contents/MacOS/fieldkey-window"),
        Some(Path::new("/Applications/Fieldkey.app"))
    );
    for other in
        ["/Users/mori/bin/fieldkey-window", "/Users/mori/x.app/fieldkey-window", "/Contents/MacOS/fieldkey-window"]
    {
        assert_eq!(bundle(other), None, "{other}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn another_s_image_is_not_taken_for_ours() {
    let own = |image, mounted: &str, program: &str| image_of(PathBuf::from(image), mounted.as_ref(), program.as_ref());
    let (mounted, program) = ("/tmp/.mount_FieldkXyz", "/tmp/.mount_FieldkXyz/usr/bin/fieldkey-window");
    assert_eq!(own("/home/mori/Fieldkey.AppImage", mounted, program), Some("/home/mori/Fieldkey.AppImage".into()));
    assert_eq!(own("/home/mori/Editor.AppImage", "/tmp/.mount_EditorAbc", "/usr/bin/fieldkey-window"), None);
    for nowhere in ["", "/", "tmp"] {
        assert_eq!(own("/home/mori/Editor.AppImage", nowhere, "/usr/bin/fieldkey-window"), None, "{nowhere:?}");
    }
    assert_eq!(own("Fieldkey.AppImage", mounted, program), None, "of which folder?");
}

#[cfg(target_os = "linux")]
#[test]
fn only_what_is_ours_in_a_folder_where_we_may_write_is_exchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("Fieldkey.AppImage");
    assert!(!may_exchange(&image), "it is not there");
    std::fs::write(&image, "old").expect("writable");
    assert!(may_exchange(&image));
    assert!(!may_exchange(Path::new("/proc/self/comm")), "nobody puts a file there");
    // Only an administrator can give something away.
    if std::os::unix::fs::chown(&image, Some(12_345), None).is_ok() {
        assert!(!may_exchange(&image), "somebody else's, though we may write beside it");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_new_image_takes_the_old_one_s_place_and_its_permissions() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("Fieldkey_1.0.0.AppImage");
    std::fs::write(&image, "old").expect("writable");
    std::fs::set_permissions(&image, std::fs::Permissions::from_mode(0o755)).expect("ours");
    replace(&image, b"new").expect("replaced");
    assert_eq!(std::fs::read(&image).expect("there"), b"new");
    assert_eq!(image.metadata().expect("there").permissions().mode() & 0o777, 0o755, "it can be started");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing lies about");
}
