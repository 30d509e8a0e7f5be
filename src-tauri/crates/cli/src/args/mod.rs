//! The call's words. They are a contract: scripts rely on them to the letter.
//!
//! What stands above an argument here is its help in English; `help` has the same in Japanese.

mod claim;
mod device;
mod driver;
mod history;
mod in_hand;
mod mistake;
mod policy;
mod registry;
mod shared;
mod site;
mod stack;

use clap::{Parser, Subcommand};

pub(crate) use claim::{ClaimCommand, ClaimExport, ClaimOpen};
pub(crate) use device::{Enroll, Provision, Reissue, Via};
pub(crate) use history::History;
pub(crate) use in_hand::{DeviceCommand, DeviceInspect, DeviceRemove, InHand};
pub(crate) use mistake::mistake;
pub(crate) use policy::{PolicyCheck, PolicyCommand, PolicyShow};
pub(crate) use registry::{Activate, Inspect, Register, Revoke, Verify};
pub(crate) use shared::{Device, Key, KeyType, Named, Signer, Status, Who};
pub(crate) use site::{FromOutputs, SiteCheck, SiteCommand, SiteList};
pub(crate) use stack::{Stack, StackCommand, StackDeploy, StackOutputs};

/// AWS IoT credentials onto the device in hand.
#[derive(Parser)]
// On every system, also where the program is `fieldkey.exe`.
#[command(name = "fieldkey", bin_name = "fieldkey", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a fresh claim onto a device and read it back; with --wait, watch the device register itself
    Provision(Box<Provision>),
    /// Do the device's part: make a key, get a certificate, write both and prove them
    Enroll(Box<Enroll>),
    /// Register a certificate that exists already, without a CA
    Register(Box<Register>),
    /// Prove an identity, check by check
    Verify(Verify),
    /// Show a thing and its certificates
    Inspect(Inspect),
    /// Give a device a new identity and deactivate its old certificates
    Reissue(Box<Reissue>),
    /// Activate a certificate that was registered inactive, or deactivated
    Activate(Activate),
    /// Delete a thing's certificates, or deactivate them
    Revoke(Revoke),
    /// List the drives and serial ports that are attached now
    Targets(Targets),
    /// Forget the session of an operator, here and at the user pool
    SignOut(SignOut),
    /// List earlier runs, newest first
    History(History),
    /// Send a claim to an installer somewhere else, as an encrypted file
    #[command(subcommand)]
    Claim(ClaimCommand),
    /// Work with what a device in hand holds
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Work with site files
    #[command(subcommand)]
    Site(SiteCommand),
    /// What the organisation allows on this computer
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Work with the stack, the AWS side of a site
    #[command(subcommand)]
    Stack(StackCommand),
}

#[derive(clap::Args)]
pub(crate) struct Targets {
    /// Stay, and print each target that comes, goes or changes, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct SignOut {
    /// The site file, or the name of a site of this computer
    #[arg(long, value_name = "FILE")]
    pub(crate) site: std::path::PathBuf,
    /// Whose session
    #[arg(long, value_name = "EMAIL")]
    pub(crate) user: String,
    /// Print one JSON object a line and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

impl Command {
    /// Is it a script that reads the answer?
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Provision(args) => args.json,
            Self::Enroll(args) => args.json,
            Self::Register(args) => args.json,
            Self::Verify(args) => args.json,
            Self::Inspect(args) => args.json,
            Self::Reissue(args) => args.json,
            Self::Activate(args) => args.json,
            Self::Revoke(args) => args.json,
            Self::Targets(args) => args.json,
            Self::SignOut(args) => args.json,
            Self::History(args) => args.json,
            Self::Claim(ClaimCommand::Export(args)) => args.json,
            Self::Claim(ClaimCommand::Open(args)) => args.json,
            Self::Device(DeviceCommand::Inspect(args)) => args.json,
            Self::Device(DeviceCommand::Remove(args)) => args.json,
            Self::Policy(PolicyCommand::Check(args)) => args.json,
            Self::Policy(PolicyCommand::Show(args)) => args.json,
            Self::Site(SiteCommand::List(args)) => args.json,
            Self::Site(SiteCommand::Check(args)) => args.json,
            Self::Site(SiteCommand::FromOutputs(_)) => false,
            Self::Stack(StackCommand::Deploy(args)) => args.json,
            Self::Stack(StackCommand::Outputs(args)) => args.json,
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
