//! A real serial port as a wire: 8 bits, no parity, 1 stop bit.
//!
//! What happens to the control lines when a port is opened and closed:
//! - Linux and macOS raise DTR and RTS when it is opened, and lower them when it is closed (`hupcl`, which stays as it
//!   was found). Both are raised at once, which Espressif's boards take for no reset.
//! - Windows leaves them as the last program did; both are raised after opening, DTR last, so that a board with
//!   Espressif's circuit is not held in reset on the way.
//!
//! After that they change only through `control`. A run opens its port once, so that a board which starts anew at that
//! does so once.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use fieldkey_core::{Code, Failure, Why};
use serial2::{FlowControl, SerialPort};

use super::Wire;
use crate::{fault, platform};

/// What was sent last gets so much time to leave before the port is closed. Closing would wait 30 seconds for a device
/// that takes nothing.
const LAST: Duration = Duration::from_secs(1);

/// How a device wants to be spoken to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Setup {
    pub(crate) baud: u32,
    /// The lines RTS and CTS say who may send.
    pub(crate) rts_cts: bool,
}

impl Default for Setup {
    /// What most devices speak.
    fn default() -> Self {
        Self { baud: 115_200, rts_cts: false }
    }
}

/// An open port. Nobody else can open it until it is dropped.
pub(crate) struct Port {
    port: SerialPort,
    rts_cts: bool,
    sent: bool,
}

impl Port {
    /// # Errors
    /// `target-gone`, `port-busy`, `port-permission`; `target-refused` for what is no serial port, or does not take
    /// these settings.
    pub(crate) fn open(path: &Path, about: &str, setup: Setup) -> Result<Self, Failure> {
        if let Some(process) = platform::locked_by(path) {
            let why = Why::new(format!("the process {process} has it"), format!("プロセス {process} が使用しています"));
            return Err(Failure::new(Code::PortBusy).about(about).because_of(why));
        }
        let port = platform::open_port(path).map_err(|error| refused(path, about, &error))?;
        let mut port = Self { port, rts_cts: setup.rts_cts, sent: false };
        port.set_up(setup).map_err(|error| match fault::code(&error) {
            Code::TargetRefused => {
                let Setup { baud, rts_cts } = setup;
                let system = Why::of_system(&error);
                let why = Why::new(
                    format!("it does not take these settings (baud {baud}, RTS/CTS {rts_cts}): {}", system.en),
                    format!("この設定は使用できません (baud {baud}、RTS/CTS {rts_cts}): {}", system.ja),
                );
                Failure::new(Code::TargetRefused).about(about).because_of(why)
            }
            code => Failure::new(code).about(about).because_of(Why::of_system(&error)),
        })?;
        Ok(port)
    }

    fn set_up(&mut self, setup: Setup) -> io::Result<()> {
        // What was received before is nobody's answer; what another program left to be sent would be waited for.
        self.port.discard_buffers()?;
        let mut settings = self.port.get_configuration()?;
        settings.set_raw();
        settings.set_baud_rate(setup.baud)?;
        if setup.rts_cts {
            settings.set_flow_control(FlowControl::RtsCts);
        }
        self.port.set_configuration(&settings)?;
        if cfg!(windows) { self.raise_lines() } else { Ok(()) }
    }

    fn raise_lines(&mut self) -> io::Result<()> {
        // RTS is not ours to set where it says whether we can take more.
        let rts = if self.rts_cts { Ok(()) } else { self.port.set_rts(true) };
        for set in [rts, self.port.set_dtr(true)] {
            match set {
                Err(error) if !has_no_lines(&error) => return Err(gone(error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn refused(path: &Path, about: &str, error: &io::Error) -> Failure {
    let failure = |code| Failure::new(code).about(about);
    if platform::is_busy(error) {
        return failure(Code::PortBusy);
    }
    if platform::is_no_port(error) {
        return failure(Code::TargetRefused)
            .because_of(Why::new("it is no serial port", "シリアルポートではありません"));
    }
    match error.kind() {
        ErrorKind::PermissionDenied => {
            platform::port_permission(path).into_iter().fold(failure(Code::PortPermission), Failure::because_of)
        }
        _ => failure(fault::code(error)).because_of(Why::of_system(error)),
    }
}

impl Wire for Port {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        self.sent = true;
        wait(until, |port, within| port.set_write_timeout(within), &mut self.port, |port| port.write(bytes))
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        let read = |port: &mut SerialPort| match port.read(buffer) {
            // Nothing at once is the end: the other side has gone.
            Ok(0) => Err(ErrorKind::NotConnected.into()),
            other => other,
        };
        wait(until, |port, within| port.set_read_timeout(within), &mut self.port, read)
    }
}

/// Tries until something was done or the time is over.
fn wait(
    until: Instant,
    mut set_timeout: impl FnMut(&mut SerialPort, Duration) -> io::Result<()>,
    port: &mut SerialPort,
    mut act: impl FnMut(&mut SerialPort) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        // The system counts in milliseconds: rounded down, the last one would be spent asking over and over.
        let left = until.saturating_duration_since(Instant::now());
        set_timeout(port, Duration::from_millis(u64::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)))
            .map_err(gone)?;
        match act(port) {
            Ok(count) if count > 0 => return Ok(count),
            Ok(_) => {}
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                _ => return Err(gone(error)),
            },
        }
        if Instant::now() >= until {
            return Ok(0);
        }
    }
}

/// An open port fails when its device is gone; the systems have many words for that.
fn gone(error: io::Error) -> io::Error {
    let known = error.raw_os_error().is_some_and(|number| platform::GONE.contains(&number));
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            io::Error::new(ErrorKind::NotConnected, error)
        }
        _ if known => io::Error::new(ErrorKind::NotConnected, error),
        _ => error,
    }
}

fn has_no_lines(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|number| platform::NO_LINES.contains(&number))
}

impl Drop for Port {
    fn drop(&mut self) {
        if self.sent
            && let Ok(twin) = self.port.try_clone()
        {
            let (done, drained) = mpsc::channel();
            let drain = move || {
                let _ = twin.flush();
                // Before the word is given: with it goes the lock.
                drop(twin);
                let _ = done.send(());
            };
            let started = std::thread::Builder::new().name("drain".into()).spawn(drain).is_ok();
            if started && drained.recv_timeout(LAST).is_err() {
                let _ = self.port.discard_output_buffer();
                let _ = drained.recv_timeout(LAST);
            }
        }
        platform::unclaim(&self.port);
    }
}

#[cfg(all(test, target_os = "linux"))]
#[path = "port_tests.rs"]
pub(super) mod tests;
