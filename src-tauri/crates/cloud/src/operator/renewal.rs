//! Temporary AWS credentials, and how they stay fresh.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::{Operator, Session};
use crate::identity;
use crate::to_the_end::to_the_end;

/// Renewed in the background so long before they end: a click then never waits for it.
const AHEAD: Duration = Duration::from_secs(300);

/// The same for ID tokens, which may live for five minutes only.
const TOKEN_AHEAD: time::Duration = time::Duration::seconds(60);

/// With less than this left, a click waits for better ones rather than lose them on the way.
const SPARE: Duration = Duration::from_secs(60);

/// Between two looks at what is left. Short, because no timer counts the hours that a laptop sleeps.
const LOOK_EVERY: Duration = Duration::from_secs(30);

impl Operator {
    /// Temporary AWS credentials; free while they are fresh.
    ///
    /// # Errors
    /// `sign-in-required`, `session-expired`, `clock-skew`, or what the two pools refuse.
    pub(crate) async fn credentials(self: &Arc<Self>) -> Result<Credentials, Failure> {
        let credentials = self.with_left(SPARE).await?;
        self.keep_fresh();
        Ok(credentials)
    }

    /// An ID token that serves for a while yet; free while there is one. `refused`: one that was not taken.
    ///
    /// # Errors
    /// `sign-in-required`, `session-expired`, or what the user pool refuses.
    pub(crate) async fn id_token(self: &Arc<Self>, refused: Option<&SecretString>) -> Result<SecretString, Failure> {
        let token = self.id_token_with_left(time::Duration::ZERO, refused.cloned()).await?;
        self.keep_fresh();
        Ok(token)
    }

    async fn id_token_with_left(
        self: &Arc<Self>,
        spare: time::Duration,
        refused: Option<SecretString>,
    ) -> Result<SecretString, Failure> {
        if let Some(held) = self.held_id_token(spare, refused.as_ref())? {
            return Ok(held);
        }
        let operator = Arc::clone(self);
        to_the_end(async move {
            let _turn = operator.turn.lock().await;
            if let Some(renewed_by_another) = operator.held_id_token(spare, refused.as_ref())? {
                return Ok(renewed_by_another);
            }
            let mut session = operator.session().clone().ok_or_else(|| Failure::new(Code::SignInRequired))?;
            operator.renew_tokens(&mut session).await?;
            Ok(session.tokens.id)
        })
        .await
    }

    fn held_id_token(
        &self,
        spare: time::Duration,
        refused: Option<&SecretString>,
    ) -> Result<Option<SecretString>, Failure> {
        let standing = self.session();
        let session = standing.as_ref().ok_or_else(|| Failure::new(Code::SignInRequired))?;
        let token = &session.tokens.id;
        let serves = session.tokens.are_fresh(self.connection.clock.now().saturating_add(spare));
        let taken = refused.is_none_or(|refused| refused.expose_secret() != token.expose_secret());
        Ok((serves && taken).then(|| token.clone()))
    }

    /// AWS did not take them: the next call gets new ones.
    pub(crate) fn distrust_credentials(&self) {
        if let Some(session) = self.session().as_mut() {
            session.credentials = None;
        }
    }

    /// Credentials with more than so much left of their life.
    async fn with_left(self: &Arc<Self>, spare: Duration) -> Result<Credentials, Failure> {
        if let Some(held) = self.held(spare)? {
            return Ok(held);
        }
        let operator = Arc::clone(self);
        to_the_end(async move {
            let _turn = operator.turn.lock().await;
            match operator.held(spare)? {
                Some(renewed_by_another) => Ok(renewed_by_another),
                None => operator.renew().await,
            }
        })
        .await
    }

    fn held(&self, spare: Duration) -> Result<Option<Credentials>, Failure> {
        let standing = self.session();
        let session = standing.as_ref().ok_or_else(|| Failure::new(Code::SignInRequired))?;
        let fresh = |held: &&Credentials| self.time_left(held) > spare;
        Ok(session.credentials.as_ref().filter(fresh).cloned())
    }

    fn time_left(&self, credentials: &Credentials) -> Duration {
        let expiry = credentials.expiry().map_or(OffsetDateTime::UNIX_EPOCH, OffsetDateTime::from);
        (expiry - self.connection.clock.now()).try_into().unwrap_or_default()
    }

    /// Only ever called by whoever has the turn.
    async fn renew(&self) -> Result<Credentials, Failure> {
        let mut session = self.session().clone().ok_or_else(|| Failure::new(Code::SignInRequired))?;
        let mut renewed = false;
        if !session.tokens.are_fresh(self.connection.clock.now()) {
            self.renew_tokens(&mut session).await?;
            renewed = true;
        }
        let mut outcome = self.exchange(&session).await;
        if !renewed && outcome.as_ref().is_err_and(|failure| failure.code == Code::SessionExpired) {
            // This computer's clock was set while it held the token.
            self.renew_tokens(&mut session).await?;
            outcome = self.exchange(&session).await;
        }
        let (identity_id, credentials) = outcome?;
        session.identity_id = Some(identity_id);
        session.credentials = Some(credentials.clone());
        self.put(session)?;
        Ok(credentials)
    }

    async fn exchange(&self, session: &Session) -> Result<(String, Credentials), Failure> {
        identity::credentials(&self.connection, session.identity_id.as_deref(), &session.tokens.id).await
    }

    async fn renew_tokens(&self, session: &mut Session) -> Result<(), Failure> {
        // Another program of the same person may have had the pool rotate it.
        let kept = if session.kept { self.load(&session.user).await } else { None };
        let old = kept.map(|kept| kept.refresh_token).or(session.tokens.refresh.clone());
        let old = old.ok_or_else(|| Failure::new(Code::SessionExpired))?;
        let refreshed = self.refreshed(&session.user, &session.internal_user, &old, session.device.as_ref()).await;
        session.tokens = refreshed.inspect_err(|failure| {
            if failure.code == Code::SessionExpired {
                *self.session() = None;
            }
        })?;
        self.keep_if_rotated(session, &old).await;
        self.put(session.clone())
    }

    /// # Errors
    /// `sign-in-required`: they signed out in the meantime.
    fn put(&self, session: Session) -> Result<(), Failure> {
        let mut standing = self.session();
        *standing.as_mut().ok_or_else(|| Failure::new(Code::SignInRequired))? = session;
        Ok(())
    }

    /// Renews in the background for as long as somebody is signed in.
    fn keep_fresh(self: &Arc<Self>) {
        let mut running = self.keep_fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let operator = Arc::downgrade(self);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Some(operator) = operator.upgrade() else { return };
                let renewed = match operator.connection.site.certificate_api_url {
                    Some(_) => operator.id_token_with_left(TOKEN_AHEAD, None).await.map(drop),
                    None => Ok(()),
                };
                match renewed.and(operator.with_left(AHEAD).await) {
                    Ok(_) => {}
                    Err(failure) if matches!(failure.code, Code::Offline | Code::Throttled | Code::ServiceError) => {
                        tracing::debug!(code = %failure.code, "credentials were not renewed ahead of time");
                    }
                    // It will say so again to the click that asks.
                    Err(_) => return,
                }
            }
        });
        *running = Some(task.abort_handle());
    }
}
