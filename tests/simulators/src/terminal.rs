//! A device behind a pseudo-terminal, in real time, for programs that open a port by its name.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::{Device, Simulated, Traffic};

/// Nobody waits longer without looking whether all is over.
const TICK: Duration = Duration::from_millis(20);

/// A byte at 115200 baud: start, eight bits, stop.
const BYTE: Duration = Duration::from_nanos(86_806);

/// So many at once: no device notices 0.7 ms.
const BURST: usize = 8;

/// A port with a device behind it. What passes takes its time on the wire. The port stays while one end is open: clients
/// may come and go.
pub struct Terminal {
    pub path: PathBuf,
    traffic: Box<dyn Fn() -> Traffic + Send + Sync>,
    over: Arc<AtomicBool>,
    _theirs: File,
}

impl Terminal {
    /// A simulated device, whose line has its own pace. Both have it: whoever locks it holds up the line.
    pub fn simulated<D: Device + 'static>(device: Arc<Mutex<Simulated<D>>>) -> Self {
        let (ours, path, theirs) = pty();
        let over = Arc::<AtomicBool>::default();
        let (line, end) = (Arc::clone(&device), Arc::clone(&over));
        std::thread::spawn(move || simulate(&ours, &line, &end));
        let traffic = move || device.lock().expect("line").log().clone();
        Self { path, traffic: Box::new(traffic), over, _theirs: theirs }
    }

    /// A device at the other end of a socket or of another terminal, at 115200 baud.
    pub fn paced(device: impl Into<OwnedFd>) -> Self {
        let (ours, path, theirs) = pty();
        let ends = [Arc::new(ours), Arc::new(device.into())];
        let (over, log) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Traffic>>::default());
        for way in [0, 1] {
            let (from, to) = (Arc::clone(&ends[way]), Arc::clone(&ends[1 - way]));
            let (end, log) = (Arc::clone(&over), Arc::clone(&log));
            std::thread::spawn(move || {
                pass(&from, &to, &end, |count, from, until| {
                    log.lock().expect("log").passed(way, count, from, until);
                })
            });
        }
        let traffic = move || log.lock().expect("log").clone();
        Self { path, traffic: Box::new(traffic), over, _theirs: theirs }
    }

    /// All that has passed.
    pub fn traffic(&self) -> Traffic {
        (self.traffic)()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
    }
}

fn pty() -> (OwnedFd, PathBuf, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
    grantpt(&ours).expect("a pty");
    unlockpt(&ours).expect("a pty");
    let path = PathBuf::from(ptsname(&ours, vec![]).expect("its name").into_string().expect("text"));
    let theirs = File::options().read(true).write(true).open(&path).expect("the pty");
    let mut raw = tcgetattr(&theirs).expect("a terminal");
    raw.make_raw();
    tcsetattr(&theirs, OptionalActions::Now, &raw).expect("a terminal");
    (ours, path, theirs)
}

fn ready(end: BorrowedFd<'_>, flags: PollFlags, within: Duration) -> bool {
    let within = Timespec::try_from(within).expect("short");
    poll(&mut [PollFd::from_borrowed_fd(end, flags)], Some(&within)).is_ok_and(|count| count > 0)
}

fn simulate<D: Device>(ours: &OwnedFd, line: &Mutex<Simulated<D>>, over: &AtomicBool) {
    let mut buffer = [0; 4096];
    while !over.load(Ordering::Acquire) {
        let next = line.lock().expect("line").next();
        let within = next.map_or(TICK, |next| next.saturating_duration_since(Instant::now()).min(TICK));
        let mut said = vec![];
        {
            let asked = ready(ours.as_fd(), PollFlags::IN, within);
            let mut line = line.lock().expect("line");
            if asked {
                let Ok(count) = rustix::io::read(ours, &mut buffer) else { return };
                let now = Instant::now();
                line.receive(&mut [], now).expect("the line");
                let mut rest = &buffer[..count];
                while !rest.is_empty() {
                    // Whatever waits on the wire by now, the host's own buffer holds as much.
                    let sent = line.send(rest, now + Duration::from_secs(3600)).expect("the line");
                    rest = &rest[sent..];
                }
            }
            while line.next().is_some_and(|next| next <= Instant::now()) {
                let count = line.receive(&mut buffer, Instant::now()).expect("the line");
                said.extend_from_slice(&buffer[..count]);
            }
        }
        if put(ours.as_fd(), &said, over).is_err() {
            return;
        }
    }
}

/// Passes bytes on for as long as there are two ends, each when it would have arrived.
fn pass(from: &OwnedFd, to: &OwnedFd, over: &AtomicBool, log: impl Fn(usize, Instant, Instant)) {
    let mut free = Instant::now();
    let mut waited = true;
    let mut buffer = [0; BURST];
    while !over.load(Ordering::Acquire) {
        if !ready(from.as_fd(), PollFlags::IN, TICK) {
            waited = true;
            continue;
        }
        let count = match rustix::io::read(from, &mut buffer) {
            Ok(0) => return,
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => continue,
            Err(_) => return,
        };
        // What was there while the wire was in use follows at once, however late this thread is woken up.
        let begun = if waited { free.max(Instant::now()) } else { free };
        free = begun + BYTE * u32::try_from(count).expect("few");
        log(count, begun, free);
        std::thread::sleep(free.saturating_duration_since(Instant::now()));
        waited = !ready(from.as_fd(), PollFlags::IN, Duration::ZERO);
        if put(to.as_fd(), &buffer[..count], over).is_err() {
            return;
        }
    }
}

fn put(end: BorrowedFd<'_>, bytes: &[u8], over: &AtomicBool) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() && !over.load(Ordering::Acquire) {
        if !ready(end, PollFlags::OUT, TICK) {
            continue;
        }
        match rustix::io::write(end, rest) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
