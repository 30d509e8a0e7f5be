//! What a failed change had made at AWS is undone in reverse.

use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{Failure, Why};

use crate::iot::Iot;

/// A call may have been done although it failed: its undoing is noted before it is made.
#[derive(Clone, Debug)]
pub(super) enum Step {
    DeleteCertificate { id: String },
    DetachPolicy { policy: String, arn: String },
    DeleteThing { name: String },
    DetachThing { name: String, arn: String },
    Deactivate { id: String },
}

#[derive(Debug, Default)]
pub(super) struct Undo(Vec<Step>);

impl Undo {
    pub(super) fn note(&mut self, step: Step) {
        self.0.push(step);
    }

    /// The last one noted was not ours to make.
    pub(super) fn forget_last(&mut self) {
        self.0.pop();
    }

    /// Undoes everything, whatever fails on the way. Gives the failure back, which names what stayed behind.
    pub(super) async fn after(self, failure: Failure, iot: &Iot) -> Failure {
        let mut left = vec![];
        for step in self.0.into_iter().rev() {
            if let Err(undoing) = step.undo(iot).await {
                tracing::warn!(?step, code = %undoing.code, "not undone");
                left.push(step.what());
            }
        }
        if left.is_empty() {
            return failure;
        }
        let left = left.join(", ");
        let ja = failure.reason_ja.as_ref().unwrap_or(&failure.reason).clone();
        let joined = |reason: &str, text: String, joint: &str| match reason {
            "" => text,
            reason => format!("{reason}{joint}{text}"),
        };
        let en = joined(&failure.reason, format!("left behind at AWS: {left}"), "; ");
        let ja = joined(&ja, format!("AWS に残ったもの: {left}"), "。");
        failure.because_of(Why::new(en, ja))
    }
}

impl Step {
    async fn undo(&self, iot: &Iot) -> Result<(), Failure> {
        match self {
            Self::DeleteCertificate { id } => iot.delete_certificate(id).await,
            Self::DetachPolicy { policy, arn } => iot.detach_policy(policy, arn).await,
            Self::DeleteThing { name } => iot.delete_thing(name).await,
            Self::DetachThing { name, arn } => iot.detach_thing(name, arn).await,
            Self::Deactivate { id } => iot.update_certificate(id, CertificateStatus::Inactive).await,
        }
    }

    /// What stays behind if it is not undone.
    fn what(&self) -> String {
        match self {
            Self::DeleteCertificate { id } => format!("cert/{id}"),
            Self::DetachPolicy { policy, .. } => format!("policy/{policy} on it"),
            Self::DeleteThing { name } => format!("thing/{name}"),
            Self::DetachThing { name, .. } => format!("thing/{name} on it"),
            Self::Deactivate { .. } => "it is ACTIVE".into(),
        }
    }
}
