//! What the page may ask: parse, call the core, return.

pub(crate) mod bench;
pub(crate) mod certificates;
pub(crate) mod claims;
pub(crate) mod journal;
pub(crate) mod look_up;
pub(crate) mod practise;
pub(crate) mod provision;
pub(crate) mod register;
mod run;
pub(crate) mod shell;
pub(crate) mod sign_in;
pub(crate) mod sites;
pub(crate) mod targets;

use fieldkey_core::{Failure, FailureView};

pub(crate) type Answered<T> = Result<T, FailureView>;

fn view(failure: Failure) -> FailureView {
    failure.view()
}
