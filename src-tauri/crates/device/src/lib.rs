//! Finding drives and serial ports, and writing credentials onto the devices behind them so that they survive being
//! unplugged.
//!
//! Knows no AWS and no window: it carries out `fieldkey_core`'s port `Target`. Where the platform
//! differs, `platform` has one module for each.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic, clippy::print_stderr)
)]

mod attached;
mod bootloader;
mod drive;
mod drivers;
mod fault;
mod layout;
mod offered;
mod open;
mod platform;
#[cfg(all(test, target_os = "linux"))]
mod sandbox;
mod serial;
mod shown;
mod suggestions;
mod usb;
mod watch;

pub use attached::{Attached, Kind, attached};
pub use drive::{Drive, identity};
pub use offered::{Driver, DriverSetting, Drivers, SettingKey};
pub use open::{Means, built_in_drivers, drivers, logs_in, open, own_drivers};
pub use watch::{Watch, watch};
