//! The pretended devices of the practise site.

use fieldkey_core::{Code, Failure, Why};
use fieldkey_device::Kind;
use fieldkey_practise::{Fault, Practise, Pretended};
use serde::Deserialize;
use tauri::State;
use tauri::ipc::Channel;
use ts_rs::TS;

use super::{Answered, view};
use crate::state::Window;

/// Another pretended device.
#[derive(Deserialize, TS)]
#[ts(export)]
pub(crate) struct PractisePlug {
    kind: Kind,
    fault: Option<Fault>,
}

fn or_gone(turned: bool, target: String) -> Answered<()> {
    if turned { Ok(()) } else { Err(view(Failure::new(Code::TargetGone).about(target))) }
}

fn practise(window: &Window) -> Answered<Practise> {
    let site = window.site().map_err(view)?;
    site.to_practise().cloned().ok_or_else(|| {
        let why = Why::new("only at the practise site", "練習用サイトでのみ使えます");
        view(Failure::new(Code::Usage).because_of(why))
    })
}

/// Calls with all of them, now and whenever one is plugged in or pulled out.
#[tauri::command]
pub(crate) async fn watch_practise(on_change: Channel<Vec<Pretended>>, window: State<'_, Window>) -> Answered<()> {
    let practise = practise(&window)?;
    let of = practise.clone();
    window.watch_practise(practise.watch(move |_| {
        let _ = on_change.send(of.devices());
    }));
    Ok(())
}

#[tauri::command]
pub(crate) async fn plug_practise(request: PractisePlug, window: State<'_, Window>) -> Answered<()> {
    practise(&window)?.plug(request.kind, request.fault).map(drop).map_err(view)
}

#[tauri::command]
pub(crate) async fn pull_practise(target: String, window: State<'_, Window>) -> Answered<()> {
    or_gone(practise(&window)?.pull(&target), target)
}

#[tauri::command]
pub(crate) async fn plug_back_practise(target: String, window: State<'_, Window>) -> Answered<()> {
    or_gone(practise(&window)?.plug_back(&target), target)
}
