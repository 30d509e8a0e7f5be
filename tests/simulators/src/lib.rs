//! Doubles of devices on a serial line: modems and boards whose firmware runs on nothing but their own chips.
//!
//! Each speaks its device's protocol byte by byte, as slowly and with as much noise as the real one does. They are
//! seeded: the same seed gives the same conversation. Time is simulated; [`Simulated`] moves it on, so a conversation of
//! half a minute takes milliseconds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unwrap_in_result)]

pub mod at;
mod chance;
mod faults;
#[cfg(unix)]
mod framed;
mod noise;
pub mod nrf91;
mod shell;
mod simulated;
#[cfg(unix)]
mod terminal;
mod traffic;
pub mod zephyr;

use std::collections::BTreeMap;
use std::time::Duration;

pub use chance::Chance;
pub use faults::{Fault, Faults};
#[cfg(unix)]
pub use framed::{Framed, Frames};
pub use simulated::Simulated;
#[cfg(unix)]
pub use terminal::Terminal;
pub use traffic::Traffic;

/// A device at the other end.
pub trait Device: Send {
    /// One byte came in.
    fn receive(&mut self, byte: u8, out: &mut Out);

    /// It lost its power for a moment, or was reset: what it had not stored is forgotten.
    fn reboot(&mut self, out: &mut Out);

    /// What it has stored, by its own account: names as the device gives them, and the bytes.
    fn stored(&self) -> BTreeMap<String, Vec<u8>>;

    /// It waits for bytes, and gives up when none comes for so long.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// It has given up.
    fn give_up(&mut self, _: &mut Out) {}

    /// Bits a second.
    fn baud(&self) -> u32 {
        115_200
    }
}

impl<D: Device + ?Sized> Device for Box<D> {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        (**self).receive(byte, out);
    }

    fn reboot(&mut self, out: &mut Out) {
        (**self).reboot(out);
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        (**self).stored()
    }

    fn patience(&self) -> Option<Duration> {
        (**self).patience()
    }

    fn give_up(&mut self, out: &mut Out) {
        (**self).give_up(out);
    }

    fn baud(&self) -> u32 {
        (**self).baud()
    }
}

/// What a device says, and how long it takes to say it.
#[derive(Default)]
pub struct Out {
    at: Duration,
    free: Duration,
    pub(crate) said: Vec<(Duration, Vec<u8>)>,
}

impl Out {
    /// `at`: when the byte comes in; `free`: until when the device is busy.
    pub fn new(at: Duration, free: Duration) -> Self {
        Self { at, free, said: vec![] }
    }

    /// When the byte came in, since the line was set up.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// When the device has said all that it was about to say before the byte came in. A byte that comes earlier meets a
    /// device that is busy.
    pub fn free(&self) -> Duration {
        self.free
    }

    /// All that it says, without its pauses.
    pub fn bytes(&self) -> Vec<u8> {
        self.said.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
    }

    /// At once.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.after(Duration::ZERO, bytes);
    }

    /// So long after what was said before. Until then the device does nothing else; what comes in meanwhile waits.
    pub fn after(&mut self, delay: Duration, bytes: impl AsRef<[u8]>) {
        self.said.push((delay, bytes.as_ref().to_vec()));
    }
}
