//! Completions for four shells.

use std::io;
use std::path::Path;

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

pub(crate) fn write(command: &Command, folder: &Path) -> io::Result<()> {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
        clap_complete::generate_to(shell, &mut hinted(command.clone()), "fieldkey", folder)?;
    }
    Ok(())
}

/// A shell offers the names of files wherever it is told nothing, also for a region and a serial number.
fn hinted(command: Command) -> Command {
    command.mut_args(hint).mut_subcommands(hinted)
}

fn hint(arg: Arg) -> Arg {
    if !arg.get_action().takes_values() || !arg.get_possible_values().is_empty() {
        return arg;
    }
    let is_folder = arg.get_value_names().is_some_and(|names| names.iter().any(|name| name.as_str() == "FOLDER"));
    // What is parsed as a path has a hint already.
    let hint = if is_folder {
        ValueHint::DirPath
    } else if arg.get_value_hint() == ValueHint::AnyPath {
        ValueHint::FilePath
    } else {
        ValueHint::Other
    };
    arg.value_hint(hint)
}
