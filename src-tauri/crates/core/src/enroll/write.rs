//! An identity onto the target, read back; and back again.

use serde_json::json;

use crate::ports::InForce;
use crate::{Bundle, Failure, FileRecord, Identity, Release, Step};

use super::Work;

/// An identity that was written and read back.
pub(super) struct Written {
    pub(super) files: Vec<FileRecord>,
    in_force: Box<dyn InForce>,
}

impl Work<'_> {
    /// The steps `write` and `verify`. What cannot be read back is withdrawn.
    ///
    /// `committing`: told just before the identity comes into force. A commit that has begun is carried to its end
    /// whatever becomes of the run.
    pub(super) async fn write(&self, identity: &Identity, committing: impl FnOnce()) -> Result<Written, Failure> {
        let (target, run, bundle) = (self.target, self.run, Bundle::Identity(identity.clone()));
        let place = async {
            let staged = target.stage(&bundle).await?;
            committing();
            staged.commit().await
        };
        let in_force = run.step(Step::Write, place, |_| vec![]).await?;
        let read_back = run.step(Step::Verify, target.verify(&bundle), |back| {
            vec![
                ("files", json!(back.files)),
                ("pastCache", json!(back.past_cache)),
                ("cautions", json!(back.cautions)),
            ]
        });
        match read_back.await {
            Ok(read_back) => Ok(Written { files: read_back.files, in_force }),
            Err(failure) => {
                withdraw(in_force).await;
                Err(failure)
            }
        }
    }

    /// The step `release`: what the identity replaced goes, and the device is let go. The identity is proved by now,
    /// so nothing that happens here can undo that.
    pub(super) async fn settle(&self, Written { files, in_force }: Written) -> Vec<FileRecord> {
        let settle = async {
            let cleared = in_force.settle().await.is_ok();
            (cleared, self.target.release().await.unwrap_or(Release::Gone))
        };
        let detail =
            |(cleared, release): &(bool, Release)| vec![("release", json!(release)), ("cleared", json!(cleared))];
        self.run.always(Step::Release, settle, detail).await;
        files
    }
}

impl Written {
    /// What it replaced does not come back, whatever follows.
    pub(super) async fn keep(self) {
        if let Err(failure) = self.in_force.settle().await {
            tracing::warn!(%failure, "what was replaced could not be removed");
        }
    }

    pub(super) async fn withdraw(self) {
        withdraw(self.in_force).await;
    }
}

/// Whatever stopped the run is what the operator is told; a device that is gone keeps what it has.
async fn withdraw(in_force: Box<dyn InForce>) {
    if let Err(failure) = in_force.withdraw().await {
        tracing::warn!(%failure, "what was written could not be taken back");
    }
}
