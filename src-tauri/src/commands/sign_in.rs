//! Signing in and out at the site at hand.

use std::sync::Arc;

use tauri::State;

use super::{Answered, view};
use crate::session;
use crate::site::{OpenSite, Reply};
use crate::state::Window;
use crate::views::{Answer, CodeSent, NewPasswordRequest, SignIn, SignInRequest};

#[tauri::command]
pub(crate) async fn sign_in(request: SignInRequest, window: State<'_, Window>) -> Answered<SignIn> {
    let site = window.site().map_err(view)?;
    let reply = site.sign_in(request).await.map_err(view)?;
    Ok(replied(&site, reply, &window).await)
}

#[tauri::command]
pub(crate) async fn answer(answer: Answer, window: State<'_, Window>) -> Answered<SignIn> {
    let site = window.site().map_err(view)?;
    let reply = site.answer(answer).await.map_err(view)?;
    Ok(replied(&site, reply, &window).await)
}

async fn replied(site: &Arc<OpenSite>, reply: Reply, window: &Window) -> SignIn {
    let operator = session::operator(site).await;
    if let Some(operator) = &operator {
        window.remember_user_at(site, operator.kept.then_some(operator.name.as_str()));
        session::get_ready(site);
        window.device_login.forget();
        window.bench.signed_in(&operator.name);
    }
    SignIn::new(reply, operator)
}

#[tauri::command]
pub(crate) async fn forgot_password(user: String, window: State<'_, Window>) -> Answered<CodeSent> {
    let site = window.site().map_err(view)?;
    let destination = site.forgot_password(&user).await.map_err(view)?;
    Ok(CodeSent { destination })
}

#[tauri::command]
pub(crate) async fn confirm_forgot_password(request: NewPasswordRequest, window: State<'_, Window>) -> Answered<()> {
    let site = window.site().map_err(view)?;
    site.confirm_forgot_password(&request).await.map_err(view)
}

#[tauri::command]
pub(crate) async fn sign_out(window: State<'_, Window>) -> Answered<()> {
    let site = window.site().map_err(view)?;
    window.remember_user_at(&site, None);
    window.forget_claim();
    window.device_login.forget();
    window.bench.forget_login();
    site.sign_out().await.map_err(view)
}
