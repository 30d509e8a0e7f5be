//! `fieldkey site …`.

use std::path::PathBuf;

use clap::Subcommand;

use super::shared::key_value;

#[derive(Subcommand)]
pub(crate) enum SiteCommand {
    /// List the sites that the organisation put on this computer
    List(SiteList),
    /// Name every mistake in a site file
    Check(SiteCheck),
    /// Make a site file out of the stack's outputs
    FromOutputs(FromOutputs),
}

#[derive(clap::Args)]
pub(crate) struct SiteList {
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct SiteCheck {
    /// The site file
    #[arg(value_name = "FILE", required_unless_present = "site")]
    pub(crate) file: Option<PathBuf>,
    /// The site file
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub(crate) site: Option<PathBuf>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct FromOutputs {
    /// What `aws cloudformation describe-stacks` or `fieldkey stack outputs` printed, or an amplify_outputs.json;
    /// `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Which stack, where the file has several
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    /// What operators call the site
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A key of the site file that the outputs do not have, or have otherwise; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) set: Vec<(String, String)>,
    /// Write the site file here instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the file that --output names, if there is one
    #[arg(long, requires = "output")]
    pub(crate) replace: bool,
}
