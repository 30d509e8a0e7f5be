//! Where the machine's folder is, and who may write there.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{ANYBODY_MAY_LINK, Owner, alone_writes, folder};
#[cfg(windows)]
pub(crate) use windows::{ANYBODY_MAY_LINK, Owner, alone_writes, folder};
