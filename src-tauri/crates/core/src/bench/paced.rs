//! AWS as one run on a bench meets it: in its turn, and with patience while nobody is signed in.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::pace::Pace;
use super::row::is_session_over;
use crate::ports::{CertificateStatus, Made, SignedIn, Thing};
use crate::{Claim, Cloud, Code, Endpoint, Failure, Operator};

/// Shut while the session is over. Runs wait before it with what they hold.
pub(super) struct Gate {
    /// How often it was opened, and whether it is open.
    open: tokio::sync::watch::Sender<(u64, bool)>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { open: tokio::sync::watch::Sender::new((0, true)) }
    }
}

impl Gate {
    pub(super) fn open(&self) {
        self.open.send_if_modified(|(times, open)| {
            let was = std::mem::replace(open, true);
            *times += u64::from(!was);
            !was
        });
    }

    /// Shuts it, unless it was opened since `seen`: an answer from before a sign-in says nothing of now.
    fn shut(&self, seen: u64) -> bool {
        self.open.send_if_modified(|(times, open)| *times == seen && std::mem::replace(open, false))
    }

    async fn through(&self) -> u64 {
        let mut open = self.open.subscribe();
        // Its sender lives as long as this gate.
        open.wait_for(|(_, open)| *open).await.map_or(0, |state| state.0)
    }
}

/// What all runs of a bench share.
pub(super) struct Shared {
    pub(super) gate: Gate,
    pub(super) claims: Pace,
    pub(super) looks: Pace,
    pub(super) others: Pace,
}

/// Of the five calls a second that one program makes of each API, one is left for whoever looks something up meanwhile.
const PER_SECOND: u32 = 4;

impl Default for Shared {
    fn default() -> Self {
        let pace = || Pace::new(PER_SECOND);
        Self { gate: Gate::default(), claims: pace(), looks: pace(), others: pace() }
    }
}

/// The ports of one run.
pub(super) struct Paced<'a, F> {
    pub(super) cloud: &'a dyn Cloud,
    pub(super) operator: &'a dyn Operator,
    pub(super) shared: &'a Shared,
    /// Is told when the session is over.
    pub(super) signed_out: F,
    /// The first look stands between the write and what comes into force; the later ones only wait for the device.
    looked: AtomicBool,
}

impl<'a, F: Fn(&Failure) + Send + Sync> Paced<'a, F> {
    pub(super) fn new(cloud: &'a dyn Cloud, operator: &'a dyn Operator, shared: &'a Shared, signed_out: F) -> Self {
        Self { cloud, operator, shared, signed_out, looked: AtomicBool::new(false) }
    }

    /// Asks, and asks again after a sign-in if there was no session.
    async fn ask<T, Answer>(&self, call: impl Fn() -> Answer + Send) -> Result<T, Failure>
    where
        Answer: Future<Output = Result<T, Failure>> + Send,
    {
        loop {
            let seen = self.shared.gate.through().await;
            match call().await {
                Err(failure) if is_session_over(failure.code) => {
                    if self.shared.gate.shut(seen) {
                        (self.signed_out)(&failure);
                    }
                }
                answer => return answer,
            }
        }
    }
}

/// Tells the bucket what AWS said.
fn noted<T>(pace: &Pace, answer: Result<T, Failure>) -> Result<T, Failure> {
    match &answer {
        Err(failure) if failure.code == Code::Throttled => pace.throttled(),
        _ => pace.answered(),
    }
    answer
}

#[async_trait]
impl<F: Fn(&Failure) + Send + Sync> Operator for Paced<'_, F> {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        self.ask(|| self.operator.sign_in()).await
    }

    fn standing(&self) -> Option<String> {
        self.operator.standing()
    }
}

#[async_trait]
impl<F: Fn(&Failure) + Send + Sync> Cloud for Paced<'_, F> {
    async fn credentials(&self) -> Result<(), Failure> {
        self.ask(|| self.cloud.credentials()).await
    }

    async fn claim(&self) -> Result<Claim, Failure> {
        let pace = &self.shared.claims;
        self.ask(|| async {
            pace.turn().await;
            noted(pace, self.cloud.claim().await)
        })
        .await
    }

    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        self.ask(|| self.cloud.endpoint()).await
    }

    async fn credentials_endpoint(&self) -> Result<String, Failure> {
        self.ask(|| self.cloud.credentials_endpoint()).await
    }

    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        let pace = &self.shared.looks;
        let again = self.looked.swap(true, Ordering::Relaxed);
        self.ask(|| async {
            if again {
                pace.patient_turn().await
            } else {
                pace.turn().await
            }
            noted(pace, self.cloud.certificates_of(thing_name).await)
        })
        .await
    }

    async fn thing(&self, name: &str) -> Result<Option<Thing>, Failure> {
        self.shared.others.turn().await;
        self.ask(|| self.cloud.thing(name)).await
    }

    async fn things_with(&self, certificate_id: &str) -> Result<Option<Vec<String>>, Failure> {
        self.shared.others.turn().await;
        self.ask(|| self.cloud.things_with(certificate_id)).await
    }

    async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Box<dyn Made>, Failure> {
        self.shared.others.turn().await;
        self.ask(|| self.cloud.issue(thing_name, csr_pem)).await
    }

    async fn register(&self, thing_name: &str, pem: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.shared.others.turn().await;
        self.ask(|| self.cloud.register(thing_name, pem, status)).await
    }

    async fn set_status(&self, thing_name: &str, id: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.shared.others.turn().await;
        self.ask(|| self.cloud.set_status(thing_name, id, status)).await
    }

    async fn delete(&self, thing_name: &str, id: &str) -> Result<(), Failure> {
        self.shared.others.turn().await;
        self.ask(|| self.cloud.delete(thing_name, id)).await
    }
}
