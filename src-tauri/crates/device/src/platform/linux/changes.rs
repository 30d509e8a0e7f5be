//! The kernel's word that a mount came or went.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;

/// How long to wait where the kernel offers no word: then it is a look now and then.
const ELSE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

pub(crate) struct Changes {
    table: Option<File>,
    stop: Option<Arc<OwnedFd>>,
}

pub(crate) struct Stop(Option<Arc<OwnedFd>>);

pub(crate) fn changes() -> (Changes, Stop) {
    let table = File::open("/proc/self/mountinfo").ok();
    let stop = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok().map(Arc::new);
    (Changes { table, stop: stop.clone() }, Stop(stop))
}

impl Changes {
    /// Returns when it is worth looking again, or at once when stopped.
    pub(crate) fn wait(&mut self) {
        // The table is never readable in the usual sense: a change is exceptional data.
        let table = self.table.as_ref().map(|table| PollFd::new(table, PollFlags::PRI));
        let stop = self.stop.as_deref().map(|stop| PollFd::new(stop, PollFlags::IN));
        let forever = table.is_some() && stop.is_some();
        let mut files: Vec<PollFd<'_>> = table.into_iter().chain(stop).collect();
        loop {
            match poll(&mut files, if forever { None } else { Some(&ELSE) }) {
                Err(Errno::INTR) => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "mounts are looked at now and then");
                    std::thread::sleep(std::time::Duration::from_secs(2));
                    return;
                }
            }
        }
    }
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
    use std::time::{Duration, Instant};

    use super::*;
    use crate::sandbox;

    #[test]
    fn a_mount_ends_the_wait_and_so_does_a_stop() {
        let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
        let (mut changes, stop) = changes();
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
}
