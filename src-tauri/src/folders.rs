//! Where the window keeps things, on each system in its place.

use std::path::PathBuf;

use directories::ProjectDirs;

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

pub(crate) fn logs() -> Option<PathBuf> {
    Some(data()?.join("logs"))
}
