//! The jobs about things and their certificates, without a device to write onto.

use std::path::PathBuf;

use super::{Named, Signer, Status, Who};

#[derive(clap::Args)]
pub(crate) struct Register {
    /// The site file, or the name of a site of this computer
    #[arg(long, value_name = "FILE", required_unless_present = "preview")]
    pub(crate) site: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) signer: Signer,
    /// The thing that gets the certificate; it is made if need be
    #[arg(long, value_name = "NAME", required_unless_present = "preview")]
    pub(crate) thing: Option<String>,
    /// The certificate: PEM, DER or PKCS#12, told apart by content
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: PathBuf,
    /// A private key that must be the certificate's; it is only compared and goes nowhere
    #[arg(long, value_name = "FILE")]
    pub(crate) private_key: Option<PathBuf>,
    /// Take the file's password from this environment variable; without this it is asked for where one is needed
    #[arg(long, value_name = "VAR")]
    pub(crate) password_env: Option<String>,
    /// The certificate's status once it is registered
    #[arg(long, value_name = "STATUS", default_value = "inactive")]
    pub(crate) status: Status,
    /// Only show what is in the file, and whether AWS IoT takes it
    #[arg(long)]
    pub(crate) preview: bool,
    /// The policy to attach to the certificate, with --aws-profile
    #[arg(long, value_name = "NAME", requires = "aws_profile")]
    pub(crate) policy: Option<String>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Verify {
    /// The site file, or the name of a site of this computer
    #[arg(long, value_name = "FILE")]
    pub(crate) site: PathBuf,
    /// Who signs in, where the site file does not say where an endpoint is
    #[arg(long, value_name = "EMAIL")]
    pub(crate) user: Option<String>,
    /// The folder that holds the identity
    #[arg(long, value_name = "FOLDER")]
    pub(crate) identity: PathBuf,
    /// Connect over MQTT, subscribe, publish and receive
    #[arg(long)]
    pub(crate) mqtt: bool,
    /// Get temporary credentials through the role alias, and see who they are
    #[arg(long)]
    pub(crate) direct: bool,
    /// List this bucket with the temporary credentials, and read an object of it; implies --direct
    #[arg(long, value_name = "BUCKET")]
    pub(crate) s3: Option<String>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) named: Named,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) named: Named,
    /// Only the certificate with this ID, or whose ID begins so; all of the thing's without this
    #[arg(long, value_name = "ID")]
    pub(crate) certificate: Option<String>,
    /// Only deactivate, which `activate` takes back
    #[arg(long)]
    pub(crate) deactivate: bool,
    /// Do it without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Activate {
    #[command(flatten)]
    pub(crate) who: Who,
    #[command(flatten)]
    pub(crate) named: Named,
    /// The certificate with this ID, or whose ID begins so: an old one of the thing's is not to come back with it
    #[arg(long, value_name = "ID")]
    pub(crate) certificate: String,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}
