//! The call's words. They are a contract: scripts rely on them to the letter.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// AWS IoT credentials onto the device in hand.
#[derive(Parser)]
#[command(name = "fieldkey", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a fresh claim onto a device and read it back; with --wait, watch the device register itself
    Provision(Box<Provision>),
    /// List the drives that are attached now
    Targets(Targets),
    /// Forget the session of an operator, here and at the user pool
    SignOut(SignOut),
    /// List earlier runs, newest first
    History(History),
    /// Work with site files
    #[command(subcommand)]
    Site(SiteCommand),
}

#[derive(clap::Args)]
pub(crate) struct Provision {
    /// The site file
    #[arg(long, value_name = "FILE")]
    pub(crate) site: PathBuf,
    /// Who signs in. The password is asked for, or taken from FIELDKEY_PASSWORD; a first sign-in's new one from
    /// FIELDKEY_NEW_PASSWORD, an authenticator app's code from FIELDKEY_TOTP
    #[arg(long, value_name = "EMAIL")]
    pub(crate) user: Option<String>,
    /// The device's serial number
    #[arg(long, value_name = "SN")]
    pub(crate) serial_number: String,
    /// Where to write: `drive:PATH`
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: String,
    /// How to talk to the device: `drive`
    #[arg(long)]
    pub(crate) driver: Option<String>,
    /// A further parameter of the provisioning template; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parameter)]
    pub(crate) param: Vec<(String, String)>,
    /// Overwrite an identity or a live claim that is on the target
    #[arg(long)]
    pub(crate) replace: bool,
    /// Wait so long for the device to register itself; not at all without this, never longer than the claim lives
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<u64>,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Targets {
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct SignOut {
    /// The site file
    #[arg(long, value_name = "FILE")]
    pub(crate) site: PathBuf,
    /// Whose session
    #[arg(long, value_name = "EMAIL")]
    pub(crate) user: String,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct History {
    /// Only the runs of this device
    #[arg(long, value_name = "SN")]
    pub(crate) serial_number: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum SiteCommand {
    /// Name every mistake in a site file
    Check(SiteCheck),
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

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("KEY=VALUE is expected".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_s_call_is_understood() {
        let words = "fieldkey provision --site s.json --user a@b.c --serial-number SN --target drive:/m/x --driver drive \
                     --param A=1 --param B=x=y --replace --wait 60 --json";
        let Command::Provision(args) = Args::try_parse_from(words.split_whitespace()).expect("parses").command else {
            panic!("another command");
        };
        assert_eq!(args.param, [("A".into(), "1".into()), ("B".into(), "x=y".into())]);
        assert!(args.replace && args.json);
        assert_eq!(args.wait, Some(60));
    }

    #[test]
    fn a_password_is_never_an_argument() {
        let words =
            ["fieldkey", "provision", "--site", "s", "--serial-number", "S", "--target", "drive:/x", "--password", "x"];
        assert!(Args::try_parse_from(words).is_err(), "arguments are seen by everybody on the machine");
    }
}
