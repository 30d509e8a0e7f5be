//! The installer's run.

use std::collections::BTreeMap;
use std::time::Duration;

use fieldkey_core::{Job, Provision};
use secrecy::SecretString;
use tauri::State;
use tauri::ipc::Channel;

use super::Answered;
use super::run::{Run, carry_out};
use crate::state::Window;
use crate::views::{ProvisionRequest, RunEvent};

/// Longer than any claim lives: the job itself stops when the claim ends.
const WAIT: Duration = Duration::from_secs(600);

#[tauri::command]
pub(crate) async fn provision(
    request: ProvisionRequest,
    password: Option<SecretString>,
    on_event: Channel<RunEvent>,
    window: State<'_, Window>,
) -> Answered<()> {
    let device = request.device.clone();
    carry_out(&window, Job::Provision, on_event, Some((&device, password)), async |run: Run<'_>| {
        let target = run.target(&device)?;
        let request = Provision {
            run: run.id.clone(),
            serial_number: request.serial_number,
            parameters: BTreeMap::new(),
            replace: request.replace,
            wait: Some(WAIT),
        };
        let site = run.site;
        // Its outcome goes to the page as an event.
        let _ = fieldkey_core::provision(&request, site.site(), site.device_ca(), target.as_ref(), run.ports).await;
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) fn cancel(window: State<'_, Window>) {
    window.under_way.cancel();
}

/// Nobody tries again what failed.
#[tauri::command]
pub(crate) fn forget_device_login(window: State<'_, Window>) {
    window.device_login.forget();
}
