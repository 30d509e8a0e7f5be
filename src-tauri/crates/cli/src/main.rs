//! The `fieldkey` command: a thin transport over core's jobs, for scripts and for people at a terminal.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod args;
mod history;
mod interrupt;
mod log;
mod opened;
mod output;
mod person;
mod prompt;
mod provision;
mod sign_out;
mod site;
mod targets;
mod words;

use std::process::ExitCode;

use clap::Parser;
use fieldkey_core::{Failure, Language};

use args::{Args, Command, SiteCommand};

fn main() -> ExitCode {
    // A mistake in the call's words ends here, with status 2.
    let args = Args::parse();
    log::start();
    let language = language();
    let outcome = match args.command {
        Command::Provision(args) => interrupt::run(provision::run(*args, language)),
        Command::Targets(args) => targets::run(&args, language),
        Command::SignOut(args) => interrupt::run(sign_out::run(args, language)),
        Command::History(args) => history::run(&args, language),
        Command::Site(SiteCommand::Check(args)) => site::check(&args, language),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended::Said(status)) => ExitCode::from(status),
        Err(Ended::Failed(failure)) => {
            output::complain(&failure, language);
            ExitCode::from(failure.code.exit_status())
        }
    }
}

/// How a command ended without success.
enum Ended {
    /// Everything was said already; only the exit status is left.
    Said(u8),
    Failed(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The language of the messages, from the locale as POSIX orders its variables.
fn language() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
    Language::from_locale(&locale.unwrap_or_default())
}
