//! The calls of Windows that Fieldkey needs and no safe crate makes: what a volume is, which disk and which USB device
//! is below it, ejecting it, a console's echo. On other systems there is nothing in it.
//!
//! The only crate with `unsafe`. Each unsafe block is one call of Windows, with buffers whose size goes with them; what
//! comes back is read as plain bytes, with bounds. No rule of Fieldkey's is here.

#![cfg(windows)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod console;
mod control;
mod disk;
mod eject;
mod interfaces;
mod node;
mod usb;
mod volume;
mod wide;

pub use console::Echo;
pub use disk::{Disk, disks};
pub use eject::eject;
pub use interfaces::ports;
pub use node::Node;
pub use usb::Usb;
pub use volume::{Kind, Room, Volume, kind, root_of, roots};
