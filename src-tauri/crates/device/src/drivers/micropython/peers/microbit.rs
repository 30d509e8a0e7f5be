use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Reboot;

/// Debian's own build: MicroPython 1.9.2 of 2017, without raw paste, `os.stat`, `os.rename` and `hashlib`.
const FIRMWARE: &str = "/usr/share/firmware-microbit-micropython/firmware.hex";

/// A micro:bit in QEMU. Ends with its owner.
pub(crate) struct MicroBit {
    process: Child,
    monitor: UnixStream,
}

impl MicroBit {
    /// One that was just switched on, with nothing on it, and its serial line. That has no speed: what comes too fast
    /// is lost.
    pub(crate) fn start() -> (Self, UnixStream) {
        let folder = tempfile::tempdir().expect("folder");
        let [serial, monitor] = ["serial", "monitor"].map(|name| folder.path().join(name));
        let listeners = [&serial, &monitor].map(|path| UnixListener::bind(path).expect("socket"));
        let mut qemu = Command::new("qemu-system-arm");
        qemu.args(["-M", "microbit", "-display", "none"]);
        qemu.arg("-device").arg(format!("loader,file={FIRMWARE}"));
        qemu.arg("-serial").arg(format!("unix:{}", serial.display()));
        qemu.arg("-monitor").arg(format!("unix:{}", monitor.display()));
        let process = qemu.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("qemu-system-arm");
        let [line, monitor] = listeners.map(|listener| listener.accept().expect("QEMU connects").0);
        let board = Self { process, monitor };
        let mut line = line;
        wait_for(&mut line, b">>> ");
        (board, line)
    }

    pub(crate) fn reboot(&self) -> Reboot {
        let monitor = self.monitor.try_clone().expect("socket");
        Box::new(move || (&monitor).write_all(b"system_reset\n").expect("monitor"))
    }
}

impl Drop for MicroBit {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An emulator on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait_for(line: &mut UnixStream, mark: &[u8]) {
    let end = Instant::now() + PATIENCE;
    line.set_read_timeout(Some(PATIENCE)).expect("timeout");
    let mut seen = vec![];
    while !seen.ends_with(mark) {
        assert!(Instant::now() < end, "{}", seen.escape_ascii());
        let mut byte = [0];
        line.read_exact(&mut byte).expect("the board starts");
        seen.extend(byte);
    }
}

/// Runs a statement in the raw REPL as simply as can be, a byte at a time: what it prints.
pub(crate) fn asked(line: &mut UnixStream, statement: &str) -> Vec<u8> {
    line.write_all(b"\x03\x01").expect("line");
    wait_for(line, b"raw REPL; CTRL-B to exit\r\n>");
    for byte in statement.bytes().chain([4]) {
        line.write_all(&[byte]).expect("line");
        std::thread::sleep(Duration::from_millis(1));
    }
    wait_for(line, b"OK");
    let mut printed = vec![];
    loop {
        let mut byte = [0];
        line.read_exact(&mut byte).expect("an answer");
        if byte == [4] {
            break;
        }
        printed.extend(byte);
    }
    wait_for(line, b"\x04>");
    line.write_all(b"\x02").expect("line");
    wait_for(line, b">>> ");
    printed
}
