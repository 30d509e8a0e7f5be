//! What differs between the systems. Each module offers the same names.

mod aligned;
mod looks;
#[cfg(any(test, target_os = "macos"))]
mod mac;
#[cfg(not(target_os = "linux"))]
mod polled;
#[cfg(target_os = "macos")]
mod ports;
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
    Changes, GONE, MACHINE_DRIVERS, NO_LINES, Place, Stop, changes, create_new, gave_up, is_busy, is_no_port,
    keep_mode, locked_by, mounted, open_plain, open_port, port_permission, ports, read_only, read_past_cache, refusal,
    release, room, set_mode, sync, sync_folder, unclaim, volumes,
};

/// What the system says is free; `None` where it does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Room {
    pub(crate) bytes: Option<u64>,
    pub(crate) files: Option<u64>,
}
