//! What a newer version takes the place of, and whether it is this account's to replace.

use std::path::{Path, PathBuf};

/// The file that an update replaces, or stands beside: of an AppImage the image, elsewhere the program.
///
/// None where that is not known. What a package manager put on Linux is not a place: it would not know.
#[cfg(target_os = "linux")]
pub(crate) fn own() -> Option<PathBuf> {
    image(std::env::var_os("APPIMAGE")?.into(), std::env::var_os("APPDIR")?.as_ref(), &std::env::current_exe().ok()?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn own() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// These variables are handed on to whatever an AppImage starts, a terminal say, and from there to us: then they name
/// somebody else's.
#[cfg(target_os = "linux")]
fn image(image: PathBuf, mounted: &Path, program: &Path) -> Option<PathBuf> {
    let inside = mounted.is_absolute() && mounted.parent().is_some() && program.starts_with(mounted);
    (inside && image.is_absolute()).then_some(image)
}

/// Can this account put another file beside it? What an administrator installed for everybody, it cannot.
pub(crate) fn is_ours(file: &Path) -> bool {
    // On macOS the program is a folder that is replaced as a whole.
    let whole = file.ancestors().find(|one| one.extension().is_some_and(|end| end == "app")).unwrap_or(file);
    whole.parent().is_some_and(|folder| tempfile::Builder::new().tempfile_in(folder).is_ok())
}

/// Puts a new image in the old one's place, whole or not at all. The old one, which runs, stays as long as it does.
#[cfg(target_os = "linux")]
pub(crate) fn replace(file: &Path, image: &[u8]) -> std::io::Result<()> {
    use std::io::Write;

    // Of a link, what it leads to.
    let file = file.canonicalize()?;
    let mut beside = crate::whole::beside(&file)?;
    beside.write_all(image)?;
    beside.as_file().set_permissions(std::fs::metadata(&file)?.permissions())?;
    crate::whole::persist(beside, &file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn another_s_image_is_not_taken_for_ours() {
        let own = |image, mounted: &str, program: &str| {
            super::image(PathBuf::from(image), mounted.as_ref(), program.as_ref())
        };
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
    fn a_new_image_takes_the_old_one_s_place_and_its_permissions() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let (image, link) = (folder.path().join("Fieldkey_1.0.0.AppImage"), folder.path().join("fieldkey"));
        std::fs::write(&image, "old").expect("writable");
        std::fs::set_permissions(&image, std::fs::Permissions::from_mode(0o755)).expect("ours");
        std::os::unix::fs::symlink(&image, &link).expect("a link");
        assert!(is_ours(&link));
        replace(&link, b"new").expect("replaced");
        assert_eq!(std::fs::read(&image).expect("there"), b"new");
        assert!(link.symlink_metadata().expect("there").is_symlink(), "what leads to it still does");
        assert_eq!(image.metadata().expect("there").permissions().mode() & 0o777, 0o755, "it can be started");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "nothing lies about");
    }

    #[test]
    fn what_lies_in_a_folder_that_cannot_be_written_is_not_ours() {
        assert!(!is_ours(Path::new("/proc/self/exe")));
        let bundle = tempfile::tempdir().expect("a folder");
        let inside = bundle.path().join("Fieldkey.app/Contents/MacOS/fieldkey-window");
        assert!(is_ours(&inside), "the folder that the whole program lies in counts");
    }
}
