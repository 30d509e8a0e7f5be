//! The list of what is attached, live: as `fieldkey_device::watch` gives it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use fieldkey_device::Attached;

use crate::{Practise, World};

/// A list under watch. Dropped, it ends; a call that is under way then is the last one.
#[must_use = "dropped, it watches no longer"]
pub struct Watch {
    world: Arc<World>,
    ended: Arc<AtomicBool>,
}

impl Practise {
    /// Hands the attached devices to `on_change`, once at the start and then whenever the list differs. It is called
    /// on a thread of its own.
    pub fn watch(&self, on_change: impl Fn(Vec<Attached>) + Send + 'static) -> Watch {
        let ended = Arc::new(AtomicBool::new(false));
        let watch = Watch { world: Arc::clone(&self.0), ended: Arc::clone(&ended) };
        let world = Arc::clone(&self.0);
        let follow = move || follow(&world, &ended, on_change);
        if let Err(error) = std::thread::Builder::new().name("practise targets".into()).spawn(follow) {
            tracing::warn!(%error, "what is attached is not watched");
        }
        watch
    }
}

fn follow(world: &World, ended: &AtomicBool, on_change: impl Fn(Vec<Attached>)) {
    let mut seen = None;
    loop {
        let mut devices = world.bench.devices();
        while seen == Some(devices.version) && !ended.load(Ordering::Acquire) {
            devices = world.bench.changed.wait(devices).unwrap_or_else(PoisonError::into_inner);
        }
        if ended.load(Ordering::Acquire) {
            return;
        }
        seen = Some(devices.version);
        let attached = devices.attached();
        // Whoever is told may plug and pull.
        drop(devices);
        on_change(attached);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Under the lock: between the thread's look and its wait nothing must be missed.
        let _devices = self.world.bench.devices();
        self.ended.store(true, Ordering::Release);
        self.world.bench.changed.notify_all();
    }
}
