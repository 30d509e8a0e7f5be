//! The help desk changes certificates, re-issues them and proves them.

use std::collections::BTreeMap;
use std::time::Duration;

use fieldkey_core::{Again, Enroll, Job, KeySource, Ports, Provision, Reissue, Revoke, Revoked, Verify, Via};
use secrecy::SecretString;
use tauri::State;
use tauri::ipc::Channel;

use super::run::{self, carry_out};
use super::{Answered, view};
use crate::progress::Unseen;
use crate::record::Record;
use crate::state::Window;
use crate::views::{ChangeRequest, Recorded, ReissueRequest, ReissueWay, RunEvent, VerifyRequest};

/// Longer than any claim lives: the job itself stops when the claim ends.
const WAIT: Duration = Duration::from_secs(600);

#[tauri::command]
pub(crate) async fn change_certificates(
    request: ChangeRequest,
    window: State<'_, Window>,
) -> Answered<Recorded<Revoked>> {
    let _change = window.renewal.change().map_err(view)?;
    let site = window.site().map_err(view)?;
    let record = Record::new(&site.journal);
    let ports = Ports { operator: site.operator(), cloud: site.cloud(), journal: &record, progress: &Unseen };
    let ChangeRequest { thing_name, certificate_id: certificate, act } = request;
    let request = Revoke { run: fieldkey_journal::new_run(), thing_name, certificate, act };
    let result = fieldkey_core::revoke(&request, site.site(), ports).await.map_err(view)?;
    Ok(Recorded { result, unrecorded: record.why_not().cloned() })
}

#[tauri::command]
pub(crate) async fn reissue(
    request: ReissueRequest,
    password: Option<SecretString>,
    on_event: Channel<RunEvent>,
    window: State<'_, Window>,
) -> Answered<()> {
    let device = request.device.clone();
    carry_out(&window, Job::Reissue, on_event, Some((&device, password)), async |run: run::Run<'_>| {
        let target = run.target(&device)?;
        let (id, serial_number, parameters) = (run.id.clone(), request.serial_number, BTreeMap::new());
        let again = match request.way {
            ReissueWay::Device => {
                let wait = Some(WAIT);
                Again::Provision(Provision { run: id, serial_number, parameters, replace: true, wait })
            }
            ReissueWay::Here => Again::Enroll(Enroll {
                run: id,
                serial_number,
                parameters,
                replace: true,
                via: Via::Claim,
                key: KeySource::Host,
                key_type: None,
            }),
        };
        let request = Reissue { again, compromised: request.compromised };
        let site = run.site;
        let side = site.device_side();
        // Its outcome goes to the page as an event.
        let _ = fieldkey_core::reissue(&request, site.site(), site.device_ca(), target.as_ref(), side, run.ports).await;
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn verify_identity(
    request: VerifyRequest,
    password: Option<SecretString>,
    on_event: Channel<RunEvent>,
    window: State<'_, Window>,
) -> Answered<()> {
    let device = request.device.clone();
    carry_out(&window, Job::Verify, on_event, Some((&device, password)), async |run: run::Run<'_>| {
        let target = run.target(&device)?;
        let (site, side, target) = (run.site.site(), run.site.device_side(), target.as_ref());
        let identity = fieldkey_core::read_identity(&run.id, site, target, target.identity(), run.ports).await;
        // Its outcome goes to the page as an event.
        let Ok(identity) = identity else { return Ok(()) };
        let VerifyRequest { mqtt, direct, bucket, .. } = request;
        let request = Verify { run: run.id.clone(), mqtt, direct, bucket };
        let _ = fieldkey_core::verify(&request, site, target, &identity, side, run.ports).await;
        Ok(())
    })
    .await
}
