//! Serial ports with hardware behind them.

use std::path::Path;

use fieldkey_core::Code;
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::Machine;
use super::disks::{names, word};
use super::usb;
use crate::attached::SerialPort;

impl Machine {
    pub(super) fn ports(&self) -> Vec<SerialPort> {
        let consoles = word(&self.path("/sys/class/tty/console/active")).unwrap_or_default();
        let terminals = names(&self.path("/sys/class/tty"));
        let ports = terminals.into_iter().filter(|name| !consoles.split(' ').any(|console| console == name));
        ports.filter_map(|name| self.port(&name)).collect()
    }

    fn port(&self, name: &str) -> Option<SerialPort> {
        // A terminal without a device below it is a virtual one.
        let sys = self.path("/sys/class/tty").join(name);
        sys.join("device").exists().then_some(())?;
        let sys = sys.canonicalize().ok()?;
        let usb = usb::of(&sys);
        // Of the chips that a PC might have, the kernel makes ports before it looks: type 0 is none.
        if usb.is_none() && word(&sys.join("type")).is_none_or(|kind| kind == "0") {
            return None;
        }
        let path = format!("/dev/{}", name.replace('!', "/"));
        let node = self.path(&path);
        node.exists().then_some(())?;
        let label = usb::device_of(&sys).and_then(|device| word(&device.join("product")));
        let refused = if accessat(CWD, &node, Access::READ_OK | Access::WRITE_OK, AtFlags::EACCESS).is_err() {
            Some(Code::PortPermission)
        } else {
            self.locked_by(Path::new(&path)).map(|_| Code::PortBusy)
        };
        Some(SerialPort { path, label, usb, refused })
    }

    /// The process that has locked a port in the way that modem programs agreed on (UUCP, FHS 5.9): a file with its
    /// number, as text or as four bytes. The file of a process that is gone counts for nothing.
    pub(super) fn locked_by(&self, port: &Path) -> Option<u32> {
        let name = port.file_name()?.to_str()?;
        let lock = std::fs::read(self.path("/var/lock").join(format!("LCK..{name}"))).ok()?;
        let text = || std::str::from_utf8(&lock).ok()?.trim().parse().ok();
        let process = text().or_else(|| Some(u32::from_ne_bytes(lock.as_slice().try_into().ok()?)))?;
        let alive = self.path("/proc").join(process.to_string()).exists();
        (alive && process != std::process::id()).then_some(process)
    }
}

#[cfg(test)]
#[path = "ports_tests.rs"]
mod tests;
