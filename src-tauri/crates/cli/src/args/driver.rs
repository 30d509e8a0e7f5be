//! The drivers' names: any is taken, because a driver file may bring one; those that are built in are offered.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

/// For drives, then for serial ports.
const DRIVERS: [&str; 14] = [
    "drive",
    "greengrass",
    "device-client",
    "site",
    "fieldkey",
    "nrf91",
    "zephyr",
    "micropython",
    "console",
    "esp-at",
    "quectel",
    "simcom",
    "simcom-fs",
    "ublox",
];

/// Whoever uses it hides the possible values from the help: there they would read as all that there are.
#[derive(Clone)]
pub(super) struct DriverName;

impl TypedValueParser for DriverName {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(DRIVERS.into_iter().map(PossibleValue::new)))
    }
}
