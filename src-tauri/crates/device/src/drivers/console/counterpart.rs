//! Real shells behind a pseudo terminal, and a line to them that can be disturbed.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fieldkey_simulators::{Chance, Fault};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

use super::Console;
pub(crate) use super::files::Way;
use super::pace::Pace;
use super::shell::Shell;
use crate::serial::{Line, Settings, Wire};

/// The shells that embedded systems have.
pub(crate) const SHELLS: [&[&str]; 3] = [&["busybox", "ash"], &["dash", "-i"], &["bash", "--norc", "-i"]];

pub(crate) const ZMODEM: fn(Way) -> bool = |way| matches!(way, Way::Zmodem(_));
pub(crate) const BASE64: fn(Way) -> bool = |way| matches!(way, Way::Base64(_));
pub(crate) const PRINTF: fn(Way) -> bool = |way| way == Way::Printf;

/// A program on a terminal of its own. It ends with the test.
pub(crate) struct Board {
    child: Child,
    master: Arc<OwnedFd>,
    /// Its home. Credentials go to `keys` in there.
    pub(crate) home: TempDir,
    /// All that came out of it.
    pub(crate) heard: Arc<Mutex<Vec<u8>>>,
}

impl Board {
    pub(crate) fn start(program: &[&str]) -> Self {
        Self::with(program, &[])
    }

    pub(crate) fn with(program: &[&str], environment: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("folder");
        // A board of another test that had this end, too, would keep the line open for ever.
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("pty");
        grantpt(&master).expect("pty");
        unlockpt(&master).expect("pty");
        fcntl_setfl(&master, OFlags::NONBLOCK).expect("pty");
        let name = ptsname(&master, Vec::new()).expect("pty");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let terminal = rustix::fs::open(name.as_c_str(), flags, Mode::empty()).expect("pty");
        let end = || terminal.try_clone().expect("pty");
        let mut path = "/usr/sbin:/usr/bin:/sbin:/bin".to_owned();
        if program[0] == "busybox" {
            path = applets(&home.path().join(".bin"));
        }
        let child = Command::new("/usr/bin/setsid")
            .arg("--ctty")
            .args(program)
            .env_clear()
            .env("PATH", path)
            .env("HOME", home.path())
            .env("TERM", "vt100")
            .envs(environment.iter().copied())
            .current_dir(home.path())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("setsid");
        Self { child, master: Arc::new(master), home, heard: Arc::default() }
    }

    pub(crate) fn wire(&self) -> PtyWire {
        PtyWire { master: self.master.clone(), heard: self.heard.clone() }
    }

    /// Its end of the line.
    pub(crate) fn end(&self) -> OwnedFd {
        self.master.try_clone().expect("pty")
    }

    pub(crate) fn line(&self) -> Line {
        line(self.wire())
    }

    pub(crate) fn keys(&self) -> std::path::PathBuf {
        self.home.path().join("keys")
    }

    /// The driver for it, so many times as fast as usual.
    pub(crate) fn console(&self, times: u32, only: Option<fn(Way) -> bool>) -> Console {
        console(&self.keys(), times, only)
    }

