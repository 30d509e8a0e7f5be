//! What crosses to the page and back. Passwords and codes come in; no secret goes out but the one that an
//! authenticator app must learn.

mod devices;
mod run;
mod shell;
mod sign_in;
mod start;
mod updates;

pub(crate) use devices::*;
pub(crate) use run::{DeviceInHand, ProvisionRequest, RunEvent};
pub(crate) use shell::{About, CrashReport, Drop, MenuCommand, SiteEntry, SiteFailure, Theme};
pub(crate) use sign_in::{Answer, CodeSent, NewPasswordRequest, SignIn, SignInRequest};
pub(crate) use start::{Opened, OperatorView, PolicyView, SiteView, Start};
pub(crate) use updates::{Downloaded, UpdateView, Updates};
