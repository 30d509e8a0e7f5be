//! The `fieldkey` command: a thin transport over core's jobs, for scripts and for people at a terminal.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod args;
mod atomic;
mod bounded;
mod claim;
mod device;
mod enroll;
mod help;
mod history;
mod in_hand;
mod inspect;
mod interrupt;
mod job;
mod log;
mod opened;
mod organisation;
mod output;
mod person;
mod policy;
mod prompt;
mod provision;
mod register;
mod reissue;
mod revoke;
mod sign_out;
mod site;
mod stack;
mod targets;
mod verify;
mod words;

use std::process::ExitCode;

use clap::FromArgMatches;
use fieldkey_core::{Code, Failure, Language};

use args::{Args, ClaimCommand, Command, DeviceCommand, PolicyCommand, SiteCommand, StackCommand};
use output::line_to;

fn main() -> ExitCode {
    let language = language();
    let parsed = help::command(language).try_get_matches().and_then(|words| Args::from_arg_matches(&words));
    let command = match parsed {
        Ok(args) => args.command,
        Err(error) => {
            let Some(failure) = args::mistake(&error) else { error.exit() };
            output::complain(&failure, language);
            return ExitCode::from(failure.code.exit_status());
        }
    };
    log::start();
    let json = command.json();
    let is_about_it = matches!(command, Command::Policy(_));
    let ended = run(command, language);
    let said = matches!(&ended, Err(Ended::Failed(failure)) if failure.code == Code::PolicyInvalid);
    if let Some(trouble) = organisation::here().rules().trouble().filter(|_| !is_about_it && !said) {
        // Whatever was asked for, somebody should know: last, where it is read.
        output::complain(trouble, language);
    }
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended::Said(status)) => ExitCode::from(status),
        Err(Ended::Failed(failure)) => {
            if json {
                line_to(&mut std::io::stdout(), &output::failed_line(&failure, language));
            } else {
                output::complain(&failure, language);
            }
            ExitCode::from(failure.code.exit_status())
        }
    }
}

fn run(command: Command, language: Language) -> Result<(), Ended> {
    match command {
        Command::Provision(args) => interrupt::run(provision::run(*args, language)),
        Command::Enroll(args) => interrupt::run(enroll::run(*args, language)),
        Command::Register(args) => interrupt::run(register::run(*args, language)),
        Command::Verify(args) => interrupt::run(verify::run(args, language)),
        Command::Inspect(args) => interrupt::run(inspect::run(args, language)),
        Command::Reissue(args) => interrupt::run(reissue::run(*args, language)),
        Command::Activate(args) => interrupt::run(revoke::activate(args, language)),
        Command::Revoke(args) => interrupt::run(revoke::run(args, language)),
        Command::Targets(args) => targets::run(&args, language),
        Command::SignOut(args) => interrupt::run(sign_out::run(args, language)),
        Command::History(args) => history::run(&args, language),
        Command::Claim(ClaimCommand::Export(args)) => interrupt::run(claim::export(args, language)),
        Command::Claim(ClaimCommand::Open(args)) => interrupt::run(claim::open(args, language)),
        Command::Device(DeviceCommand::Inspect(args)) => interrupt::run(in_hand::inspect(args, language)),
        Command::Device(DeviceCommand::Remove(args)) => interrupt::run(in_hand::remove(args, language)),
        Command::Policy(PolicyCommand::Check(args)) => policy::check(&args, language),
        Command::Policy(PolicyCommand::Show(args)) => policy::show(&args, language),
        Command::Site(SiteCommand::List(args)) => site::list(&args, language),
        Command::Site(SiteCommand::Check(args)) => site::check(&args, language),
        Command::Site(SiteCommand::FromOutputs(args)) => site::from_outputs(&args, language),
        Command::Stack(StackCommand::Deploy(args)) => interrupt::run(stack::deploy(args, language)),
        Command::Stack(StackCommand::Outputs(args)) => interrupt::run(stack::outputs(args)),
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

/// The language of the messages, from the locale as POSIX orders its variables; on Windows, where hardly anybody sets
/// them, else from the person's settings.
fn language() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
    #[cfg(windows)]
    let locale = locale.or_else(sys_locale::get_locale);
    Language::from_locale(&locale.unwrap_or_default())
}
