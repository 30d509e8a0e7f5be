//! The wire to a device: bytes, and a clock.

use std::io;
use std::time::Instant;

/// What a [`Line`](super::Line) speaks over.
pub(crate) trait Wire: Send {
    /// The wire's own clock: a simulated one runs as fast as it can.
    fn now(&self) -> Instant;

    /// Hands bytes over for sending. Returns how many were taken until then; none only when the time is over.
    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize>;

    /// Waits for bytes. Returns how many came; none only when the time is over.
    ///
    /// # Errors
    /// `NotConnected` when the device is gone.
    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize>;
}
