//! Claims for installers somewhere else: exported by the one, opened by the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fieldkey_cloud::ClaimFolder;
use fieldkey_core::{ClaimFile, Code, ExportClaim, Failure, Feature, Job, OpenClaim, Step, Target, Why};
use fieldkey_device::Means;
use secrecy::{ExposeSecret, SecretString};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State};
use time::OffsetDateTime;

use super::run::{self, carry_out};
use super::{Answered, view};
use crate::caught::caught;
use crate::progress::ToPage;
use crate::record::Record;
use crate::state::Window;
use crate::views::{DeviceInHand, ExportRequest, OpenRequest, OpenedClaim, PickedFile, RunEvent, WriteClaimRequest};
use crate::{dialog, picked};

/// The claim that was opened last. It goes once it is written or over, and with the site or the operator.
pub(crate) struct Unsealed {
    name: String,
    file: ClaimFile,
}

/// It crosses to the page: a person reads it out.
#[tauri::command]
pub(crate) fn suggest_passphrase() -> Answered<String> {
    Ok(fieldkey_core::suggested_passphrase().map_err(view)?.expose_secret().to_owned())
}

#[tauri::command]
pub(crate) async fn choose_claim_folder(app: AppHandle) -> Answered<Option<PathBuf>> {
    Ok(dialog::folder(&app).await)
}

#[tauri::command]
pub(crate) async fn export_claim(
    request: ExportRequest,
    on_event: Channel<RunEvent>,
    window: State<'_, Window>,
) -> Answered<()> {
    carry_out(&window, Job::ExportClaim, on_event, None, async |run: run::Run<'_>| {
        let ExportRequest { serial_number, passphrase, folder } = request;
        let request = ExportClaim { run: run.id.clone(), serial_number, parameters: Default::default(), passphrase };
        let (site, folder, rules) = (run.site, ClaimFolder::new(folder), window.machine.rules());
        let _ = fieldkey_core::export_claim(&request, site.site(), site.device_ca(), &folder, rules, run.ports).await;
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn choose_claim_file(app: AppHandle, window: State<'_, Window>) -> Answered<Option<PickedFile>> {
    let chosen = dialog::claim_file(&app).await;
    Ok(window.picked.take(chosen.into_iter().collect()).into_iter().next())
}

/// Needs nobody signed in.
#[tauri::command]
pub(crate) async fn open_claim_file(
    request: OpenRequest,
    app: AppHandle,
    window: State<'_, Window>,
) -> Answered<OpenedClaim> {
    let opened = unseal(request, &window).await.map_err(|failure| view(failure.at(Step::Read)))?;
    let (claim, expires) = (&opened.file, opened.file.bundle.expires);
    let shown = OpenedClaim {
        name: opened.name.clone(),
        site: claim.site.clone(),
        serial_number: claim.serial_number.clone(),
        thing_name: claim.bundle.thing_name.clone(),
        practice: claim.is_practice(),
        expires,
        seconds_left: (expires - OffsetDateTime::now_utc()).whole_seconds(),
    };
    let left = Duration::from_secs(u64::try_from(shown.seconds_left).unwrap_or(0));
    let kept = window.keep_claim(opened);
    // Over, its key is of no use to anybody.
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(left).await;
        app.state::<Window>().claim_is_over(&kept);
    });
    Ok(shown)
}

async fn unseal(request: OpenRequest, window: &Window) -> Result<Unsealed, Failure> {
    window.machine.rules().allow(Feature::ClaimOpen)?;
    let path = window.picked.path(&request.file)?;
    let name = picked::name(&path);
    let bytes = ClaimFolder::read(&path).await?;
    // scrypt takes its time.
    let work = tokio::task::spawn_blocking(move || {
        let file = fieldkey_core::unseal(&name, &bytes, &request.passphrase)?;
        file.check_alive(&name)?;
        Ok(Unsealed { name, file })
    });
    work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
}

/// Writes the claim that was opened last.
#[tauri::command]
pub(crate) async fn write_claim(
    request: WriteClaimRequest,
    password: Option<SecretString>,
    on_event: Channel<RunEvent>,
    window: State<'_, Window>,
) -> Answered<()> {
    let id = fieldkey_journal::new_run();
    let journal = window.runs();
    let record = Record::new(&journal);
    let page = ToPage::new(on_event, &record);
    let opened = window.claim().ok_or_else(|| {
        let why = Why::new("open the claim file again", "クレームファイルを開き直してください");
        Failure::new(Code::Usage).because_of(why).at(Step::Read)
    });
    let WriteClaimRequest { device, replace } = request;
    let since = window.device_login.since();
    let password = window.device_login.take(&device, password);
    let began = opened.and_then(|claim: Arc<Unsealed>| {
        let target = match window.practised(&device.target) {
            Some(target) => target,
            None => target(&device, password.as_ref(), &claim.file),
        };
        let target = target.map_err(|failure| failure.at(Step::Target))?;
        Ok((target, claim, window.begin(Some(&device.target))?))
    });
    match began {
        Err(failure) => fieldkey_core::never_began(&id, Job::OpenClaim, &failure, &page),
        Ok((target, claim, place)) => {
            let request = OpenClaim { run: id.clone(), name: claim.name.clone(), file: claim.file.clone(), replace };
            let rules = window.machine.rules();
            let written = fieldkey_core::open_claim(request, target.as_ref(), rules, &record, &page);
            tokio::select! {
                biased;
                () = place.stop.cancelled() => {}
                written = caught(written) => match written {
                    Some(Ok(_)) => window.forget_claim(),
                    Some(Err(_)) => {}
                    // A job that had begun has said so itself.
                    None if page.has_said() => {}
                    None => {
                        let failure = Failure::new(Code::InternalError);
                        fieldkey_core::never_began(&id, Job::OpenClaim, &failure, &page);
                    }
                }
            }
        }
    }
    window.keep_login(Some(&device).zip(password), since, page.failed());
    Ok(())
}

/// A site's own layout is not in the file; everything else that a driver needs is.
fn target(
    device: &DeviceInHand,
    password: Option<&SecretString>,
    file: &ClaimFile,
) -> Result<Box<dyn Target>, Failure> {
    let drivers = fieldkey_device::own_drivers();
    let means = Means {
        ca_pem: Some(&file.bundle.ca_pem),
        settings: Some(&device.driver_settings),
        password,
        drivers: drivers.as_deref(),
        ..Means::default()
    };
    fieldkey_device::open(&device.target, device.driver.as_deref(), &means)
}
