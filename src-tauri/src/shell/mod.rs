//! What the window has around its page: menu, files that are handed over, dropped files.

mod handed;
pub(crate) mod menu;
pub(crate) mod zoom;

use std::path::PathBuf;
use std::sync::Mutex;

use tauri::ipc::Channel;

use crate::state::held;
use crate::views::{Drop, MenuCommand};

pub(crate) use handed::site_file;

/// The page's ears. It listens once it is there; what came before is kept for it.
#[derive(Default)]
pub(crate) struct Shell {
    menu: Mutex<Option<Channel<MenuCommand>>>,
    drops: Mutex<Option<Channel<Drop>>>,
    opened: Mutex<Opened>,
}

#[derive(Default)]
struct Opened {
    page: Option<Channel<PathBuf>>,
    waiting: Vec<PathBuf>,
}

impl Shell {
    pub(crate) fn watch_menu(&self, page: Channel<MenuCommand>) {
        *held(&self.menu) = Some(page);
    }

    pub(crate) fn chosen(&self, command: MenuCommand) {
        send(held(&self.menu).as_ref(), command);
    }

    pub(crate) fn watch_drops(&self, page: Channel<Drop>) {
        *held(&self.drops) = Some(page);
    }

    pub(crate) fn dropped(&self, drop: Drop) {
        send(held(&self.drops).as_ref(), drop);
    }

    pub(crate) fn watch_opened(&self, page: Channel<PathBuf>) {
        let mut opened = held(&self.opened);
        for path in std::mem::take(&mut opened.waiting) {
            send(Some(&page), path);
        }
        opened.page = Some(page);
    }

    /// The system hands over a site file.
    pub(crate) fn handed_over(&self, path: PathBuf) {
        let mut opened = held(&self.opened);
        match &opened.page {
            Some(page) => send(Some(page), path),
            None => opened.waiting.push(path),
        }
    }
}

fn send<T: tauri::ipc::IpcResponse>(page: Option<&Channel<T>>, word: T) {
    if let Some(Err(error)) = page.map(|page| page.send(word)) {
        tracing::debug!(%error, "the page does not listen");
    }
}
