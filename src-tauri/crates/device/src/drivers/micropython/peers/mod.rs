//! Boards to write to: MicroPython itself, run here.

mod microbit;
mod mpremote;
mod unix_port;
mod wasm;
mod wire;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use fieldkey_core::Failure;

pub(crate) use self::microbit::MicroBit;
pub(super) use self::microbit::asked;
pub(crate) use self::mpremote::mpremote;
pub(crate) use self::unix_port::UnixPort;
pub(crate) use self::wasm::Board;
pub(super) use self::wire::{Cable, Reboot};
use super::patience::Patience;
use super::{MicroPython, NAME};
use crate::layout::Layout;
use crate::serial::{Connect, Serial, Settings, Wire};

/// The other end of a cable that is never pulled out for good.
struct Plug(Arc<Mutex<Cable>>);

impl Connect for Plug {
    fn connect(&self) -> Result<Box<dyn Wire>, Failure> {
        Ok(Box::new(wire::End(Arc::clone(&self.0))))
    }
}

/// The board as a target, with settings (`dir=/certs`).
pub(super) fn target(cable: &Arc<Mutex<Cable>>, settings: &str, patience: Patience) -> Serial {
    let settings: Vec<(String, String)> = settings
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let make = move |_: &mut _| {
        let mut settings = Settings::new(settings.iter().map(|(key, value)| (key.as_str(), value.as_str())))?;
        let driver = MicroPython::with_patience(&mut settings, patience)?;
        settings.none_left(NAME)?;
        Ok(Box::new(driver) as Box<_>)
    };
    Serial::new("serial:board".into(), Box::new(Plug(Arc::clone(cable))), Box::new(make), Layout::Drive, false)
}

pub(super) fn wire(cable: &Arc<Mutex<Cable>>) -> Box<dyn Wire> {
    Box::new(wire::End(Arc::clone(cable)))
}

/// A file or folder of the project, by its path from the root.
pub(crate) fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..").join(path)
}
