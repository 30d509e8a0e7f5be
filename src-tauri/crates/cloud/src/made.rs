//! A certificate that was just made, and how it is taken back.

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use fieldkey_core::ports::{Issued, Made};
use fieldkey_core::{Code, Failure};

use crate::to_the_end::{in_the_background, to_the_end};

type Undo = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

pub(crate) struct JustMade {
    issued: Issued,
    undo: Option<Undo>,
    kept: bool,
}

impl JustMade {
    pub(crate) fn new(issued: Issued, undo: impl Future<Output = Result<(), Failure>> + Send + 'static) -> Self {
        Self { issued, undo: Some(Box::pin(undo)), kept: false }
    }
}

/// So often a deletion is asked for while AWS asks for patience.
const TRIES: u32 = 5;

/// Asks until it is not too much at once.
pub(crate) async fn persistently<F>(delete: impl Fn() -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    for attempt in 0..TRIES {
        match delete().await {
            Err(failure) if failure.code == Code::Throttled => {
                tokio::time::sleep(Duration::from_millis(500 << attempt)).await;
            }
            outcome => return outcome,
        }
    }
    delete().await
}

#[async_trait]
impl Made for JustMade {
    fn issued(&self) -> &Issued {
        &self.issued
    }

    fn keep(&mut self) {
        self.kept = true;
    }

    async fn take_back(mut self: Box<Self>) -> Result<(), Failure> {
        match self.undo.take() {
            Some(undo) => to_the_end(undo).await,
            None => Ok(()),
        }
    }
}

impl Drop for JustMade {
    fn drop(&mut self) {
        let Some(undo) = self.undo.take().filter(|_| !self.kept) else { return };
        // Outside of a runtime the program is over already.
        if tokio::runtime::Handle::try_current().is_ok() {
            drop(in_the_background(async {
                if let Err(failure) = undo.await {
                    tracing::warn!(%failure, "a certificate that nobody holds the key of was not taken back");
                }
            }));
        }
    }
}
