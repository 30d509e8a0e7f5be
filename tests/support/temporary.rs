//! The tests' folders, which go with their process however that ends.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use tempfile::{Builder, TempDir};

use super::support;

pub(crate) fn folder(prefix: &str) -> TempDir {
    Builder::new().prefix(prefix).tempdir_in(root()).expect("a folder")
}

/// What all of them lie in. Nobody drops statics, and a test program may be killed: a process beside it removes this.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<(PathBuf, Child)> = OnceLock::new();
    let (root, _) = ROOT.get_or_init(|| {
        let root = Builder::new().prefix("fk-").tempdir().expect("a folder").keep();
        let mut removes = Command::new(support("leave_nothing.py"));
        removes.arg(&root).arg(std::process::id().to_string());
        // With one of ours it would keep whoever reads this program's output waiting.
        removes.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        (root, removes.spawn().expect("python3 runs"))
    });
    root
}
