//! The ports, faked: what the jobs' tests drive them against.

mod cloud;
mod device_side;
mod seen;
mod target;

pub(crate) use cloud::FakeCloud;
pub(crate) use device_side::{FakeDeviceSide, certificate_id, signed};
pub(crate) use seen::Seen;
pub(crate) use target::FakeTarget;
