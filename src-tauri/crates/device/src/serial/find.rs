//! Finding a device on its serial port, and staying with it: ports' names are handed out anew whenever something is
//! plugged in.

use std::path::{Path, PathBuf};

use fieldkey_core::{Code, Failure, Why};

use super::port::{Port, Setup};
use crate::attached::SerialPort;
use crate::platform;
use crate::usb::{Usb, is_identity};

/// A device that was found, and by what it is known from now on.
#[derive(Clone, Debug)]
pub(crate) struct Pinned {
    given: String,
    path: String,
    pin: Pin,
}

/// What does not change while the device stays the same.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Pin {
    /// It may be plugged in anywhere.
    Identity(String),
    /// Its twin is attached, or it has no serial number: it must stay where it is.
    Socket { id: String, serial_number: Option<String>, interface: Option<u8>, socket: Option<String> },
    /// Nothing is known of it but its port.
    Path,
}

impl Pinned {
    /// Finds a device by its port, `/dev/ttyACM0`, `COM3`, or by itself, `1209:0001:SN-0042`.
    ///
    /// # Errors
    /// `target-gone`; `target-refused` where several answer to it.
    pub(crate) fn find(given: &str) -> Result<Self, Failure> {
        Self::among(given, &platform::ports())
    }

    /// The port where it was when it was last looked for.
    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.path)
    }

    /// Looks for the same device again, wherever it is now.
    ///
    /// # Errors
    /// `target-gone` if it is nowhere, though another device may be at its port.
    pub(crate) fn again(&self) -> Result<Self, Failure> {
        self.again_among(&platform::ports())
    }

    /// Opens the port that the device is at now.
    ///
    /// # Errors
    /// As `again`, and as `Port::open`.
    pub(crate) fn open(&self, setup: Setup) -> Result<Port, Failure> {
        let now = self.again()?;
        let port = Port::open(now.path(), &self.about(), setup)?;
        // Between the look and the opening there was time to exchange devices; an open port stays with its own.
        if self.again()?.path == now.path { Ok(port) } else { Err(self.gone(&replaced())) }
    }

    /// `serial:/dev/ttyACM0`, as it was named.
    pub(crate) fn about(&self) -> String {
        format!("serial:{}", self.given)
    }

    fn among(given: &str, ports: &[SerialPort]) -> Result<Self, Failure> {
        let pinned = |path: String, pin| Self { given: given.to_owned(), path, pin };
        if is_identity(given) {
            let is = |port: &&SerialPort| port.usb.as_ref().is_some_and(|usb| usb.is(given));
            let found: Vec<&SerialPort> = ports.iter().filter(is).collect();
            return match found.as_slice() {
                [] => Err(pinned(String::new(), Pin::Path).gone(&nowhere())),
                [port] => Ok(pinned(port.path.clone(), pin(port, ports))),
                several => {
                    let paths: Vec<&str> = several.iter().map(|port| port.path.as_str()).collect();
                    let failure = Failure::new(Code::TargetRefused).about(format!("serial:{given}"));
                    Err(failure.because_of(ambiguous(&paths.join(", "))))
                }
            };
        }
        let path = real(given);
        match ports.iter().find(|port| same_name(&port.path, &path)) {
            Some(port) => Ok(pinned(port.path.clone(), pin(port, ports))),
            // A program's terminal, or a port that the list leaves out. Windows shows ports to nobody but who opens them.
            None if cfg!(windows) || Path::new(&path).exists() => Ok(pinned(path, Pin::Path)),
            None => Err(pinned(path, Pin::Path).gone(&unplugged())),
        }
    }

    fn again_among(&self, ports: &[SerialPort]) -> Result<Self, Failure> {
        let here = ports.iter().find(|port| same_name(&port.path, &self.path));
        let is = |port: &&SerialPort| match (&self.pin, &port.usb) {
            (Pin::Identity(identity), Some(usb)) => usb.is(identity),
            (Pin::Socket { .. }, Some(usb)) => self.pin == at_socket(usb),
            (Pin::Path, usb) => usb.is_none() && same_name(&port.path, &self.path),
            (_, None) => false,
        };
        let found: Vec<&SerialPort> = ports.iter().filter(is).collect();
        let found = match found.as_slice() {
            // Unlisted then, unlisted now.
            [] if self.pin == Pin::Path && here.is_none() && (cfg!(windows) || self.path().exists()) => {
                return Ok(self.clone());
            }
            [] => return Err(self.gone(&if here.is_some() { replaced() } else { unplugged() })),
            [port] => port,
            // A twin has come: the one that has not moved is meant.
            several => match several.iter().find(|port| same_name(&port.path, &self.path)) {
                Some(port) => port,
                None => return Err(self.gone(&twins())),
            },
        };
        Ok(Self { path: found.path.clone(), ..self.clone() })
    }

    fn gone(&self, why: &Why) -> Failure {
        Failure::new(Code::TargetGone).about(self.about()).because_of(why.clone())
    }
}

/// By what a device is to be known among those attached.
fn pin(port: &SerialPort, ports: &[SerialPort]) -> Pin {
    let Some(usb) = &port.usb else { return Pin::Path };
    let identity = usb.identity();
    let others = ports.iter().filter(|other| other.usb.as_ref().and_then(Usb::identity) == identity);
    match identity.clone() {
        Some(identity) if others.count() == 1 => Pin::Identity(identity),
        _ => at_socket(usb),
    }
}

fn at_socket(usb: &Usb) -> Pin {
    Pin::Socket {
        id: usb.id(),
        serial_number: usb.serial_number.clone(),
        interface: usb.interface,
        socket: usb.socket.clone(),
    }
}

/// The port itself, behind a link like `/dev/serial/by-id/…`. Of the two names that macOS has for a port, the one that
/// waits for nobody.
fn real(given: &str) -> String {
    let path = std::fs::canonicalize(given).unwrap_or_else(|_| PathBuf::from(given));
    let path = if cfg!(windows) { given.to_owned() } else { path.to_string_lossy().into_owned() };
    match path.strip_prefix("/dev/tty.") {
        Some(name) if cfg!(target_os = "macos") => format!("/dev/cu.{name}"),
        _ => path,
    }
}

fn same_name(one: &str, other: &str) -> bool {
    if cfg!(windows) { one.eq_ignore_ascii_case(other) } else { one == other }
}

fn nowhere() -> Why {
    Why::new("no device of this identity is attached", "この識別子のデバイスは接続されていません")
}

fn unplugged() -> Why {
    Why::new("the device is not plugged in", "デバイスが接続されていません")
}

fn replaced() -> Why {
    Why::new("another device is on that port now", "そのポートには別のデバイスが接続されています")
}

fn twins() -> Why {
    Why::new("two devices answer to it now, on other ports", "同じ識別子のデバイスが別のポートに 2 台あります")
}

fn ambiguous(paths: &str) -> Why {
    Why::new(format!("several ports answer to it: {paths}"), format!("該当するポートが複数あります: {paths}"))
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
