//! Many devices on one bench: a batch of rows, which device belongs to which, and the runs side by side.
//!
//! [`Bench`] decides and knows no clock, no task and no device; [`Runner`] carries out what it decided.

mod arrivals;
mod batch;
mod csv;
mod device;
mod export;
mod import;
mod launch;
mod pace;
mod paced;
mod pairing;
mod ports;
mod row;
mod run;
mod runner;
mod saved;
mod scan;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod view;

pub use device::{Idle, Plugged, TargetKind};
pub use export::export;
pub use import::{Imported, RefusedLine, WhyRefused, decode};
pub use launch::Launch;
pub use ports::BenchPorts;
pub use row::{By, Row, RowState};
pub use runner::Runner;
pub use scan::{AfterScan, Scanned};
pub use settings::{Mode, Settings};
pub use state::{Bench, Pause};
pub use view::{Change, DeviceView, Head};

/// A batch has no more rows than a page shows smoothly.
pub const MOST_ROWS: usize = 1_000;
