//! A site to practise at: sign-in, AWS and devices, all pretended in memory. No network, no hardware, no file.
//!
//! It carries out `fieldkey_core`'s ports as `fieldkey-cloud` and `fieldkey-device` do, so that the very jobs that
//! work at a real site run here. Its certificates are real X.509, of a CA that is made at the start and dies with it;
//! nobody but this site trusts them. What a run here writes to a journal must go to one of its own
//! (`SqliteJournal::open` with another folder): pretended runs are no record of anything.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod authority;
mod bench;
mod bucket;
mod claims;
mod cloud;
mod contents;
mod device;
mod device_side;
mod exchange;
mod firmware;
mod made;
mod pace;
mod placed;
mod registry;
mod seeds;
mod session;
mod site;
mod target;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldkey_core::{Failure, Site};

pub use device::{Fault, Pretended};
pub use pace::Pace;
pub use session::{Answer, Challenge, Reply, SHOWN_CODE};
pub use watch::Watch;

use authority::Authority;
use bench::Bench;
use bucket::Bucket;
use claims::Claims;
use pace::Clock;
use registry::Registry;
use session::Session;

/// The site, its AWS, its operator and the devices on its bench. Clones are the same site.
#[derive(Clone)]
pub struct Practise(Arc<World>);

/// Everything that is pretended.
pub(crate) struct World {
    site: Site,
    authority: Authority,
    registry: Mutex<Registry>,
    claims: Mutex<Claims>,
    session: Mutex<Session>,
    bench: Bench,
    clock: Clock,
    /// CreateProvisioningClaim's quota.
    claiming: Bucket,
    /// The certificate API's.
    changing: Bucket,
}

impl Practise {
    /// A fresh site: some forty things in its registry, a few devices on the bench, nobody signed in.
    ///
    /// # Errors
    /// This computer could not make a key.
    pub fn new() -> Result<Self, Failure> {
        let (site, authority) = (site::site()?, Authority::new()?);
        let mut registry = Registry::default();
        seeds::fill(&mut registry, &site, &authority)?;
        let practise = Self(Arc::new(World {
            site,
            authority,
            registry: Mutex::new(registry),
            claims: Mutex::default(),
            session: Mutex::default(),
            bench: Bench::default(),
            clock: Clock::default(),
            claiming: Bucket::default(),
            changing: Bucket::default(),
        }));
        practise.lay_out()?;
        Ok(practise)
    }

    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// Whom the pretended devices trust: what the jobs take as `ca_pem`.
    pub fn device_ca(&self) -> &str {
        self.0.authority.pem()
    }

    /// From now on it goes so fast.
    pub fn set_pace(&self, pace: Pace) {
        self.0.clock.set(pace);
    }

    /// The names in its registry, so that there is something to look up.
    pub fn things(&self) -> Vec<String> {
        self.0.registry().names()
    }
}

impl World {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        held(&self.registry)
    }
}

impl std::fmt::Debug for Practise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Practise").finish_non_exhaustive()
    }
}

/// What is held is whole after every statement, so a panic elsewhere spoils nothing.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
