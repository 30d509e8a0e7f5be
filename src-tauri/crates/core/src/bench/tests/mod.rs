//! The bench against faked devices and a faked AWS, in simulated time.

mod batch;
mod lists;
mod pairing;
mod runs;
mod stops;
mod world;
