//! What the jobs need of the world. Everything else in this crate is plain data and decisions.

mod claim_files;
mod cloud;
mod device_side;
mod journal;
mod target;

pub use claim_files::ClaimFiles;
pub use cloud::{Certificate, CertificateStatus, Cloud, Groups, Issued, Made, Operator, SignedIn, Thing};
pub use device_side::{Caller, Connected, DeviceSide, New, Provisioning, TemporaryCredentials, Unregistered};
pub use journal::{Entry, Journal, RunEnd, RunStart};
pub use target::{Caution, Holds, InForce, Kind, NewKey, ReadBack, Release, Staged, Stored, Target};

use crate::Progress;

/// Whom a job works for, and whom it tells.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    pub operator: &'a dyn Operator,
    pub cloud: &'a dyn Cloud,
    pub journal: &'a dyn Journal,
    pub progress: &'a dyn Progress,
}
