//! `fieldkey policy …`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Show what is switched off on this computer, and by which file
    Show(PolicyShow),
    /// Name every mistake in a policy file
    Check(PolicyCheck),
}

#[derive(clap::Args)]
pub(crate) struct PolicyShow {
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct PolicyCheck {
    /// A policy file that is to be rolled out; without this the one of this computer, and who may write it
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}
