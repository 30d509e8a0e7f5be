//! A bundle on its way onto a device: staged, in force, and back again.

use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{InForce, Kind};
use fieldkey_core::{Bundle, Code, Failure, ReadBack, Staged};

use super::session::Session;
use super::target::{Shared, with};
use super::{files, slots};
use crate::drivers::Store;
use crate::layout::{Content, Layout};

/// A bundle, and what it has done to the device so far.
pub(super) struct Transaction {
    kind: Kind,
    /// For a device with a folder.
    files: Vec<Content>,
    /// For a key store, which has no names of its own and wants PEM.
    parts: Vec<Content>,
    /// The device made the key of this certificate.
    key_on_device: bool,
    undo: Undo,
}

/// How to have the device as it was.
pub(super) enum Undo {
    Nothing,
    Slots(slots::Undo),
    Files(files::Undo),
}

impl Transaction {
    pub(super) fn of(bundle: &Bundle, layout: &Layout) -> Result<Self, Failure> {
        let (kind, key_on_device) = match bundle {
            Bundle::Claim(_) => (Kind::Claim, false),
            Bundle::Identity(identity) => (Kind::Identity, identity.private_key_pem.is_none()),
        };
        let (files, parts) = (layout.contents(bundle)?, Layout::Drive.contents(bundle)?);
        Ok(Self { kind, files, parts, key_on_device, undo: Undo::Nothing })
    }

    /// Brings files under temporary names. A key store has none: there, what is at stake is fetched.
    pub(super) fn stage(mut self, session: &mut Session, layout: &Layout) -> Result<Self, Failure> {
        let (line, store) = session.store();
        self.undo = match store {
            Store::Slots(store) => Undo::Slots(slots::prepare(line, store, &self.parts)?),
            Store::Files(store) => Undo::Files(files::stage(line, store, layout, self.kind, &self.files)?),
        };
        Ok(self)
    }

    fn place(&mut self, session: &mut Session) -> Result<(), Failure> {
        let (line, store) = session.store();
        line.carry_on();
        let placed = match (store, &mut self.undo) {
            (Store::Slots(store), Undo::Slots(undo)) => slots::place(line, store, &self.parts, undo),
            (Store::Files(store), Undo::Files(undo)) => files::place(line, store, self.kind, &self.files, undo),
            _ => Err(Failure::new(Code::TargetGone)),
        };
        line.may_stop();
        if placed.is_ok() && self.key_on_device {
            session.adopt_key();
        }
        placed
    }

    pub(super) fn verify(&self, session: &mut Session) -> Result<ReadBack, Failure> {
        let (line, store) = session.store();
        let files = match store {
            Store::Slots(store) => slots::verify(line, store, &self.parts)?,
            Store::Files(store) => files::verify(line, store, &self.files)?,
        };
        Ok(ReadBack { files, past_cache: true, cautions: session.cautions() })
    }

    pub(super) fn take_back(self, session: &mut Session) -> Result<(), Failure> {
        if self.key_on_device {
            session.disown_key();
        }
        let (line, store) = session.store();
        line.carry_on();
        let taken_back = match (store, self.undo) {
            (Store::Slots(store), Undo::Slots(undo)) => slots::take_back(line, store, undo),
            (Store::Files(store), Undo::Files(undo)) => files::take_back(line, store, undo),
            _ => Ok(()),
        };
        line.may_stop();
        taken_back
    }

    fn settle(&self, session: &mut Session) -> Result<(), Failure> {
        let (line, store) = session.store();
        match (store, &self.undo) {
            (Store::Files(store), Undo::Files(undo)) => files::settle(line, store, undo),
            _ => Ok(()),
        }
    }
}

/// A staged bundle. Dropped uncommitted, its temporary files go.
pub(super) struct Placing {
    shared: Arc<Shared>,
    transaction: Option<Transaction>,
}

impl Placing {
    pub(super) fn new(shared: &Arc<Shared>, transaction: Transaction) -> Self {
        Self { shared: Arc::clone(shared), transaction: Some(transaction) }
    }
}

impl Drop for Placing {
    fn drop(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        // Not now: whoever drops this must not wait for a device. If the session is busy, the next check sweeps.
        if let Some(session) = self.shared.idle_session().as_mut().and_then(|session| session.as_mut()) {
            session.abandon(transaction);
        }
    }
}

#[async_trait]
impl Staged for Placing {
    async fn commit(mut self: Box<Self>) -> Result<Box<dyn InForce>, Failure> {
        let Some(mut transaction) = self.transaction.take() else { return Err(Failure::new(Code::Interrupted)) };
        let placed = with(&self.shared, move |session| match transaction.place(session) {
            Ok(()) => {
                // Nobody withdraws a claim. Should this fail, the next check finds what is left.
                if transaction.kind == Kind::Claim
                    && let Err(failure) = transaction.settle(session)
                {
                    tracing::debug!(%failure, "what the claim displaced");
                }
                Ok(transaction)
            }
            Err(failure) => Err(match transaction.take_back(session) {
                Ok(()) => failure,
                Err(lost) => failure.and(&lost.into_why()),
            }),
        });
        let transaction = placed.await?;
        Ok(Box::new(Standing { shared: Arc::clone(&self.shared), transaction }))
    }
}

/// A bundle in force.
struct Standing {
    shared: Arc<Shared>,
    transaction: Transaction,
}

#[async_trait]
impl InForce for Standing {
    async fn withdraw(self: Box<Self>) -> Result<(), Failure> {
        let Self { shared, transaction } = *self;
        with(&shared, move |session| transaction.take_back(session)).await
    }

    async fn settle(self: Box<Self>) -> Result<(), Failure> {
        let Self { shared, transaction } = *self;
        with(&shared, move |session| transaction.settle(session)).await
    }
}
