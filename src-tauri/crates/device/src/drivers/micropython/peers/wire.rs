use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use fieldkey_simulators::{Fault, Faults};

use crate::serial::Wire;

/// So long nothing passes in a stall: longer than the patience of the runs at fault.
const STALL: Duration = Duration::from_millis(300);

/// How a board is started again in the middle of it all.
pub(in super::super) type Reboot = Box<dyn Fn() + Send>;

/// A cable to a board, which damages what passes.
pub(in super::super) struct Cable {
    board: UnixStream,
    reboot: Option<Reboot>,
    faults: VecDeque<(u64, Fault)>,
    /// To the board, and from it.
    passed: [u64; 2],
    cut: bool,
    gone: bool,
}

impl Cable {
    pub(in super::super) fn new(board: UnixStream, reboot: Option<Reboot>) -> Arc<Mutex<Self>> {
        let faults = VecDeque::new();
        Arc::new(Mutex::new(Self { board, reboot, faults, passed: [0; 2], cut: false, gone: false }))
    }

    pub(in super::super) fn fail(&mut self, faults: &Faults) {
        self.faults = faults.0.iter().copied().collect();
        self.passed = [0; 2];
    }

    /// As good as new.
    pub(in super::super) fn mend(&mut self) {
        (self.cut, self.gone) = (false, false);
        self.fail(&Faults::none());
        self.board.set_nonblocking(true).expect("socket");
        while matches!(self.board.read(&mut [0; 4096]), Ok(1..)) {}
        self.board.set_nonblocking(false).expect("socket");
    }

    pub(in super::super) fn passed(&self) -> u64 {
        self.passed.iter().sum()
    }

    fn damaged(&mut self, direction: usize, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        for byte in bytes {
            let passed = self.passed();
            self.passed[direction] += 1;
            let mut byte = Some(*byte);
            while let Some((_, fault)) = self.faults.front().copied().filter(|(at, _)| *at <= passed) {
                self.faults.pop_front();
                match fault {
                    Fault::Drop => byte = None,
                    Fault::Flip => byte = byte.map(|byte| byte ^ (1 << (passed % 8))),
                    Fault::Cut => self.cut = true,
                    Fault::Gone => self.gone = true,
                    Fault::Stall => sleep(STALL),
                    Fault::Reboot => {
                        if let Some(reboot) = &self.reboot {
                            reboot();
                        }
                        byte = None;
                    }
                }
            }
            out.extend(byte.filter(|_| !self.cut && !self.gone));
        }
        out
    }
}

/// The end in our hands.
pub(super) struct End(pub(super) Arc<Mutex<Cable>>);

impl Wire for End {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn send(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        let mut cable = self.0.lock().expect("cable");
        if cable.gone {
            return Err(ErrorKind::NotConnected.into());
        }
        let passed = cable.damaged(0, bytes);
        cable.board.write_all(&passed)?;
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        let mut cable = self.0.lock().expect("cable");
        loop {
            if cable.gone {
                return Err(ErrorKind::NotConnected.into());
            }
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_micros(50));
            cable.board.set_read_timeout(Some(left))?;
            let count = match cable.board.read(buffer) {
                Ok(0) => return Err(ErrorKind::NotConnected.into()),
                Ok(count) => count,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(0),
                Err(error) => return Err(error),
            };
            let passed = cable.damaged(1, &buffer[..count]);
            if !passed.is_empty() {
                buffer[..passed.len()].copy_from_slice(&passed);
                return Ok(passed.len());
            }
            if Instant::now() >= until {
                return Ok(0);
            }
        }
    }
}
