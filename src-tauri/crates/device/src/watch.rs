//! The list of what is attached, live.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::platform::{Changes, Stop, changes};
use crate::{Attached, attached};

/// A list under watch. Dropped, it ends; a call that is under way then is the last one.
#[must_use = "dropped, it watches no longer"]
pub struct Watch {
    ended: Arc<AtomicBool>,
    stop: Stop,
}

/// Hands the attached drives and serial ports to `on_change`, once at the start and then whenever the list differs.
/// It is called on a thread of its own.
pub fn watch(on_change: impl Fn(Vec<Attached>) + Send + 'static) -> Watch {
    // Before the first list is made: what changes after that must not be missed.
    let (changes, stop) = changes();
    let ended = Arc::new(AtomicBool::new(false));
    let seen_end = Arc::clone(&ended);
    let follow = move || follow(changes, &seen_end, attached, on_change);
    if let Err(error) = std::thread::Builder::new().name("targets".into()).spawn(follow) {
        tracing::warn!(%error, "what is attached is not watched");
    }
    Watch { ended, stop }
}

fn follow<T: Clone + PartialEq>(mut changes: Changes, ended: &AtomicBool, list: impl Fn() -> T, on_change: impl Fn(T)) {
    let mut last = None;
    while !ended.load(Ordering::Acquire) {
        let now = list();
        if last.as_ref() != Some(&now) && !ended.load(Ordering::Acquire) {
            on_change(now.clone());
            last = Some(now);
        }
        changes.wait();
    }
}

// The thread is not waited for: whoever drops a watch may hold what `on_change` is waiting for.
impl Drop for Watch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        self.stop.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn the_list_comes_at_once_and_the_watch_ends_when_dropped() {
        let (sender, receiver) = mpsc::channel();
        let watch = watch(move |list| drop(sender.send(list)));
        assert_eq!(receiver.recv_timeout(SOON), Ok(attached()), "the first list waits for nothing");
        drop(watch);
        // The sender lives in the thread: it is gone when the thread is.
        assert_eq!(receiver.recv_timeout(SOON), Err(mpsc::RecvTimeoutError::Disconnected), "the thread must end");
    }
}
