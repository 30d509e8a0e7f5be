//! What was done, by whom: searched, narrowed, taken along, and proved to be whole, or not.

use std::path::PathBuf;
use std::process::Command;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::ways::ENTER;
use crate::support::window::Window;

/// A desk at which two devices were enrolled, and one was not.
fn desk() -> Desk {
    let (desk, operator) = (Desk::new(), cloud().operator());
    for serial in ["WINDOW-40", "WINDOW-41"] {
        Said::by(&mut desk.enroll(&operator, serial, &["--via", "api", "--replace"])).result();
        for file in desk.files() {
            std::fs::remove_file(desk.path("drive").join(file)).expect("writable");
        }
    }
    std::fs::write(desk.path("drive/identity.json"), "{}").expect("writable");
    let refused = Said::by(&mut desk.enroll(&operator, "WINDOW-42", &["--via", "api"]));
    assert_eq!(refused.failure().1, "identity-invalid");
    desk
}

/// The journal's file, wherever this system keeps it.
fn database(desk: &Desk) -> PathBuf {
    let found =
        walkdir(&desk.path("home")).into_iter().find(|path| path.extension().is_some_and(|end| end == "sqlite"));
    found.expect("a journal")
}

fn walkdir(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walkdir(&path) } else { vec![path] }).collect()
}

/// As somebody does who knows SQL, and what stands in the way.
fn edit(database: &std::path::Path, sql: &str) {
    let script = "import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for (name,) in db.execute(\"SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE UPDATE ON entry%'\").fetchall():
    db.execute(f'DROP TRIGGER {name}')
changed = db.execute(sys.argv[2]).rowcount
db.commit()
sys.exit(changed < 1)";
    let edited = Command::new("python3").args(["-c", script]).arg(database).arg(sql).status();
    assert!(edited.expect("python3 runs").success(), "something was edited");
}

async fn open(desk: &Desk, name: &str, language: &str) -> Window {
    let window = Window::signed_in(desk, name, language, &cloud().helpdesk()).await;
    window.go_to("journal").await;
    window.find("#journal-table tbody tr").await;
    window
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_searched_looked_at_and_exported_in_both_languages() {
    let desk = desk();
    for (language, name) in [("en", "journal"), ("ja", "journal-ja")] {
        let window = open(&desk, name, language).await;
        window.fill("#journal-text", "WINDOW-41").await;
        window.press(ENTER).await;
        window.named("#journal-found", "1").await;
        let table = window.text("#journal-table").await;
        assert!(table.contains("WINDOW-41") && !table.contains("WINDOW-40"), "only what was looked for: {table}");

        window.fill("#journal-text", "WINDOW-42").await;
        window.press(ENTER).await;
        window.find("#journal-table tr[data-outcome=failed]").await;
        window.click("#journal-table tbody button").await;
        window.find("#run-detail[open]").await;
        window.picture("journal-run").await;
        window.axe("detail").await;
        window.find("#remedy").await;
        window.click("#close-detail").await;

        window.fill("#journal-text", "WINDOW-99").await;
        window.press(ENTER).await;
        window.find("#journal-empty").await;
        window.shoot("empty").await;
        window.axe("empty").await;
        window.click("#clear-filters").await;
        window.find("#journal-table tbody tr").await;

        for (button, file) in [("#export-csv", "runs.csv"), ("#export-json", "runs.jsonl")] {
            let file = desk.path(&format!("tmp/{language}-{file}"));
            window.click(button).await;
            window.save_as(&file).await;
            window.named("#exported", &file.display().to_string()).await;
            let said = window.text("#exported").await;
            let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {said}"));
            for serial in ["WINDOW-40", "WINDOW-41", "WINDOW-42"] {
                assert!(text.contains(serial), "{serial} is missing: {text}");
            }
            assert!(!text.contains("PRIVATE KEY"), "no secrets");
        }
        window.shoot("exported").await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_edited_says_where() {
    let desk = desk();
    let database = database(&desk);
    edit(&database, "UPDATE entry SET serial_number = 'WINDOW-43' WHERE serial_number = 'WINDOW-41'");
    for (language, name) in [("en", "journal-broken"), ("ja", "journal-broken-ja")] {
        let window = open(&desk, name, language).await;
        window.click("#check-journal").await;
        window.find("#chain[data-state=broken]").await;
        window.picture("journal-broken").await;
        window.axe("broken").await;
        window.close().await;
    }
}
