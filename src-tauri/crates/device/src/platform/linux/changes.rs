//! The kernel's word that a mount, a disk or a serial port came or went.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;
use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};

use crate::platform::looks::Looks;

/// How long to wait where the kernel offers no word: then it is a look now and then.
const ELSE: Duration = Duration::from_secs(2);

/// Who speaks: the kernel, when something comes; udev, once it has given it its owner.
const GROUPS: u32 = 0b11;

/// What is listened to. Both write it into their messages so, with a NUL behind it.
const SUBSYSTEMS: [&[u8]; 2] = [b"SUBSYSTEM=tty\0", b"SUBSYSTEM=block\0"];

pub(crate) struct Changes {
    mounts: Option<File>,
    devices: Option<OwnedFd>,
    stop: Option<Arc<OwnedFd>>,
    looks: Looks,
}

pub(crate) struct Stop(Option<Arc<OwnedFd>>);

pub(crate) fn changes() -> (Changes, Stop) {
    let mounts = File::open("/proc/self/mountinfo").ok();
    let devices = listen().inspect_err(|error| tracing::debug!(%error, "the kernel does not tell of devices")).ok();
    let stop = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok().map(Arc::new);
    (Changes { mounts, devices, stop: stop.clone(), looks: Looks::default() }, Stop(stop))
}

/// Whoever sends here can do no more than have us look.
fn listen() -> rustix::io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT))?;
    bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    Ok(socket)
}

impl Changes {
    /// Returns when it is worth looking again, or at once when stopped.
    pub(crate) fn wait(&mut self) {
        loop {
            let now = Instant::now();
            let blind = self.mounts.is_none() || self.devices.is_none() || self.stop.is_none();
            let within = self.looks.next(now).or(blind.then_some(ELSE));
            let ready = match self.poll(within) {
                Err(Errno::INTR) => continue,
                Ok(ready) => ready,
                Err(error) => {
                    tracing::warn!(%error, "devices are looked at now and then");
                    std::thread::sleep(ELSE);
                    return;
                }
            };
            let now = Instant::now();
            if ready.devices && self.heard() {
                self.looks.nudge(now);
                return;
            }
            // Devices of other kinds come and go as well.
            if ready.other || !ready.devices {
                self.looks.taken(now);
                return;
            }
        }
    }

    fn poll(&self, within: Option<Duration>) -> rustix::io::Result<Ready> {
        // The table is never readable in the usual sense: a change is exceptional data.
        let mounts = self.mounts.as_ref().map(|table| PollFd::new(table, PollFlags::PRI));
        let stop = self.stop.as_deref().map(|stop| PollFd::new(stop, PollFlags::IN));
        let devices = self.devices.as_ref().map(|socket| PollFd::new(socket, PollFlags::IN));
        let others = mounts.iter().len() + stop.iter().len();
        let mut files: Vec<PollFd<'_>> = mounts.into_iter().chain(stop).chain(devices).collect();
        let within = within.and_then(|within| Timespec::try_from(within).ok());
        poll(&mut files, within.as_ref())?;
        let ready = |files: &[PollFd<'_>]| files.iter().any(|file| !file.revents().is_empty());
        let (others, devices) = files.split_at(others.min(files.len()));
        Ok(Ready { other: ready(others), devices: ready(devices) })
    }

    /// Takes all messages. Was one of them about a disk or a serial port?
    fn heard(&mut self) -> bool {
        let Some(socket) = &self.devices else { return false };
        let (mut heard, mut message) = (false, [0_u8; 8192]);
        loop {
            match recv(socket, &mut message[..], RecvFlags::empty()) {
                Ok((length, _)) => {
                    heard |= concerns(message.get(..length).unwrap_or_default());
                }
                // More was said than there was room for: it may have been about anything.
                Err(Errno::NOBUFS) => heard = true,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return heard,
                Err(error) => {
                    tracing::debug!(%error, "the kernel tells no more of devices");
                    self.devices = None;
                    return true;
                }
            }
        }
    }
}

/// Is a message about a disk or a serial port?
fn concerns(message: &[u8]) -> bool {
    SUBSYSTEMS.iter().any(|name| message.windows(name.len()).any(|part| part == *name))
}

struct Ready {
    other: bool,
    devices: bool,
}

impl Stop {
    pub(crate) fn stop(&self) {
        if let Some(stop) = &self.0 {
            // Full is as good: then it was stopped before.
            let _ = rustix::io::write(stop, &1_u64.to_ne_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox;

    #[test]
    fn a_mount_ends_the_wait_and_so_does_a_stop() {
        let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
        let (mut changes, stop) = changes();
        // Other tests plug and unplug disks.
        changes.devices = None;
        let inner = folder.join("inner");
        std::fs::create_dir(&inner).expect("folder");
        let waiting = std::thread::spawn(move || {
            changes.wait();
            let changed = Instant::now();
            changes.wait();
            (changed, Instant::now())
        });
        std::thread::sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished(), "nothing has happened yet");
        let mounting = Instant::now();
        sandbox::run("mount", &["-t", "tmpfs", "none"], &inner);
        std::thread::sleep(Duration::from_millis(500));
        assert!(!waiting.is_finished(), "one change ends one wait");
        let stopping = Instant::now();
        stop.stop();
        let (changed, stopped) = waiting.join().expect("thread");
        assert!(changed - mounting < Duration::from_millis(500), "{:?}", changed - mounting);
        assert!(stopped - stopping < Duration::from_millis(500), "{:?}", stopped - stopping);
    }

    #[test]
    fn the_kernel_s_word_of_a_port_ends_the_wait_and_some_more_looks_follow() {
        let (mut changes, _stop) = changes();
        // Has the kernel say once more that this terminal was plugged in.
        if changes.devices.is_none() || std::fs::write("/sys/class/tty/tty/uevent", "change").is_err() {
            eprintln!("SKIPPED: this machine does not let us speak for its devices");
            return;
        }
        let start = Instant::now();
        changes.wait();
        assert!(start.elapsed() < Duration::from_millis(200), "at once: {:?}", start.elapsed());
        changes.wait();
        assert!(start.elapsed() < Duration::from_millis(700), "and soon again: {:?}", start.elapsed());
    }

    #[test]
    fn disks_and_ports_are_told_from_other_devices() {
        let kernel =
            |name: &str| format!("add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM={name}\0SEQNUM=1\0");
        let udev = |name: &str| format!("libudev\0\u{1}\u{2}\0ACTION=bind\0SUBSYSTEM={name}\0");
        for name in ["tty", "block"] {
            assert!(concerns(kernel(name).as_bytes()) && concerns(udev(name).as_bytes()), "{name}");
        }
        for name in ["usb", "bdi", "ttyx", "net"] {
            assert!(!concerns(kernel(name).as_bytes()) && !concerns(udev(name).as_bytes()), "{name}");
        }
    }
}
