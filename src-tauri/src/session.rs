//! The session at the site that is opened, and whose it is.

use std::path::Path;
use std::sync::Arc;

use fieldkey_cloud::Keychain;
use fieldkey_core::{Code, Failure, Feature};

use crate::site::OpenSite;
use crate::state::Window;
use crate::views::{Opened, OperatorView};

/// Opens a site, and goes on with the session that is there still: in this program, or in the keychain.
pub(crate) async fn open(window: &Window, path: &Path) -> Result<Opened, Failure> {
    let site = window.open(path).await?;
    let opened = go_on(window, &site).await;
    window.take(&site);
    Ok(opened)
}

/// With the session that is there still.
pub(crate) async fn go_on(window: &Window, site: &Arc<OpenSite>) -> Opened {
    let mut failure = None;
    if site.who().await.is_none()
        && let Some(user) = window.user_at(site)
    {
        match site.resume(&user).await {
            // Where nothing is left of it, an ordinary sign-in follows.
            Ok(()) => {}
            Err(over) if over.code == Code::SessionExpired => {}
            Err(refused) => failure = Some(refused.view()),
        }
    }
    let operator = operator(site).await;
    if operator.is_some() {
        get_ready(site);
    }
    Opened { site: site.view(), operator, failure }
}

/// Ends what was kept before the organisation forbade to stay signed in.
pub(crate) async fn end_forbidden(window: &Window) {
    if !window.machine.rules().forbids(Feature::StaySignedIn) {
        return;
    }
    let users = window.settings().users;
    // A keychain that does not open now has them still: the next start tries again.
    if users.is_empty() || Keychain::open_beside().await.is_none() {
        return;
    }
    for (path, user) in users {
        let site = match window.reopen(&path).await {
            Ok(site) => site,
            Err(failure) => {
                // Without its file nobody knows whose user pool it is: the next start tries again.
                tracing::warn!(%failure, "a session that was kept, and stays");
                continue;
            }
        };
        // It is gone from this computer, even if the user pool cannot be told now.
        if let Err(failure) = site.end(&user).await {
            tracing::warn!(%failure, "a session that was kept");
        }
        window.remember(|settings| drop(settings.users.remove(&path)));
    }
}

/// Who is signed in, and what they may do.
pub(crate) async fn operator(site: &OpenSite) -> Option<OperatorView> {
    let who = site.who().await?;
    let signed_in = site.operator().sign_in().await.ok()?;
    Some(OperatorView::new(who, &signed_in.groups))
}

/// Fetches what the first click would wait for, while the person still looks for the cable.
pub(crate) fn get_ready(site: &Arc<OpenSite>) {
    let site = Arc::clone(site);
    tauri::async_runtime::spawn(async move {
        // What fails here fails again at the click, where there is somebody to tell.
        let _ = site.cloud().credentials().await;
        let _ = site.cloud().endpoint().await;
    });
}
