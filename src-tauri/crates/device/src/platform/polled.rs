//! Changes where volumes can only be looked for: at a word from USB, some times within the next two seconds, and else
//! every 2 seconds.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use futures_core::Stream;
use nusb::hotplug::HotplugWatch;
use tokio::sync::oneshot;

use super::looks::Looks;

const LOOK_EVERY: Duration = Duration::from_secs(2);

enum Word {
    /// Something was plugged in or pulled out.
    Usb,
    Stop,
}

pub(crate) struct Changes {
    words: Receiver<Word>,
    looks: Looks,
}

pub(crate) struct Stop {
    sender: Sender<Word>,
    /// Dropped, it ends the thread that listens.
    _listening: oneshot::Sender<()>,
}

pub(crate) fn changes() -> (Changes, Stop) {
    let (sender, words) = channel();
    let (listening, ended) = oneshot::channel();
    match nusb::watch_devices() {
        Ok(watch) => {
            let words = sender.clone();
            let listen = move || listen(watch, ended, &words);
            if let Err(error) = std::thread::Builder::new().name("usb".into()).spawn(listen) {
                tracing::warn!(%error, "USB is looked at now and then");
            }
        }
        Err(error) => tracing::warn!(%error, "USB is looked at now and then"),
    }
    (Changes { words, looks: Looks::default() }, Stop { sender, _listening: listening })
}

fn listen(mut watch: HotplugWatch, mut ended: oneshot::Receiver<()>, words: &Sender<Word>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    runtime.block_on(async {
        loop {
            let next = std::future::poll_fn(|context| Pin::new(&mut watch).poll_next(context));
            let event = tokio::select! {
                _ = &mut ended => return,
                event = next => event,
            };
            if event.is_none() || words.send(Word::Usb).is_err() {
                return;
            }
        }
    });
}

impl Changes {
    /// Returns when it is worth looking again, or at once when stopped.
    pub(crate) fn wait(&mut self) {
        let within = self.looks.next(Instant::now()).unwrap_or(LOOK_EVERY);
        match self.words.recv_timeout(within) {
            Ok(Word::Usb) => {
                // A device with many parts says so many times.
                while matches!(self.words.try_recv(), Ok(Word::Usb)) {}
                self.looks.nudge(Instant::now());
            }
            Ok(Word::Stop) => {}
            Err(_) => self.looks.taken(Instant::now()),
        }
    }
}

impl Stop {
    pub(crate) fn stop(&self) {
        let _ = self.sender.send(Word::Stop);
    }
}
