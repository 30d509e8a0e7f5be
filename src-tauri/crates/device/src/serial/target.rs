//! A device on a serial line, through its driver, as a target.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use fieldkey_core::ports::{Holds, Kind, NewKey, Stored};
use fieldkey_core::{Bundle, Code, Failure, Identity, ReadBack, Release, Staged, Target};

use super::session::Session;
use super::transaction::{Placing, Transaction};
use super::{Line, Wire, files, slots};
use crate::attached::device_behind;
use crate::drivers::{Driver, Store};
use crate::layout::Layout;

/// Opens the wire to one device, always the same one.
pub(crate) trait Connect: Send + Sync {
    /// # Errors
    /// `target-gone`, `port-busy`, `port-permission`.
    fn connect(&self) -> Result<Box<dyn Wire>, Failure>;
}

/// The driver, or how to find out which one it is.
pub(crate) type MakeDriver = Box<dyn Fn(&mut Line) -> Result<Box<dyn Driver>, Failure> + Send + Sync>;

pub(crate) struct Serial {
    shared: Arc<Shared>,
    /// As far as it is known before the device is spoken to.
    makes_keys: bool,
}

/// What the target shares with the threads that do its work. The port stays open from the first look at the device
/// until it is let go, so nobody else gets between.
pub(super) struct Shared {
    name: String,
    connect: Box<dyn Connect>,
    driver: MakeDriver,
    /// What files are called on a device that has files.
    layout: Layout,
    session: Mutex<Option<Session>>,
    stopped: Arc<AtomicBool>,
}

impl Serial {
    pub(crate) fn new(
        name: String,
        connect: Box<dyn Connect>,
        driver: MakeDriver,
        layout: Layout,
        makes_keys: bool,
    ) -> Self {
        let shared = Shared { name, connect, driver, layout, session: Mutex::default(), stopped: Arc::default() };
        Self { shared: Arc::new(shared), makes_keys }
    }

    /// Runs work with the device on a thread of its own, where it holds up nobody else.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        with(&self.shared, work).await
    }
}

pub(super) async fn with<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&mut Session) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let waiting = StopWhenDropped(Some(Arc::clone(&shared.stopped)));
    let shared = Arc::clone(shared);
    let ended = tokio::task::spawn_blocking(move || {
        let mut place = shared.session();
        let session = match place.take() {
            Some(session) => place.insert(session),
            None => place.insert(shared.open()?),
        };
        let outcome = work(session);
        // What the line says next may belong to another device, or to one that has started again.
        if outcome.as_ref().is_err_and(|failure| failure.code == Code::TargetGone) {
            *place = None;
        }
        outcome
    });
    let ended = ended.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)));
    waiting.over();
    ended
}

impl Shared {
    fn open(&self) -> Result<Session, Failure> {
        let wire = self.connect.connect().map_err(|failure| failure.about(&self.name))?;
        let mut line = Line::new(wire, &self.name, Arc::clone(&self.stopped));
        let driver = (self.driver)(&mut line)?;
        Session::open(line, driver)
    }

    pub(super) fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session, unless work is under way.
    pub(super) fn idle_session(&self) -> Option<MutexGuard<'_, Option<Session>>> {
        self.session.try_lock().ok()
    }
}

/// Ends the conversation with the device when whoever asked for it goes away.
struct StopWhenDropped(Option<Arc<AtomicBool>>);

impl StopWhenDropped {
    fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        if let Some(stopped) = &self.0 {
            stopped.store(true, Ordering::Release);
        }
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        // The goodbye waits for the device, and nobody else is to wait with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let shared = Arc::clone(&self.shared);
            runtime.spawn_blocking(move || drop(shared.session().take()));
        }
    }
}

#[async_trait]
impl Target for Serial {
    fn name(&self) -> String {
        self.shared.name.clone()
    }

    fn device(&self) -> Option<String> {
        device_behind(&self.shared.name)
    }

    async fn check(&self, kind: Kind, replace: bool) -> Result<(), Failure> {
        let layout = self.shared.layout.clone();
        self.with(move |session| {
            let (line, store) = session.store();
            match store {
                Store::Slots(store) => slots::check(line, store, kind, replace),
                Store::Files(store) => files::check(line, store, &layout, kind, replace),
            }
        })
        .await
    }

    async fn identity(&self) -> Result<Option<Identity>, Failure> {
        self.with(|session| match session.store() {
            // A key store gives no keys away, and knows no names.
            (_, Store::Slots(_)) => Ok(None),
            (line, Store::Files(store)) => files::identity(line, store),
        })
        .await
    }

    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        let transaction = Transaction::of(bundle, &self.shared.layout)?;
        let layout = self.shared.layout.clone();
        let transaction = self.with(move |session| transaction.stage(session, &layout)).await?;
        Ok(Box::new(Placing::new(&self.shared, transaction)))
    }

    async fn verify(&self, bundle: &Bundle) -> Result<ReadBack, Failure> {
        let transaction = Transaction::of(bundle, &self.shared.layout)?;
        self.with(move |session| transaction.verify(session)).await
    }

    async fn release(&self) -> Result<Release, Failure> {
        let shared = Arc::clone(&self.shared);
        // Closing waits for the device to be as it was found.
        let closed = tokio::task::spawn_blocking(move || drop(shared.session().take()));
        closed.await.map_err(|error| Failure::broken_off(&error))?;
        Ok(Release::Closed)
    }

    fn wants_credentials_endpoint(&self) -> bool {
        self.shared.layout.names_credentials()
    }

    fn makes_keys(&self) -> bool {
        let known = self.shared.idle_session();
        known.and_then(|session| session.as_ref().map(Session::makes_keys)).unwrap_or(self.makes_keys)
    }

    async fn request(&self, key: &NewKey) -> Result<String, Failure> {
        let key = key.clone();
        self.with(move |session| session.request(&key)).await
    }

    async fn holds(&self) -> Result<Holds, Failure> {
        let layout = self.shared.layout.clone();
        self.with(move |session| {
            let (line, store) = session.store();
            let stored = match store {
                Store::Slots(store) => slots::stored(line, store)?,
                Store::Files(store) => files::stored(line, store, &layout)?,
            };
            Ok(session.holds(stored))
        })
        .await
    }

    async fn remove(&self) -> Result<Vec<Stored>, Failure> {
        let layout = self.shared.layout.clone();
        self.with(move |session| {
            let (line, store) = session.store();
            match store {
                Store::Slots(store) => slots::remove(line, store),
                Store::Files(store) => files::remove(line, store, &layout),
            }
        })
        .await
    }
}
