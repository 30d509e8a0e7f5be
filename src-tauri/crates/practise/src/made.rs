//! A certificate that was just made from a CSR.

use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::Failure;
use fieldkey_core::ports::{Issued, Made};

use crate::World;

pub(crate) struct JustMade {
    pub(crate) issued: Issued,
    pub(crate) thing_name: String,
    pub(crate) world: Arc<World>,
    pub(crate) kept: bool,
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
        self.world.clock.takes(300).await;
        self.kept = true;
        self.world.registry().delete(&self.thing_name, &self.issued.certificate_id)
    }
}

impl Drop for JustMade {
    fn drop(&mut self) {
        if !self.kept {
            // What somebody else deleted in the meantime is gone as well.
            let _ = self.world.registry().delete(&self.thing_name, &self.issued.certificate_id);
        }
    }
}
