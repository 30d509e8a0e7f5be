//! The simulators' line as a wire: a conversation with one takes no time.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use fieldkey_simulators::{Device, Simulated};

use super::Wire;

/// One end of a simulated line; the test keeps another handle to look at the device.
pub(crate) struct SimulatedWire<D>(pub(crate) Arc<Mutex<Simulated<D>>>);

impl<D: Device> Wire for SimulatedWire<D> {
    fn now(&self) -> Instant {
        self.0.lock().expect("line").now()
    }

    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        self.0.lock().expect("line").send(bytes, until)
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        self.0.lock().expect("line").receive(buffer, until)
    }
}
