//! What drivers speak through: a wire with a buffer, deadlines, and an end when nobody waits any more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::Wire;
use crate::fault;

/// So much is waited for at once, so that an interrupted run ends soon.
const SLICE: Duration = Duration::from_millis(100);

/// The longest answer that is kept while its end is waited for, in bytes. A device that babbles ends here.
const LONGEST: usize = 256 * 1024;

/// A conversation with one device. Whatever it says may be an echo of a private key, so all of it is zeroized.
pub(crate) struct Line {
    wire: Box<dyn Wire>,
    /// `serial:/dev/ttyUSB0`, for failures.
    about: String,
    stopped: Arc<AtomicBool>,
    /// Received and not yet taken.
    seen: Zeroizing<Vec<u8>>,
    /// Nobody may be waiting any more, and the device is not left half done.
    carrying_on: bool,
}

impl Line {
    pub(crate) fn new(wire: Box<dyn Wire>, about: impl Into<String>, stopped: Arc<AtomicBool>) -> Self {
        Self { wire, about: about.into(), stopped, seen: Zeroizing::new(Vec::with_capacity(4096)), carrying_on: false }
    }

    pub(crate) fn about(&self) -> &str {
        &self.about
    }

    /// The wire's clock. Drivers use no other.
    pub(crate) fn now(&self) -> Instant {
        self.wire.now()
    }

    /// A failure of this device.
    pub(crate) fn failure(&self, code: Code) -> Failure {
        Failure::new(code).about(&self.about)
    }

    /// `device-silent`, with what was waited for.
    pub(crate) fn silent(&self, why: Why) -> Failure {
        self.failure(Code::DeviceSilent).because_of(why)
    }

    /// From now on what was begun is carried to its end, whether or not somebody still waits.
    pub(crate) fn carry_on(&mut self) {
        self.carrying_on = true;
    }

    /// From now on the driver gives up when nobody waits any more.
    pub(crate) fn may_stop(&mut self) {
        self.carrying_on = false;
    }

    /// Sends everything.
    ///
    /// # Errors
    /// `target-gone`; `device-silent` when the device takes nothing for `within`.
    pub(crate) fn send(&mut self, bytes: &[u8], within: Duration) -> Result<(), Failure> {
        let mut rest = bytes;
        let mut until = self.now() + within;
        while !rest.is_empty() {
            self.go_on()?;
            let now = self.now();
            if now >= until {
                return Err(self.silent(Why::new("it takes no more bytes", "データを受け取らなくなりました")));
            }
            let taken = self.wire.send(rest, until.min(now + SLICE)).map_err(|error| self.fault(&error))?;
            if taken > 0 {
                rest = rest.get(taken..).unwrap_or_default();
                until = self.now() + within;
            }
        }
        Ok(())
    }

    /// Waits for bytes; false if none came within the time.
    pub(crate) fn wait(&mut self, until: Instant) -> Result<bool, Failure> {
        // Small: it is wiped each time, and a slow line gives a few bytes at once.
        let mut buffer = Zeroizing::new([0_u8; 256]);
        loop {
            self.go_on()?;
            let now = self.now();
            if now >= until {
                return Ok(false);
            }
            let end = until.min(now + SLICE);
            let read = self.wire.receive(buffer.as_mut_slice(), end).map_err(|error| self.fault(&error))?;
            if read > 0 {
                self.keep(buffer.get(..read).unwrap_or_default())?;
                return Ok(true);
            }
        }
    }

    /// What has been received and not yet taken.
    pub(crate) fn seen(&self) -> &[u8] {
        &self.seen
    }

    /// Takes bytes that were seen.
    pub(crate) fn take(&mut self, count: usize) -> Zeroizing<Vec<u8>> {
        let count = count.min(self.seen.len());
        let taken = Zeroizing::new(self.seen.get(..count).unwrap_or_default().to_vec());
        let rest = Zeroizing::new(self.seen.get(count..).unwrap_or_default().to_vec());
        self.seen = rest;
        taken
    }

    /// Waits until the mark has come, takes everything up to its end, and returns what came before it. `None` when the
    /// time is over; what came by then is still to be seen.
    pub(crate) fn until(&mut self, mark: &[u8], within: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let until = self.now() + within;
        loop {
            if let Some(place) = find(&self.seen, mark) {
                let before = self.take(place);
                self.take(mark.len());
                return Ok(Some(before));
            }
            if !self.wait(until)? {
                return Ok(None);
            }
        }
    }

    /// The next line, without its end (LF, or CR LF). `None` when the time is over.
    pub(crate) fn line(&mut self, within: Duration) -> Result<Option<Zeroizing<String>>, Failure> {
        let Some(found) = self.until(b"\n", within)? else { return Ok(None) };
        let text = Zeroizing::new(String::from_utf8_lossy(&found).into_owned());
        Ok(Some(Zeroizing::new(text.trim_end_matches('\r').to_owned())))
    }

    /// Exactly so many bytes, each at most `within` after the one before. `None` when they stop coming.
    pub(crate) fn exactly(&mut self, count: usize, within: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        while self.seen.len() < count {
            let until = self.now() + within;
            if !self.wait(until)? {
                return Ok(None);
            }
        }
        Ok(Some(self.take(count)))
    }

    /// Throws away what was seen, and what still comes until nothing has come for so long. At most for `limit`: a
    /// device that logs without end never pauses.
    pub(crate) fn hush(&mut self, quiet: Duration, limit: Duration) -> Result<(), Failure> {
        let end = self.now() + limit;
        loop {
            self.discard();
            let until = end.min(self.now() + quiet);
            if !self.wait(until)? {
                return Ok(());
            }
        }
    }

    pub(crate) fn discard(&mut self) {
        self.seen = Zeroizing::new(Vec::with_capacity(4096));
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut all = Zeroizing::new(Vec::with_capacity((self.seen.len() + bytes.len()).next_power_of_two()));
        if self.seen.len() + bytes.len() > self.seen.capacity() {
            all.extend_from_slice(&self.seen);
            self.seen = all;
        }
        self.seen.extend_from_slice(bytes);
        if self.seen.len() > LONGEST {
            let why = Why::new("it talks without end", "デバイスが際限なく出力しています");
            return Err(self.failure(Code::DeviceRejected).because_of(why));
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), Failure> {
        let stopped = !self.carrying_on && self.stopped.load(Ordering::Acquire);
        if stopped { Err(self.failure(Code::Interrupted)) } else { Ok(()) }
    }

    fn fault(&self, error: &io::Error) -> Failure {
        self.failure(fault::code(error)).because_of(Why::of_system(error))
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    (!mark.is_empty()).then(|| bytes.windows(mark.len()).position(|window| window == mark)).flatten()
}
