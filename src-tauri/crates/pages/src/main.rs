//! Writes what packages carry beside the programs, out of the programs' own grammar: manual pages in both languages,
//! and completions for four shells. Packages are built by it (`scripts/package`); it is in none.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

#[path = "../../cli/src/args/mod.rs"]
#[allow(dead_code, unused_imports, reason = "of the command's arguments only the grammar is wanted here")]
mod args;
mod completions;
#[path = "../../cli/src/help/mod.rs"]
mod help;
mod manual;
mod sections;
#[path = "../../../src/args.rs"]
#[allow(dead_code, reason = "the same, of the window's")]
mod window;

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Command, CommandFactory};
use fieldkey_core::Language;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "usage: fieldkey-pages FOLDER"))?;
    for (language, pages) in [(Language::English, "man/man1"), (Language::Japanese, "man/ja/man1")] {
        let pages = folder.join(pages);
        fs::create_dir_all(&pages)?;
        let command = complete(help::command(language));
        manual::write(&command, language, &sections::of_the_command(language), &pages)?;
        let window = complete(sections::window(language));
        manual::write(&window, language, &sections::of_the_window(language), &pages)?;
    }
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    completions::write(&args::Args::command(), &completions)
}

/// With the names that clap gives its subcommands, and without a page for each `help`.
fn complete(mut command: Command) -> Command {
    command.build();
    without_help(command)
}

fn without_help(command: Command) -> Command {
    command.mut_subcommands(|sub| if sub.get_name() == "help" { sub.hide(true) } else { without_help(sub) })
}
