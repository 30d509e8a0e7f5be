//! One conversation with a device, from hello to goodbye.

use fieldkey_core::Failure;
use fieldkey_core::ports::{Caution, Holds, NewKey, Stored};

use super::Line;
use super::transaction::Transaction;
use crate::drivers::{Driver, Held, Store};
use crate::layout::Part;
use crate::shown::shown;

/// A device that has been greeted. Dropped, it is left as it was found.
pub(super) struct Session {
    line: Line,
    driver: Box<dyn Driver>,
    device: Option<String>,
    /// A key was made on the device, and no certificate has come for it yet.
    orphan_key: bool,
    /// Staged and never brought into force.
    abandoned: Option<Transaction>,
}

impl Session {
    pub(super) fn open(mut line: Line, mut driver: Box<dyn Driver>) -> Result<Self, Failure> {
        let greeted = driver.greet(&mut line);
        // After a failed greeting, too, the device is left as it was found: this is dropped then.
        let mut session = Self { line, driver, device: None, orphan_key: false, abandoned: None };
        session.device = greeted?;
        Ok(session)
    }

    pub(super) fn store(&mut self) -> (&mut Line, Store<'_>) {
        (&mut self.line, self.driver.store())
    }

    pub(super) fn cautions(&self) -> Vec<Caution> {
        self.driver.cautions()
    }

    pub(super) fn makes_keys(&self) -> bool {
        self.driver.makes_keys()
    }

    pub(super) fn request(&mut self, key: &NewKey) -> Result<String, Failure> {
        let before = self.held_key();
        let made = self.driver.request(&mut self.line, key);
        // A refusal leaves what was there, and that is somebody's.
        self.line.carry_on();
        self.orphan_key = made.is_ok() || self.held_key().is_some_and(|now| before.is_some_and(|before| now != before));
        self.line.may_stop();
        made
    }

    /// What is in the private key's place; `None` where that cannot be told.
    fn held_key(&mut self) -> Option<Option<Held>> {
        let Store::Slots(store) = self.driver.store() else { return None };
        let held = store.held(&mut self.line).ok()?;
        Some(held.into_iter().find(|held| held.part == Part::PrivateKey))
    }

    /// The key that the device made has its certificate.
    pub(super) fn adopt_key(&mut self) {
        self.orphan_key = false;
    }

    /// Its certificate does not stay: nobody is to have that key.
    pub(super) fn disown_key(&mut self) {
        self.orphan_key = true;
    }

    /// At the end of the conversation, what this left on the device goes.
    pub(super) fn abandon(&mut self, transaction: Transaction) {
        self.abandoned = Some(transaction);
    }

    pub(super) fn holds(&self, stored: Vec<Stored>) -> Holds {
        let device = self.device.as_deref().and_then(shown);
        let fit = |stored: Stored| Stored { name: shown(&stored.name).unwrap_or_default(), ..stored };
        let stored = stored.into_iter().map(fit).collect();
        Holds { driver: self.driver.name().to_owned(), device, stored, cautions: self.cautions() }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(transaction) = self.abandoned.take()
            && let Err(failure) = transaction.take_back(self)
        {
            tracing::debug!(%failure, "temporary files were left on the device");
        }
        self.line.carry_on();
        if self.orphan_key
            && let Store::Slots(store) = self.driver.store()
            && let Err(failure) = store.remove(&mut self.line, Part::PrivateKey)
        {
            tracing::warn!(%failure, "a key without a certificate was left on the device");
        }
        self.driver.leave(&mut self.line);
    }
}
