//! One manual page for each command.

use std::fs;
use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use fieldkey_core::Language;

/// What `clap_mangen` calls its sections, and what Japanese pages call them.
const HEADINGS: [(&str, &str); 5] = [
    ("NAME", "名前"),
    ("SYNOPSIS", "書式"),
    ("DESCRIPTION", "説明"),
    ("OPTIONS", "オプション"),
    ("VERSION", "バージョン"),
];

/// Writes the page of a command and of those below it. `extra`: further sections of the first.
pub(crate) fn write(command: &Command, language: Language, extra: &str, folder: &Path) -> io::Result<()> {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write(sub, language, "", folder)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let page = Man::new(command.clone())
        .title(name.to_uppercase())
        .source(concat!("Fieldkey ", env!("CARGO_PKG_VERSION")))
        .manual("Fieldkey");
    let mut text = vec![];
    page.render(&mut text)?;
    let mut text = String::from_utf8(text).map_err(io::Error::other)?;
    if language == Language::Japanese {
        for (english, japanese) in HEADINGS {
            text = text.replace(&format!("\n.SH {english}\n"), &format!("\n.SH {japanese}\n"));
        }
    }
    fs::write(folder.join(format!("{name}.1")), text + extra)
}
