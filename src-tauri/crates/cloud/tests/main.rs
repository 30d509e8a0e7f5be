//! `fieldkey-cloud` against doubles that speak the real protocols.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic)]

mod support;

mod password;

mod challenges;
mod first_factor;
mod forgotten;

mod devices;
mod keychain;
mod tokens;

mod credentials;
mod groups;
mod iot;
mod look_ups;

mod account;
mod certificate_api;
mod stack;

mod credentials_endpoint;
mod fleet_provisioning;
mod mqtt;
mod ways;

mod clock;
mod network;
mod proxy;
mod refusals;
mod tls;

mod secrets;
