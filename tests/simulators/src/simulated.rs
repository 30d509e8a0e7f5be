use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use crate::{Device, Fault, Faults, Out, Traffic};

/// So long nothing passes in a stall.
const STALL: Duration = Duration::from_secs(3);

/// A device and the line to it, in simulated time. Each byte takes its time on the wire, in each direction.
pub struct Simulated<D> {
    pub device: D,
    began: Instant,
    now: Instant,
    /// When the wire to the device is free again.
    sent: Instant,
    /// When the device got its last byte.
    heard: Instant,
    /// What comes from the device, with when it is here.
    coming: VecDeque<(Instant, u8)>,
    /// When the device has said all that it was about to say.
    said: Instant,
    faults: VecDeque<(u64, Fault)>,
    log: Traffic,
    cut: bool,
    gone: bool,
}

impl<D: Device> Simulated<D> {
    pub fn new(device: D, faults: Faults) -> Self {
        let now = Instant::now();
        let faults = faults.0.into();
        Self {
            device,
            began: now,
            now,
            sent: now,
            heard: now,
            coming: VecDeque::new(),
            said: now,
            faults,
            log: Traffic::default(),
            cut: false,
            gone: false,
        }
    }

    /// From here on, these faults: their places count from now.
    pub fn fail(&mut self, faults: &Faults) {
        let passed: u64 = self.traffic().iter().sum();
        self.faults = faults.0.iter().map(|(at, fault)| (passed + at, *fault)).collect();
    }

    /// The cable is in order, and in its place; what was on its way is lost.
    pub fn mend(&mut self) {
        self.faults.clear();
        self.coming.clear();
        (self.cut, self.gone) = (false, false);
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// When the next byte from the device is here.
    pub fn next(&self) -> Option<Instant> {
        self.coming.front().map(|(at, _)| *at)
    }

    /// Bytes to the device and from it, so far.
    pub fn traffic(&self) -> [u64; 2] {
        self.log.bytes()
    }

    pub fn log(&self) -> &Traffic {
        &self.log
    }

    fn byte_time(&self) -> Duration {
        // Start, eight bits, stop.
        Duration::from_nanos(10_000_000_000 / u64::from(self.device.baud()))
    }

    /// Takes bytes for the device. They are on the wire for as long as their number takes; sending itself takes no time
    /// until 4096 bytes are waiting.
    ///
    /// # Errors
    /// `NotConnected` once the port is gone.
    pub fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        if self.gone {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let full = self.byte_time() * 4096;
        if self.sent > self.now + full {
            self.now = (self.sent - full).min(until);
            if self.now == until {
                return Ok(0);
            }
        }
        let count = bytes.len().min(1024);
        for byte in &bytes[..count] {
            let begun = self.sent.max(self.now);
            self.sent = begun + self.byte_time();
            self.log.passed(0, 1, begun, self.sent);
            let Some(byte) = self.damaged(*byte) else { continue };
            self.give_up(self.sent);
            let mut out = Out::new(self.sent - self.began, self.said - self.began);
            self.device.receive(byte, &mut out);
            self.speak(out, self.sent);
            self.heard = self.sent;
        }
        Ok(count)
    }

    /// Waits for bytes from the device, moving time on.
    ///
    /// # Errors
    /// `NotConnected` once the port is gone.
    pub fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        if self.gone {
            return Err(io::ErrorKind::NotConnected.into());
        }
        self.give_up(until);
        match self.coming.front() {
            Some((at, _)) if *at <= until => self.now = self.now.max(*at),
            _ => {
                self.now = self.now.max(until);
                return Ok(0);
            }
        }
        let mut count = 0;
        while let (Some(place), Some((at, byte))) = (buffer.get_mut(count), self.coming.front()) {
            if *at > self.now {
                break;
            }
            *place = *byte;
            count += 1;
            self.coming.pop_front();
        }
        Ok(count)
    }

    /// Has the device given up waiting by then?
    fn give_up(&mut self, by: Instant) {
        if let Some(patience) = self.device.patience()
            && self.heard + patience < by
        {
            let mut out = Out::default();
            self.device.give_up(&mut out);
            self.speak(out, self.heard + patience);
        }
    }

    fn speak(&mut self, out: Out, heard: Instant) {
        for (delay, bytes) in out.said {
            self.said = self.said.max(heard) + delay;
            for byte in bytes {
                let begun = self.said;
                self.said += self.byte_time();
                self.log.passed(1, 1, begun, self.said);
                if let Some(byte) = self.damaged(byte) {
                    self.coming.push_back((self.said, byte));
                }
            }
        }
    }

    fn damaged(&mut self, byte: u8) -> Option<u8> {
        let passed: u64 = self.traffic().iter().sum();
        let mut byte = Some(byte);
        while let Some((_, fault)) = self.faults.front().copied().filter(|(at, _)| *at < passed) {
            self.faults.pop_front();
            match fault {
                Fault::Drop => byte = None,
                Fault::Flip => byte = byte.map(|byte| byte ^ (1 << (passed % 8))),
                Fault::Cut => self.cut = true,
                Fault::Stall => self.said = self.said.max(self.now) + STALL,
                Fault::Gone => self.gone = true,
                Fault::Reboot => {
                    let mut out = Out::default();
                    self.device.reboot(&mut out);
                    self.coming.clear();
                    self.speak(out, self.now);
                    byte = None;
                }
            }
        }
        byte.filter(|_| !self.cut && !self.gone)
    }
}
