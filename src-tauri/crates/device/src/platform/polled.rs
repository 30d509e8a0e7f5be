//! Changes where the system's own notification is out of reach of safe code: a look every 2 seconds.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(2);

pub(crate) struct Changes(Receiver<()>);

pub(crate) struct Stop(Sender<()>);

pub(crate) fn changes() -> (Changes, Stop) {
    let (sender, receiver) = channel();
    (Changes(receiver), Stop(sender))
}

impl Changes {
    /// Returns when it is worth looking again, or at once when stopped.
    pub(crate) fn wait(&mut self) {
        let _ = self.0.recv_timeout(LOOK_EVERY);
    }
}

impl Stop {
    pub(crate) fn stop(&self) {
        let _ = self.0.send(());
    }
}
