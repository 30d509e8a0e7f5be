//! How large the page is drawn: for eyes that are tired and screens that are far. The menu changes it, the next start
//! finds it as it was.

use serde::Deserialize;
use tauri::{AppHandle, Manager};
use ts_rs::TS;

use crate::state::Window;

/// In percent, as browsers have them.
const STEPS: [u16; 9] = [67, 80, 90, 100, 110, 125, 150, 175, 200];
pub(crate) const ACTUAL: u16 = 100;

#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum Zoom {
    In,
    Out,
    Actual,
}

impl Zoom {
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::In => "zoom-in",
            Self::Out => "zoom-out",
            Self::Actual => "zoom-actual",
        }
    }

    pub(crate) fn of(id: &str) -> Option<Self> {
        [Self::In, Self::Out, Self::Actual].into_iter().find(|zoom| zoom.id() == id)
    }

    fn from(self, percent: u16) -> u16 {
        let next = match self {
            Self::In => STEPS.into_iter().find(|step| *step > percent),
            Self::Out => STEPS.into_iter().rfind(|step| *step < percent),
            Self::Actual => Some(ACTUAL),
        };
        next.unwrap_or(percent)
    }

    pub(crate) fn apply(self, app: &AppHandle) {
        let window = app.state::<Window>();
        let percent = self.from(window.settings().zoom());
        window.remember(|settings| settings.zoom = Some(percent));
        show(app, percent);
    }
}

pub(crate) fn show(app: &AppHandle, percent: u16) {
    for window in app.webview_windows().values() {
        if let Err(error) = window.set_zoom(f64::from(percent) / 100.0) {
            tracing::debug!(%error, "the page keeps its size");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_by_steps_and_stays_at_its_ends() {
        assert_eq!(Zoom::In.from(100), 110);
        assert_eq!(Zoom::Out.from(100), 90);
        assert_eq!(Zoom::In.from(200), 200, "no page is larger");
        assert_eq!(Zoom::Out.from(67), 67, "none is smaller");
        assert_eq!(Zoom::In.from(120), 125, "from between two steps, too");
        assert_eq!(Zoom::Actual.from(175), 100);
    }

    #[test]
    fn its_menu_items_are_told_from_the_page_s() {
        for zoom in [Zoom::In, Zoom::Out, Zoom::Actual] {
            assert_eq!(Zoom::of(zoom.id()), Some(zoom));
        }
        assert_eq!(Zoom::of("settings"), None);
    }
}
