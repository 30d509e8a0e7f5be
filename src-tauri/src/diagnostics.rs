//! What helps to help: versions, settings without names, the end of the log.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::state::Window;
use crate::{crash, folders, log, updates};

/// So many lines of the log.
const LINES: usize = 200;

/// Plain text. No e-mail address and not the person's own folder is in it; of sites, how many there are. The log names
/// devices and things.
pub(crate) fn text(window: &Window) -> String {
    let settings = window.settings();
    let mut text = String::new();
    let web_view = tauri::webview_version().unwrap_or_else(|_| "?".into());
    let on = system();
    let _ = writeln!(text, "Fieldkey {}, {on}, web view {web_view}", env!("CARGO_PKG_VERSION"));
    let _ =
        writeln!(text, "language {:?}, theme {:?}, sites {}", settings.language, settings.theme, settings.sites.len());
    let journal = match window.runs().as_ref() {
        Ok(_) => "open".to_owned(),
        Err(why) => why.en.clone(),
    };
    let _ = writeln!(text, "journal: {journal}");
    let rules = window.machine.rules();
    let off = serde_json::to_string(&rules.off()).unwrap_or_default();
    let _ = writeln!(text, "policy: {}, off {off}", rules.file().unwrap_or("none"));
    let updates = updates::by(rules, !settings.no_look_at_start);
    let _ = writeln!(text, "updates: {}", serde_json::to_string(&updates).unwrap_or_default());
    if let Some(crash) = crash::report() {
        let _ = writeln!(text, "last crash: {}\n{}", crash.at, crash.text);
    }
    let _ = writeln!(text, "--");
    text.push_str(&last_lines(folders::logs().as_deref()));
    let home = directories::BaseDirs::new().map(|folders| folders.home_dir().display().to_string());
    without_people(&text, home.as_deref())
}

fn system() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}

fn without_people(text: &str, home: Option<&str>) -> String {
    let text = home.filter(|home| home.len() > 1).map_or_else(|| text.to_owned(), |home| text.replace(home, "~"));
    let mut told = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "\"'`<>(),;=".contains(c)) {
        let (word, end) =
            word.split_at(word.trim_end_matches(|c: char| c.is_whitespace() || "\"'`<>(),;=".contains(c)).len());
        told.push_str(if word.contains('@') { "…@…" } else { word });
        told.push_str(end);
    }
    told
}

/// Of the newest file of the log.
fn last_lines(folder: Option<&Path>) -> String {
    let files = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(log::NAME));
    // Their names end with the date.
    let newest = files.map(|file| file.path()).filter(ours).max();
    let text = newest.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_s_address_and_home_are_told() {
        let text = "user=\"mori@example.com\" at /home/mori/tokyo.json\n(sato@example.jp) 12:00";
        assert_eq!(without_people(text, Some("/home/mori")), "user=\"…@…\" at ~/tokyo.json\n(…@…) 12:00");
    }

    #[test]
    fn the_newest_log_s_end_is_what_helps() {
        let folder = tempfile::tempdir().expect("a folder");
        let many: String = (0..300).map(|line| format!("line {line}\n")).collect();
        std::fs::write(folder.path().join("window.2026-03-04.log"), many).expect("writable");
        std::fs::write(folder.path().join("window.2026-03-03.log"), "old").expect("writable");
        std::fs::write(folder.path().join("zzz.txt"), "another's").expect("writable");
        let said = last_lines(Some(folder.path()));
        assert!(said.starts_with("line 100\n") && said.ends_with("line 299"), "{said}");
        assert_eq!(last_lines(None), "");
    }
}
