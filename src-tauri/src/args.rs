//! What the window may be started with.

use std::path::PathBuf;

use clap::Parser;

/// Fieldkey's window: AWS IoT credentials onto the device in hand.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "fieldkey-window", version)]
pub(crate) struct Args {
    /// The site file to open, instead of the one opened last
    #[arg(long, value_name = "FILE")]
    pub(crate) site: Option<PathBuf>,
    /// A site file, or a link to one: what the system hands over by a double-click
    #[arg(value_name = "SITE")]
    pub(crate) handed: Option<String>,
    /// A target that no list shows, to choose from: `drive:PATH` or `serial:PORT`; may be given several times. If it
    /// is the only one, it is chosen
    #[arg(long = "target", value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
}
