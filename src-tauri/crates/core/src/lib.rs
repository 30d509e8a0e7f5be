//! Fieldkey's words, error codes and jobs.
//!
//! Knows no Tauri, no AWS SDK, no serial port, no SQLite and no file system: the jobs run over the
//! ports in [`ports`], so that tests drive them against fakes in milliseconds.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

pub mod bench;
mod bundle;
mod claim_file;
mod code;
mod enroll;
mod event;
mod export_claim;
mod failure;
#[cfg(test)]
mod fakes;
mod find;
mod inspect;
mod mistakes;
mod open_claim;
mod outcome;
mod parameters;
mod patience;
mod permission;
pub mod policy;
pub mod ports;
mod prove;
mod provision;
mod register;
mod registration;
#[cfg(test)]
mod registry_tests;
mod reissue;
mod revoke;
mod run;
mod serial_number;
pub mod site;
pub mod text;
mod thing_name;
mod twice;
mod verify;
pub mod x509;

pub use bundle::{Bundle, Claim, ClaimBundle, Endpoint, FileRecord, Identity, RoleAlias};
pub use claim_file::{ClaimFile, suggested_passphrase, unseal};
pub use code::Code;
pub use enroll::{Enroll, KeySource, Via, enroll};
pub use event::{Event, Job, Progress, Status, Step};
pub use export_claim::{ExportClaim, export_claim};
pub use failure::{Failure, FailureView, Language, Why, Words};
pub use find::{Found, ReadAs, find};
pub use inspect::{Inspect, inspect};
pub use mistakes::{Problem, first_of};
pub use open_claim::{OpenClaim, open_claim};
pub use outcome::{
    Check, Enrolled, ExportedClaim, Outcome, Provisioned, Registered, Reissued, Revoked, Verdict, Verified,
};
pub use permission::{HELPDESK, INSTALLERS};
pub use policy::{Feature, Policy, Rules};
pub use ports::{Cloud, DeviceSide, Journal, Operator, Ports, ReadBack, Release, Staged, Target};
pub use prove::own_topic;
pub use provision::{Provision, provision};
pub use register::{Register, about_the_file, check_registrable, register};
pub use reissue::{Again, Reissue, reissue};
pub use revoke::{Act, Revoke, revoke};
pub use run::never_began;
pub use serial_number::SerialNumber;
pub use site::Site;
pub use thing_name::serial_number_in;
pub use verify::{Verify, read_identity, verify};