    /// Waits until the program has ended.
    pub(crate) fn ended(&mut self, within: Duration) -> bool {
        let end = Instant::now() + within;
        loop {
            if self.child.try_wait().expect("child").is_some() {
                return true;
            }
            if Instant::now() >= end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A system that has busybox's programs, lrzsz's `rz`, and no others.
fn applets(folder: &Path) -> String {
    std::fs::create_dir(folder).expect("folder");
    let installed = Command::new("busybox").args(["--install", "-s"]).arg(folder).status().expect("busybox");
    assert!(installed.success(), "busybox installs its programs");
    for program in ["rz", "busybox"] {
        let link = folder.join(program);
        drop(std::fs::remove_file(&link));
        std::os::unix::fs::symlink(Path::new("/usr/bin").join(program), link).expect("link");
    }
    folder.to_str().expect("utf-8").to_owned()
}

pub(crate) fn console(folder: &Path, times: u32, only: Option<fn(Way) -> bool>) -> Console {
    let mut settings = Settings::new([("dir", folder.to_str().expect("utf-8"))]).expect("settings");
    let mut console = Console::new(&mut settings, None).expect("console");
    settings.none_left("console").expect("all taken");
    (console.only, console.shell) = (only, Shell::new(Pace::faster(times)));
    console
}

pub(crate) fn line(wire: impl Wire + 'static) -> Line {
    Line::new(Box::new(wire), "serial:/dev/ttyS0", Arc::new(AtomicBool::new(false)))
}

/// The cable.
pub(crate) struct PtyWire {
    master: Arc<OwnedFd>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl PtyWire {
    fn ready(&self, flags: PollFlags, until: Instant) -> io::Result<bool> {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).expect("time");
        Ok(poll(&mut [PollFd::new(&*self.master, flags)], Some(&left))? > 0)
    }
}

impl Wire for PtyWire {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        if !self.ready(PollFlags::OUT, until)? {
            return Ok(0);
        }
        match rustix::io::write(&*self.master, bytes) {
            Err(rustix::io::Errno::AGAIN) => {
                std::thread::sleep(Duration::from_millis(1));
                Ok(0)
            }
            result => Ok(result?),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        if !self.ready(PollFlags::IN, until)? {
            return Ok(0);
        }
        match rustix::io::read(&*self.master, &mut *buffer) {
            Ok(count) => {
                self.heard.lock().expect("heard").extend_from_slice(&buffer[..count]);
                Ok(count)
            }
            Err(rustix::io::Errno::AGAIN) => Ok(0),
            Err(_) => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// A line with noise: bytes damaged on the way, and the kernel's log in between.
pub(crate) struct Disturbed {
    pub(crate) wire: PtyWire,
    pub(crate) faults: VecDeque<(u64, Fault)>,
    pub(crate) stall: Duration,
    /// One byte in so many is followed by a line of the kernel's log.
    pub(crate) log: Option<(Chance, u64)>,
    passed: u64,
    cut: bool,
    gone: bool,
    stalled: Instant,
    /// Come, and not yet passed on.
    coming: VecDeque<u8>,
}

impl Disturbed {
    pub(crate) fn new(wire: PtyWire) -> Self {
        Self {
            wire,
            faults: VecDeque::new(),
            stall: Duration::ZERO,
            log: None,
            passed: 0,
            cut: false,
            gone: false,
            stalled: Instant::now(),
            coming: VecDeque::new(),
        }
    }

    fn passed(&mut self, byte: u8) -> Option<u8> {
        self.passed += 1;
        let mut byte = Some(byte);
        while let Some((_, fault)) = self.faults.front().copied().filter(|(at, _)| *at < self.passed) {
            self.faults.pop_front();
            match fault {
                Fault::Drop => byte = None,
                Fault::Flip => byte = byte.map(|byte| byte ^ (1 << (self.passed % 8))),
                Fault::Cut => self.cut = true,
                Fault::Stall => self.stalled = Instant::now() + self.stall,
                Fault::Gone | Fault::Reboot => self.gone = true,
            }
        }
        byte.filter(|_| !self.cut)
    }

    fn usable(&self) -> io::Result<()> {
        if self.gone { Err(io::ErrorKind::NotConnected.into()) } else { Ok(()) }
    }
}

impl Wire for Disturbed {
    fn now(&self) -> Instant {
        self.wire.now()
    }

    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        self.usable()?;
        if self.stalled > Instant::now() {
            std::thread::sleep(self.stalled.min(until).saturating_duration_since(Instant::now()));
            return Ok(0);
        }
        let damaged: Vec<u8> = bytes.iter().filter_map(|byte| self.passed(*byte)).collect();
        let mut rest = &damaged[..];
        while !rest.is_empty() && Instant::now() < until + Duration::from_secs(2) {
            let sent = self.wire.send(rest, until)?;
            rest = &rest[sent..];
        }
        Ok(bytes.len())
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        self.usable()?;
        let stalled = self.stalled.min(until).saturating_duration_since(Instant::now());
        if !stalled.is_zero() {
            std::thread::sleep(stalled);
            return Ok(0);
        }
        if self.coming.is_empty() {
            let count = self.wire.receive(buffer, until)?;
            for byte in &buffer[..count] {
                if let Some(byte) = self.passed(*byte) {
                    self.coming.push_back(byte);
                }
                if let Some((chance, one_in)) = &mut self.log
                    && chance.below(*one_in) == 0
                {
                    self.coming.extend(b"[   12.345678] usb 1-1: new high-speed USB device number 2\r\n");
                }
            }
            self.usable()?;
        }
        let count = buffer.len().min(self.coming.len());
        for (place, byte) in buffer.iter_mut().zip(self.coming.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}
