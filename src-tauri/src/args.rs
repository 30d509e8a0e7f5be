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
    /// A target to choose beforehand: `drive:PATH`
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<String>,
}
