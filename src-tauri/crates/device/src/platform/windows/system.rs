//! What the running system lives on. Credentials never go there by mistake.

use std::path::{Path, PathBuf};

use fieldkey_core::Why;
use fieldkey_win32 as win32;

use super::super::why;
use super::{real, volumes};

/// What variables of the environment call folders that belong to the system or hold its users.
const SYSTEM: [&str; 6] = ["SystemRoot", "ProgramFiles", "ProgramFiles(x86)", "ProgramW6432", "ProgramData", "PUBLIC"];

/// Why a folder must not be written to, if so. `folder` is as `canonicalize` writes it.
pub(crate) fn refusal(folder: &Path) -> Option<Why> {
    // Home first: an administrator's may be a system folder as well.
    if std::env::home_dir().is_some_and(|home| real(&home) == folder) {
        return Some(why::home());
    }
    if reserved().any(|path| real(&path) == folder) {
        return Some(why::system_folder());
    }
    let root = win32::root_of(folder).ok().filter(|root| real(root) == folder)?;
    let disk = volumes::disk(&root)?;
    let home = std::env::home_dir().and_then(|home| win32::root_of(&home).ok());
    let needed = drive().into_iter().chain(home).find(|needed| volumes::disk(needed) == Some(disk))?;
    let needed = needed.display();
    Some(Why::new(
        format!("it is on disk {disk}, which holds {needed} of this computer"),
        format!("このパソコンの {needed} があるディスク {disk} 上にあります"),
    ))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

/// `C:\`
fn drive() -> Option<PathBuf> {
    let mut drive = std::env::var_os("SystemDrive")?;
    drive.push("\\");
    Some(drive.into())
}

fn reserved() -> impl Iterator<Item = PathBuf> {
    let system32 = variable("SystemRoot").map(|root| root.join("System32"));
    let users = variable("PUBLIC").and_then(|public| public.parent().map(Path::to_owned));
    let named = SYSTEM.iter().filter_map(|name| variable(name));
    drive().into_iter().chain(system32).chain(users).chain(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_s_folders_and_the_home_folder_are_refused_and_what_is_in_them_is_not() {
        let said = |path: &Path| refusal(&real(path)).map(|why| why.en);
        let [root, windows] = [drive().expect("one"), variable("SystemRoot").expect("one")];
        for folder in [&root, &windows, &windows.join("System32"), &variable("ProgramFiles").expect("one")] {
            assert_eq!(said(folder), Some(why::system_folder().en), "{folder:?}");
        }
        let home = std::env::home_dir().expect("a home");
        assert_eq!(said(&home), Some(why::home().en));
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(said(folder.path()), None, "a folder somewhere is its owner's business");
    }
}
