//! What differs between the systems. Each module offers the same names.

mod aligned;
#[cfg(not(target_os = "linux"))]
mod polled;
#[cfg(unix)]
mod unix;
mod why;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as this;
#[cfg(target_os = "macos")]
use macos as this;
#[cfg(windows)]
use windows as this;

pub(crate) use this::{
    Changes, GONE, Place, Stop, changes, create_new, keep_mode, open_plain, read_only, read_past_cache, refusal,
    release, room, sync, sync_folder, volumes,
};

/// What the system says is free; `None` where it does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Room {
    pub(crate) bytes: Option<u64>,
    pub(crate) files: Option<u64>,
}
