//! Fieldkey as a whole: the command and the window against a local cloud.
//!
//! The modules are the table of contents. Servers listen on loopback and end with the tests.

// The local cloud and the devices beside it run on Unix; by `FIELDKEY_UNDER_WINE` they try a Windows build there.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic, clippy::print_stdout)]

mod bad_input;
mod calls;
mod certificate_api;
mod drive;
mod engineer;
mod enroll_faults;
mod first_site;
mod help_desk;
mod independent_clients;
mod interrupt;
mod keychain;
mod least_privilege;
mod leftovers;
mod main_job;
mod organisation;
mod register;
mod secrets;
mod serial;
mod stories;
mod support;
mod window;
mod windows;
