//! Words about what a device holds.

use std::path::PathBuf;

use clap::Subcommand;

use super::driver::DriverName;

#[derive(Subcommand)]
pub(crate) enum DeviceCommand {
    /// Show what the device is and which credentials it holds
    Inspect(DeviceInspect),
    /// Remove the credentials that Fieldkey writes from the device
    Remove(DeviceRemove),
}

// Where it is.
#[derive(clap::Args)]
pub(crate) struct InHand {
    /// Where it is: `drive:PATH` or `serial:PORT`, with `?key=value` settings behind it
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: String,
    /// How to talk to the device; without this it is found out
    #[arg(long, value_parser = DriverName, hide_possible_values = true)]
    pub(crate) driver: Option<String>,
    /// The site file, or the name of a site of this computer, where the site has a layout of its own
    #[arg(long, value_name = "FILE")]
    pub(crate) site: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct DeviceInspect {
    #[command(flatten)]
    pub(crate) in_hand: InHand,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct DeviceRemove {
    #[command(flatten)]
    pub(crate) in_hand: InHand,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}
