//! A certificate that was just made, and how it is taken back.

use std::pin::Pin;

use async_trait::async_trait;
use fieldkey_core::Failure;
use fieldkey_core::ports::{Issued, Made};

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
            let _ = in_the_background(async {
                if let Err(failure) = undo.await {
                    tracing::warn!(%failure, "a certificate that nobody holds the key of was not taken back");
                }
            });
        }
    }
}
