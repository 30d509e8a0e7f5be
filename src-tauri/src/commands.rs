//! What the page may ask: parse, call the core, return.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fieldkey_core::{Failure, FailureView, Job, Language, Ports, Provision, Step};
use fieldkey_device::{Attached, Kind, Means};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::dialog;
use crate::progress::ToPage;
use crate::record::Record;
use crate::session;
use crate::state::{OpenSite, Window};
use crate::views::{
    Answer, CodeSent, NewPasswordRequest, Opened, ProvisionRequest, RunEvent, SignIn, SignInRequest, Start,
};

/// Longer than any claim lives: the job itself stops when the claim ends.
const WAIT: Duration = Duration::from_secs(600);

type Answered<T> = Result<T, FailureView>;

fn view(failure: Failure) -> FailureView {
    failure.view()
}

#[tauri::command]
pub(crate) async fn start(window: State<'_, Window>) -> Answered<Start> {
    let settings = window.settings();
    let mut start = Start {
        site: None,
        failure: None,
        operator: None,
        target: window.args.target.clone(),
        language: match window.language() {
            Language::English => "en",
            Language::Japanese => "ja",
        },
        keychain: window.keychain().await.is_some(),
    };
    let Some(path) = window.args.site.clone().or(settings.site) else { return Ok(start) };
    match session::open(&window, &path).await {
        Ok(opened) => {
            start.site = Some(opened.site);
            start.operator = opened.operator;
            start.failure = opened.failure;
        }
        Err(failure) => start.failure = Some(failure.view()),
    }
    Ok(start)
}

#[tauri::command]
pub(crate) async fn choose_site(app: AppHandle, window: State<'_, Window>) -> Answered<Option<Opened>> {
    let Some(path) = dialog::site_file(&app).await else { return Ok(None) };
    session::open(&window, &path).await.map(Some).map_err(view)
}

#[tauri::command]
pub(crate) async fn sign_in(request: SignInRequest, window: State<'_, Window>) -> Answered<SignIn> {
    let site = window.site().map_err(view)?;
    let SignInRequest { user, password, stay_signed_in } = request;
    let reply = site.aws.sign_in(&user, password, stay_signed_in).await.map_err(view)?;
    Ok(replied(&site, reply, &window).await)
}

#[tauri::command]
pub(crate) async fn answer(answer: Answer, window: State<'_, Window>) -> Answered<SignIn> {
    let site = window.site().map_err(view)?;
    let reply = site.aws.answer(answer.into()).await.map_err(view)?;
    Ok(replied(&site, reply, &window).await)
}

async fn replied(site: &Arc<OpenSite>, reply: fieldkey_cloud::Reply, window: &Window) -> SignIn {
    let operator = session::operator(site).await;
    if let Some(operator) = &operator {
        window.remember_user_at(site, operator.kept.then_some(operator.name.as_str()));
        session::get_ready(site);
    }
    SignIn::new(reply, operator)
}

#[tauri::command]
pub(crate) async fn forgot_password(user: String, window: State<'_, Window>) -> Answered<CodeSent> {
    let site = window.site().map_err(view)?;
    let destination = site.aws.forgot_password(&user).await.map_err(view)?;
    Ok(CodeSent { destination })
}

#[tauri::command]
pub(crate) async fn confirm_forgot_password(request: NewPasswordRequest, window: State<'_, Window>) -> Answered<()> {
    let site = window.site().map_err(view)?;
    site.aws.confirm_forgot_password(&request.user, &request.code, &request.new_password).await.map_err(view)
}

#[tauri::command]
pub(crate) async fn sign_out(window: State<'_, Window>) -> Answered<()> {
    let site = window.site().map_err(view)?;
    window.remember_user_at(&site, None);
    site.aws.sign_out(None).await.map_err(view)
}

#[tauri::command]
pub(crate) fn watch_targets(on_change: Channel<Vec<Attached>>, window: State<'_, Window>) {
    let preset = window.args.target.clone();
    window.watch(fieldkey_device::watch(move |mut attached| {
        // The page has no choice of drivers yet.
        attached.retain(|target| target.kind == Kind::Drive);
        // A folder that was named on the command line is no drive, but it is there to be chosen.
        if let Some(target) = preset.clone().filter(|target| attached.iter().all(|drive| drive.target != *target)) {
            attached.insert(0, folder(target));
        }
        if let Err(error) = on_change.send(attached) {
            tracing::debug!(%error, "the page does not watch any more");
        }
    }));
}

#[tauri::command]
pub(crate) async fn choose_folder(app: AppHandle) -> Answered<Option<Attached>> {
    Ok(dialog::folder(&app).await.map(|path| folder(format!("drive:{}", path.display()))))
}

/// A folder in the list of targets. The job checks it before anything is spent.
fn folder(target: String) -> Attached {
    let name = target.rsplit(['/', '\\']).next().unwrap_or(&target).to_owned();
    Attached {
        target,
        kind: Kind::Drive,
        label: Some(name),
        serial_number: None,
        driver: Some("drive".into()),
        refused: None,
        size_bytes: None,
        file_system: None,
        usb: None,
        device: None,
    }
}

#[tauri::command]
pub(crate) async fn provision(
    request: ProvisionRequest,
    on_event: Channel<RunEvent>,
    window: State<'_, Window>,
) -> Answered<()> {
    let record = Record::new(&window.journal);
    let page = ToPage { channel: on_event, record: &record };
    let run = fieldkey_journal::new_run();
    let opened = window.site().and_then(|site| {
        let means =
            Means { layout: site.file.site.layout.as_ref(), ca_pem: Some(site.file.device_ca()), ..Means::default() };
        let target = fieldkey_device::open(&request.target, None, &means);
        let target = target.map_err(|failure| failure.at(Step::Target))?;
        Ok((site, target))
    });
    let (site, target) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            fieldkey_core::never_began(&run, Job::Provision, &failure, &page);
            return Ok(());
        }
    };
    let stop = window.begin_run();
    let request = Provision {
        run,
        serial_number: request.serial_number,
        parameters: BTreeMap::new(),
        replace: request.replace,
        wait: Some(WAIT),
    };
    let ports = Ports { operator: &site.aws, cloud: &site.aws, journal: &record, progress: &page };
    let job = fieldkey_core::provision(&request, &site.file.site, site.file.device_ca(), target.as_ref(), ports);
    tokio::select! {
        biased;
        // Dropping the job cleans up and says `interrupted`.
        () = stop.cancelled() => {}
        // Its outcome went to the page as an event.
        _ = job => {}
    }
    Ok(())
}

#[tauri::command]
pub(crate) fn cancel(window: State<'_, Window>) {
    window.cancel_run();
}

#[tauri::command]
pub(crate) fn set_language(language: String, window: State<'_, Window>) {
    window.remember(|settings| settings.language = Some(language));
}
