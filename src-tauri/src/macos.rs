//! What macOS says to a running program, and no other system does. Not built by the tests here.

use std::path::Path;

use tauri::{AppHandle, RunEvent};

use crate::end::End;
use crate::{hand_over, to_the_front};

pub(crate) fn heard(app: &AppHandle, event: &RunEvent, end: &End) {
    match event {
        // A double-click on a site file, or a link, also where it is what started Fieldkey.
        RunEvent::Opened { urls } => {
            to_the_front(app);
            urls.iter().for_each(|url| hand_over(app, url.as_str(), Path::new("/")));
        }
        // The icon in the Dock, which is to bring a minimised window back.
        RunEvent::Reopen { .. } => to_the_front(app),
        // The Dock's own Quit, and a log-out: the system ends the program as soon as it has heard this.
        RunEvent::Exit => end.come(),
        _ => {}
    }
}
