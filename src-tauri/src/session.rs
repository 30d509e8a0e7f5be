//! The session at the site that is opened, and whose it is.

use std::path::Path;
use std::sync::Arc;

use fieldkey_core::{Cloud, Code, Failure, Operator};

use crate::state::{OpenSite, Window};
use crate::views::{Opened, OperatorView};

/// Opens a site, and goes on with the session that is there still: in this program, or in the keychain.
pub(crate) async fn open(window: &Window, path: &Path) -> Result<Opened, Failure> {
    let site = window.open(path).await?;
    let mut failure = None;
    if site.aws.who().await.is_none()
        && let Some(user) = window.user_at(&site)
    {
        match site.aws.resume(&user).await {
            // Where nothing is left of it, an ordinary sign-in follows.
            Ok(_) => {}
            Err(over) if over.code == Code::SessionExpired => {}
            Err(refused) => failure = Some(refused.view()),
        }
    }
    let operator = operator(&site).await;
    if operator.is_some() {
        get_ready(&site);
    }
    Ok(Opened { site: site.view(), operator, failure })
}

/// Who is signed in, and what they may do.
pub(crate) async fn operator(site: &OpenSite) -> Option<OperatorView> {
    let who = site.aws.who().await?;
    let signed_in = Operator::sign_in(&site.aws).await.ok()?;
    Some(OperatorView::new(who, &signed_in.groups))
}

/// Fetches what the first click would wait for, while the person still looks for the cable.
pub(crate) fn get_ready(site: &Arc<OpenSite>) {
    let site = Arc::clone(site);
    tauri::async_runtime::spawn(async move {
        // What fails here fails again at the click, where there is somebody to tell.
        let _ = site.aws.credentials().await;
        let _ = site.aws.endpoint().await;
    });
}
