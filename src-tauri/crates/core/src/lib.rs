//! Fieldkey's words, error codes and jobs.
//!
//! Knows no Tauri, no AWS SDK, no serial port, no SQLite and no file system: the jobs run over the
//! ports in [`ports`], so that tests drive them against fakes in milliseconds.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod claim;
mod code;
mod event;
mod failure;
pub mod ports;
mod provision;
mod registration;
mod run;
mod serial_number;
pub mod site;
pub mod text;

pub use claim::{Bundle, Claim, Endpoint, FileRecord};
pub use code::Code;
pub use event::{Event, Job, Progress, Provisioned, Status, Step};
pub use failure::{Failure, FailureView, Language, Why, Words};
pub use ports::{Cloud, Journal, ReadBack, Release, Staged, Target};
pub use provision::{Provision, provision};
pub use run::never_began;
pub use serial_number::SerialNumber;
pub use site::Site;
