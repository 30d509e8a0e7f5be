//! What lies around the window on a desktop: the session bus, the system's own dialogs, the menu's keys.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::window::Window;
use super::{clients_python, support};

/// A session bus that ends with its owner.
pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
}

impl Bus {
    pub(crate) fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus is installed");
        let mut address = String::new();
        let said = daemon.stdout.take().expect("piped");
        BufReader::new(said).read_line(&mut address).expect("an address");
        Self { daemon, address: address.trim().to_owned() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Window {
    /// Takes this file, or folder, in the system's dialog, which a click opened.
    pub(crate) async fn pick(&self, path: &Path) {
        let dialog = self.dialog().await;
        self.answer(&dialog, path).await;
    }

    /// Saves under this name, by the system's dialog.
    pub(crate) async fn save_as(&self, path: &Path) {
        let dialog = self.dialog().await;
        // What stands there is a proposal, of which the ending is not selected.
        self.xdotool(&["windowfocus", "--sync", &dialog, "key", "ctrl+a"]);
        self.answer(&dialog, path).await;
    }

    async fn answer(&self, dialog: &str, path: &Path) {
        let path = path.display().to_string();
        // The first character opens the field that takes the others.
        let (first, others) = path.split_at(1);
        self.xdotool(&["windowfocus", "--sync", dialog, "type", first]);
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.xdotool(&["type", "--delay", "5", others]);
        self.xdotool(&["key", "Return"]);
        // It may want to complete what was typed first.
        let end = Instant::now() + Duration::from_secs(10);
        while self.others().iter().any(|other| other == dialog) {
            if Instant::now() > end {
                self.shoot("dialog").await;
                panic!("the dialog does not take {path}");
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            if self.others().iter().any(|other| other == dialog) {
                self.xdotool(&["key", "Return"]);
            }
        }
        // No window manager gives the focus back.
        self.focus();
    }

    /// Drags files over the middle of the page and lets go.
    pub(crate) fn drop(&self, files: &[&Path]) {
        let mut drag = Command::new(clients_python());
        drag.arg(support("drag.py")).args(["500", "400"]).args(files).env("DISPLAY", &self.display);
        let dragged = drag.output().expect("python runs");
        assert!(dragged.status.success(), "{}", String::from_utf8_lossy(&dragged.stderr));
    }

    /// Keys to the window itself, as the menu's are.
    pub(crate) fn keys(&self, keys: &str) {
        self.focus();
        self.xdotool(&["key", keys]);
    }

    fn focus(&self) {
        if let Some(own) = self.windows("^Fieldkey$").first() {
            self.xdotool(&["windowfocus", "--sync", own]);
        }
    }

    async fn dialog(&self) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(dialog) = self.others().first() {
                return dialog.clone();
            }
            if Instant::now() > end {
                self.shoot("no-dialog").await;
                panic!("no dialog opened");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Windows that are seen and are not Fieldkey's own, nor as small as what only says something under the pointer.
    fn others(&self) -> Vec<String> {
        let own = self.windows("^Fieldkey$");
        let others = self.windows(".").into_iter().filter(|window| !own.contains(window));
        others.filter(|window| self.height(window) > 200).collect()
    }

    fn height(&self, window: &str) -> u32 {
        let said = self.xdotool(&["getwindowgeometry", "--shell", window]);
        said.lines().find_map(|line| line.strip_prefix("HEIGHT=")?.parse().ok()).unwrap_or(0)
    }

    fn windows(&self, name: &str) -> Vec<String> {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", name]);
        found.lines().map(str::to_owned).collect()
    }

    fn xdotool(&self, words: &[&str]) -> String {
        let output = Command::new("xdotool").env("DISPLAY", &self.display).args(words).output();
        String::from_utf8_lossy(&output.expect("xdotool is installed").stdout).into_owned()
    }
}
