//! Where the window keeps things, on each system in its place.

use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Makes a folder that only its owner can look into. On Windows the user's profile folder sees to that.
pub(crate) fn private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn ours() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "fieldkey")
}

/// What is this computer's own: logs, crash reports, an unfinished bench.
pub(crate) fn data() -> Option<PathBuf> {
    Some(ours()?.data_local_dir().to_owned())
}

/// What a person chose.
pub(crate) fn settings() -> Option<PathBuf> {
    Some(ours()?.config_dir().to_owned())
}

/// A crash report.
pub(crate) fn crashes() -> Option<PathBuf> {
    Some(data()?.join("crashes"))
}

pub(crate) fn logs() -> Option<PathBuf> {
    Some(data()?.join("logs"))
}
