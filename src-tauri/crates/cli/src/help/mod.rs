//! `--help` in the person's language. English stands above the arguments themselves, in `args`.

mod japanese;

use clap::builder::{PossibleValue, Resettable};
use clap::{Arg, Command, CommandFactory};
use fieldkey_core::Language;

use crate::args::Args;

/// clap's own page, with its headings in Japanese.
const PAGE: &str = "{about-with-newline}\n使い方: {usage}\n\n{all-args}";

/// The call's grammar, with its help.
pub(crate) fn command(language: Language) -> Command {
    let mut command = Args::command();
    if language == Language::Japanese {
        // Only then are clap's own `help` and `version` there to be translated.
        command.build();
        command = translated(command, "");
    }
    command
}

/// `path`: the commands on the way here, with a space between them.
fn translated(command: Command, path: &str) -> Command {
    let mut command = command
        .help_template(PAGE)
        .subcommand_help_heading("コマンド")
        .subcommand_value_name("コマンド")
        .mut_args(|arg| argument(arg, path));
    if let Some(about) = japanese::command(path) {
        command = command.about(about);
    }
    command.mut_subcommands(|sub| {
        // Below `help` is every command once more.
        let parent = path.strip_suffix("help").unwrap_or(path).trim_end();
        let path = format!("{parent} {}", sub.get_name()).trim_start().to_owned();
        translated(sub, &path)
    })
}

fn argument(arg: Arg, path: &str) -> Arg {
    let heading = if arg.is_positional() { "引数" } else { "オプション" };
    let arg = arg.help_heading(heading);
    let Some(help) = japanese::argument(path, arg.get_id().as_str()) else { return arg };
    let mut help = help.to_owned();
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let takes_value = arg.get_action().takes_values();
    if takes_value && !defaults.is_empty() {
        help += &format!(" [既定値: {}]", defaults.join(", "));
    }
    let possible: Vec<_> = arg.get_possible_values();
    if takes_value && !possible.is_empty() && !arg.is_hide_possible_values_set() {
        let names: Vec<_> = possible.iter().map(PossibleValue::get_name).collect();
        help += &format!(" [指定できる値: {}]", names.join(", "));
    }
    arg.help(help).long_help(Resettable::Reset).hide_default_value(true).hide_possible_values(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command with its path, and every argument with its command's.
    fn walk(command: &Command, path: &str, see: &mut impl FnMut(&str, Option<&Arg>, Option<String>)) {
        see(path, None, command.get_about().map(ToString::to_string));
        for arg in command.get_arguments() {
            see(path, Some(arg), arg.get_help().map(ToString::to_string));
        }
        for sub in command.get_subcommands() {
            walk(sub, format!("{path} {}", sub.get_name()).trim_start(), see);
        }
    }

    fn is_japanese(text: &str) -> bool {
        text.chars().any(|c| c >= '\u{3040}')
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        let mut english = Args::command();
        english.build();
        for (language, root) in [(false, english), (true, command(Language::Japanese))] {
            walk(&root, "", &mut |path, arg, help| {
                let name = format!("fieldkey {path} {}", arg.map(|arg| arg.get_id().as_str()).unwrap_or_default());
                let help = help.unwrap_or_default();
                assert!(!help.is_empty(), "{name}: no help");
                assert_eq!(is_japanese(&help), language, "{name}: {help}");
            });
        }
    }

    #[test]
    fn the_japanese_table_has_no_row_that_is_not_used() {
        let mut command = Args::command();
        command.build();
        let mut used = std::collections::HashSet::new();
        walk(&command, "", &mut |path, arg, _| {
            used.insert(match arg {
                Some(arg) => japanese::row(path, arg.get_id().as_str()),
                None => None,
            });
        });
        for (index, row) in japanese::ARGUMENTS.iter().enumerate() {
            assert!(used.contains(&Some(index)), "{row:?} is no argument's");
        }
    }

    #[test]
    fn a_group_of_arguments_does_not_lend_its_words_to_a_command() {
        let about = Args::command().find_subcommand("inspect").and_then(|c| c.get_about().map(ToString::to_string));
        assert_eq!(about.as_deref(), Some("Show a thing and its certificates"));
    }

    #[test]
    fn the_japanese_page_has_no_english_headings() {
        let page = command(Language::Japanese).find_subcommand_mut("enroll").map(|c| c.render_long_help());
        let page = page.expect("a command").to_string();
        for heading in ["Usage:", "Options:", "Arguments:", "possible values", "default:", "Print"] {
            assert!(!page.contains(heading), "{heading} in: {page}");
        }
        assert!(page.contains("使い方: fieldkey enroll"), "{page}");
        assert!(page.contains("[指定できる値: claim, api, direct]") && page.contains("[既定値: host]"), "{page}");
    }

    #[test]
    fn calls_are_understood_in_any_language() {
        for language in [Language::English, Language::Japanese] {
            let words = ["fieldkey", "site", "check", "s.json", "--json"];
            assert!(command(language).try_get_matches_from(words).is_ok(), "{language:?}");
            let words = ["fieldkey", "inspect", "--site", "s"];
            let error = command(language).try_get_matches_from(words).expect_err("the thing is missing");
            assert_eq!(error.kind(), clap::error::ErrorKind::MissingRequiredArgument, "{language:?}");
        }
    }
}
