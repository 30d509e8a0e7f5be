//! Devices on a serial line as targets.

#[cfg(test)]
pub(crate) mod fault_runs;
mod files;
mod find;
mod line;
mod plugged;
mod port;
mod session;
mod settings;
#[cfg(test)]
mod simulated;
mod slots;
mod target;
mod transaction;
mod wire;

pub(crate) use line::Line;
pub(crate) use plugged::Plugged;
pub(crate) use port::Setup;
pub(crate) use settings::Settings;
#[cfg(test)]
pub(crate) use simulated::SimulatedWire;
#[cfg(all(test, unix))]
pub(crate) use target::Connect;
pub(crate) use target::{MakeDriver, Serial};
pub(crate) use wire::Wire;

#[cfg(test)]
mod transaction_tests;
