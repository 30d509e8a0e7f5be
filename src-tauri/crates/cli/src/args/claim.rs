//! Words about claims for installers elsewhere.

use std::path::PathBuf;

use clap::Subcommand;

use super::{InHand, Who, shared::key_value};

#[derive(Subcommand)]
pub(crate) enum ClaimCommand {
    /// Encrypt a fresh claim into a file for an installer somewhere else
    Export(ClaimExport),
    /// Write the claim of such a file onto a device, without an account and without a network
    Open(ClaimOpen),
}

#[derive(clap::Args)]
pub(crate) struct ClaimExport {
    #[command(flatten)]
    pub(crate) who: Who,
    /// The device's serial number
    #[arg(long, value_name = "SN")]
    pub(crate) serial_number: String,
    /// A further parameter of the provisioning template; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) param: Vec<(String, String)>,
    /// The folder for the file, whose name says until when the claim works. The passphrase is asked for, or taken from
    /// FIELDKEY_PASSPHRASE
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) output: PathBuf,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ClaimOpen {
    /// The claim file. Its passphrase is asked for, or taken from FIELDKEY_PASSPHRASE
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) in_hand: InHand,
    /// Overwrite an identity or a live claim that is on the target
    #[arg(long)]
    pub(crate) replace: bool,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}
