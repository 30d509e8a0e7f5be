//! `fieldkey stack …`.

use clap::Subcommand;

use super::shared::key_value;

#[derive(Subcommand)]
pub(crate) enum StackCommand {
    /// Deploy or update the stack of a site, and print its outputs
    Deploy(StackDeploy),
    /// Print the stack's outputs, as `site from-outputs` reads them
    Outputs(StackOutputs),
}

#[derive(clap::Args)]
pub(crate) struct StackDeploy {
    #[command(flatten)]
    pub(crate) stack: Stack,
    /// A parameter of the stack; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) parameter: Vec<(String, String)>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct StackOutputs {
    #[command(flatten)]
    pub(crate) stack: Stack,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

// Which stack, and in whose name.
#[derive(clap::Args)]
pub(crate) struct Stack {
    /// The profile of AWS's configuration files to work with
    #[arg(long, value_name = "PROFILE")]
    pub(crate) aws_profile: String,
    /// The stack's AWS region
    #[arg(long)]
    pub(crate) region: String,
    /// The stack's name
    #[arg(long)]
    pub(crate) name: String,
    /// CloudFormation's address, where it is not AWS's own: a local cloud
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}
