//! Linux, macOS.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fieldkey_core::Why;

#[cfg(target_os = "macos")]
const FOLDER: &str = "/Library/Application Support/Fieldkey";
#[cfg(not(target_os = "macos"))]
const FOLDER: &str = "/etc/fieldkey";

/// The folders above are root's.
pub(crate) const ANYBODY_MAY_LINK: bool = false;

const ROOT: u32 = 0;

pub(crate) fn folder() -> PathBuf {
    FOLDER.into()
}

/// Whom files must belong to, and who must not be able to write to them.
#[derive(Debug)]
pub(crate) struct Owner {
    user: u32,
    not_by: u32,
}

impl Owner {
    /// An access list that lets somebody write shows among the group's rights.
    pub(crate) fn administrators() -> Self {
        Self { user: ROOT, not_by: 0o022 }
    }

    /// Whose group is, on many systems, theirs alone.
    pub(crate) fn whoever_runs_this() -> Self {
        Self { user: rustix::process::geteuid().as_raw(), not_by: 0o002 }
    }
}

pub(crate) fn alone_writes(owner: &Owner, path: &Path) -> Result<(), Why> {
    let found = std::fs::metadata(path).map_err(|error| Why::of_system(&error))?;
    judge(owner, found.uid(), found.mode(), path)
}

fn judge(owner: &Owner, user: u32, mode: u32, path: &Path) -> Result<(), Why> {
    let path = path.display();
    // Root may write to everything anyway.
    if user != owner.user && user != ROOT {
        return Err(Why::new(
            format!("`{path}` does not belong to root; `chown root` it"),
            format!("`{path}` の所有者が root ではありません。`chown root` を実行してください"),
        ));
    }
    if mode & owner.not_by != 0 {
        return Err(Why::new(
            format!("others than root may write to `{path}`; `chmod go-w` it"),
            format!("root 以外も `{path}` に書き込めます。`chmod go-w` を実行してください"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_root(user: u32, mode: u32) -> Result<(), Why> {
        judge(&Owner::administrators(), user, mode, Path::new("/etc/fieldkey/policy.json"))
    }

    #[test]
    fn only_what_nobody_else_may_write_counts() {
        for mode in [0o644, 0o600, 0o755, 0o444] {
            assert_eq!(by_root(ROOT, mode), Ok(()), "{mode:o}");
        }
        for mode in [0o646, 0o666, 0o664, 0o620, 0o777, 0o1777] {
            let why = by_root(ROOT, mode).expect_err("others may write");
            assert!(why.en.contains("chmod go-w") && why.ja.contains("chmod go-w"), "{mode:o}: what to do: {why:?}");
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_does_not_count_whatever_its_mode() {
        assert!(by_root(1000, 0o400).is_err_and(|why| why.en.contains("chown root")));
    }

    #[test]
    fn the_folder_is_the_system_s_own() {
        assert!(folder().is_absolute(), "a relative one would be looked for in the operator's own");
    }
}
