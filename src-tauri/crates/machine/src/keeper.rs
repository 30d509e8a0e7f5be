//! Who keeps the machine's folder: nobody else may be able to write to what counts.

use std::path::{Path, PathBuf};

use fieldkey_core::Why;

use crate::platform::{self, Owner};

/// Whose word counts, and up to which folder that is looked at.
#[derive(Debug)]
pub(crate) struct Keeper {
    owner: Owner,
    /// `None`: up to the root.
    up_to: Option<PathBuf>,
    /// Could a link in the place of one of the machine's folders be anybody's?
    doubts_links: bool,
}

impl Keeper {
    pub(crate) fn administrators() -> Self {
        Self { owner: Owner::administrators(), up_to: None, doubts_links: platform::ANYBODY_MAY_LINK }
    }

    pub(crate) fn whoever_runs_this(folder: &Path) -> Self {
        let up_to = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Self { owner: Owner::whoever_runs_this(), up_to: Some(up_to), doubts_links: false }
    }

    /// One of the machine's folders itself: whoever made a link in its place may have it lead elsewhere a moment later.
    pub(crate) fn alone_keeps(&self, folder: &Path) -> Result<(), Why> {
        if self.doubts_links && folder.is_symlink() {
            let folder = folder.display();
            return Err(Why::new(
                format!("`{folder}` is a link, and anybody could have made it; put a folder in its place"),
                format!("`{folder}` はリンクです。リンクは誰でも作成できるため、フォルダーに置き換えてください"),
            ));
        }
        self.alone_writes(folder)
    }

    /// Whoever may write to a folder may exchange what is in it, so those on the way are looked at, too; where a link
    /// leads, not the link.
    pub(crate) fn alone_writes(&self, path: &Path) -> Result<(), Why> {
        let real = path.canonicalize().map_err(|error| Why::of_system(&error))?;
        for part in real.ancestors() {
            platform::alone_writes(&self.owner, part)?;
            if self.up_to.as_deref() == Some(part) {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use fieldkey_core::{Code, Feature, Language};
    use tempfile::TempDir;

    use super::*;
    use crate::Machine;

    const SITE: &str = include_str!("../../cli/tests/files/site.json");

    /// A folder that an administrator filled, with links to it and to its sites in a place where anybody may make some.
    fn linked() -> TempDir {
        let there = tempfile::tempdir().expect("a folder");
        let (old, sites) = (there.path().join("old"), there.path().join("old/sites"));
        fs::create_dir_all(&sites).expect("writable");
        fs::write(sites.join("tokyo.json"), SITE).expect("writable");
        symlink(&old, there.path().join("link")).expect("writable");
        fs::create_dir(there.path().join("new")).expect("writable");
        symlink(&sites, there.path().join("new/sites")).expect("writable");
        there
    }

    fn machine(there: &TempDir, folder: &str, doubts_links: bool) -> (Machine, PathBuf) {
        let folder = there.path().join(folder);
        let up_to = there.path().canonicalize().ok();
        let keeper = Keeper { up_to, doubts_links, ..Keeper::whoever_runs_this(&folder) };
        (Machine::new(folder.clone(), keeper), folder.join("sites/tokyo.json"))
    }

    #[test]
    fn where_anybody_may_link_a_link_is_no_folder_of_the_machine() {
        let there = linked();
        let (machine, tokyo) = machine(&there, "link", true);
        assert_eq!(machine.rules().off(), Feature::ALL, "it may lead elsewhere as soon as a policy is there");
        let trouble = machine.rules().trouble().expect("said").message(Language::English);
        assert!(trouble.contains("is a link"), "{trouble}");
        assert_eq!(machine.allow_site(&tokyo).map_err(|failure| failure.code), Err(Code::SiteInvalid));
    }

    #[test]
    fn where_anybody_may_link_a_link_is_no_folder_of_sites() {
        let there = linked();
        let (machine, tokyo) = machine(&there, "new", true);
        assert_eq!(machine.rules().off(), [], "the folder itself is none");
        let refused = machine.allow_site(&tokyo).expect_err("it may lead elsewhere by the time that it is read");
        assert!(refused.code == Code::SiteInvalid && refused.reason.contains("is a link"), "{refused}");
        assert_eq!(machine.sites(), [tokyo], "it is shown, with why it is not opened");
    }

    #[test]
    fn where_administrators_alone_link_it_counts_where_a_link_leads() {
        let there = linked();
        for folder in ["link", "new", "old"] {
            let (machine, tokyo) = machine(&there, folder, false);
            assert_eq!(machine.rules().off(), [], "{folder}");
            assert_eq!(machine.allow_site(&tokyo), Ok(()), "{folder}");
        }
    }
}
