//! What a newer version takes the place of, where that is this account's own: what a package manager or an
//! administrator installed, they renew.

use std::path::{Path, PathBuf};

/// On Linux the AppImage that runs.
#[cfg(target_os = "linux")]
pub(crate) fn own() -> Option<PathBuf> {
    let image = std::env::var_os("APPIMAGE")?.into();
    // The program's own path is without links.
    let mounted = Path::new(&std::env::var_os("APPDIR")?).canonicalize().ok()?;
    let image = image_of(image, &mounted, &std::env::current_exe().ok()?)?.canonicalize().ok()?;
    may_exchange(&image).then_some(image)
}

/// The program in the bundle that is exchanged as a whole. Without one, the updater would take the folder for it.
#[cfg(target_os = "macos")]
pub(crate) fn own() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.canonicalize().ok()?;
    may_exchange(bundle_of(&program)?).then_some(program)
}

/// The program where the installer for one account put it: it renews no other.
#[cfg(windows)]
pub(crate) fn own() -> Option<PathBuf> {
    let installed = winreg::RegKey::predef(winreg::enums::HKEY_CURRENT_USER)
        .open_subkey(r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Fieldkey")
        .and_then(|key| key.get_value::<String, _>("InstallLocation"))
        .ok()?;
    let program = std::env::current_exe().ok()?;
    let folder = |path: &Path| path.canonicalize().ok();
    (folder(program.parent()?)? == folder(Path::new(&installed))?).then_some(program)
}

/// These variables are handed on to whatever an AppImage starts, a terminal say, and from there to us: then they name
/// somebody else's.
#[cfg(target_os = "linux")]
fn image_of(image: PathBuf, mounted: &Path, program: &Path) -> Option<PathBuf> {
    let inside = mounted.is_absolute() && mounted.parent().is_some() && program.starts_with(mounted);
    (inside && image.is_absolute()).then_some(image)
}

/// `X.app` of `X.app/Contents/MacOS/program`.
#[cfg(any(target_os = "macos", test))]
fn bundle_of(program: &Path) -> Option<&Path> {
    let contents = program.parent().filter(|folder| folder.ends_with("Contents/MacOS"))?.parent()?;
    contents.parent().filter(|bundle| bundle.extension().is_some_and(|end| end == "app"))
}

/// It is this account's, and so is putting another one there. A folder may be writable, as `/Applications` is to a Mac's
/// administrators, though what lies in it was rolled out.
#[cfg(unix)]
fn may_exchange(own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{Access, access};

    let ours = own.metadata().is_ok_and(|own| own.uid() == rustix::process::geteuid().as_raw());
    ours && own.parent().is_some_and(|folder| access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok())
}

/// Puts a new image in the old one's place, whole or not at all. The old one, which runs, stays as long as it does.
#[cfg(target_os = "linux")]
pub(crate) fn replace(file: &Path, image: &[u8]) -> std::io::Result<()> {
    use std::io::Write;

    let mut beside = crate::whole::beside(file)?;
    beside.write_all(image)?;
    beside.as_file().set_permissions(std::fs::metadata(file)?.permissions())?;
    crate::whole::persist(beside, file)
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
