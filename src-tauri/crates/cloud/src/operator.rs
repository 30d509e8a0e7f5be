//! The signed-in person: tokens, and temporary AWS credentials kept fresh ahead of their end.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials};
use fieldkey_core::{Code, Failure};
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::AbortHandle;

use crate::cognito::{ClientSecret, RememberedDevice, Tokens, refresh, revoke};
use crate::connection::Connection;
use crate::identity;
use crate::keychain::{Keychain, Kept};

/// Renewed so long before they end: a click then never waits for it.
const AHEAD: Duration = Duration::from_secs(300);

/// Good for one more click when AWS cannot be asked for better ones.
const LAST_RESORT: Duration = Duration::from_secs(60);

/// Between two tries to renew in the background.
const RETRY: Duration = Duration::from_secs(30);

/// Whoever is signed in at one site, or nobody.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) connection: Arc<Connection>,
    pub(crate) client: ClientSecret,
    keychain: Option<Keychain>,
    session: Mutex<Option<Session>>,
}

#[derive(Debug)]
struct Session {
    user: String,
    internal_user: String,
    tokens: Tokens,
    device: Option<RememberedDevice>,
    /// The refresh token is in the keychain.
    kept: bool,
    identity_id: Option<String>,
    credentials: Option<Credentials>,
    keep_fresh: Option<AbortHandle>,
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(task) = &self.keep_fresh {
            task.abort();
        }
    }
}

impl Operator {
    pub(crate) fn new(connection: Arc<Connection>, client: ClientSecret, keychain: Option<Keychain>) -> Arc<Self> {
        Arc::new(Self { connection, client, keychain, session: Mutex::default() })
    }

    /// The person's name as typed, and whether the keychain keeps the session.
    pub(crate) async fn who(&self) -> Option<(String, bool)> {
        self.session.lock().await.as_ref().map(|session| (session.user.clone(), session.kept))
    }

    /// Takes a finished sign-in over. `stay`: the person wants to be signed in tomorrow, too.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        user: &str,
        stay: bool,
        (tokens, device, internal_user): (Tokens, Option<RememberedDevice>, String),
    ) {
        let mut session = Session {
            user: user.to_owned(),
            internal_user,
            tokens,
            device,
            kept: false,
            identity_id: None,
            credentials: None,
            keep_fresh: None,
        };
        if stay {
            session.kept = self.keep(&session).await;
        }
        *self.session.lock().await = Some(session);
    }

    /// Signs in with what the keychain keeps. False if it keeps nothing for this person.
    pub(crate) async fn resume(self: &Arc<Self>, user: &str) -> Result<bool, Failure> {
        let mut standing = self.session.lock().await;
        if standing.as_ref().is_some_and(|session| session.user.eq_ignore_ascii_case(user.trim())) {
            return Ok(true);
        }
        let Some(kept) = self.load(user).await else { return Ok(false) };
        let name = kept.device.as_ref().map_or(user.trim(), |device| &device.user).to_owned();
        let renewed = refresh(&self.connection, &self.client, &kept.refresh_token, &name, kept.device.as_ref()).await;
        let tokens = match renewed {
            Ok(tokens) => tokens,
            Err(failure) => {
                if failure.code == Code::SessionExpired {
                    self.forget(user).await;
                }
                return Err(failure);
            }
        };
        let mut session = Session {
            user: user.trim().to_owned(),
            internal_user: name,
            tokens,
            device: kept.device,
            kept: true,
            identity_id: None,
            credentials: None,
            keep_fresh: None,
        };
        // Only a pool that rotates hands out another one; then the old one is as good as used up.
        let rotated = session.tokens.refresh.as_ref().map(ExposeSecret::expose_secret) != Some(kept.refresh_token.expose_secret());
        if rotated {
            session.kept = self.keep(&session).await;
        }
        *standing = Some(session);
        Ok(true)
    }

    /// Temporary AWS credentials; free while they are fresh.
    ///
    /// # Errors
    /// `sign-in-required`, `session-expired`, `clock-skew`, or what the two pools refuse.
    pub(crate) async fn credentials(self: &Arc<Self>) -> Result<Credentials, Failure> {
        let mut guard = self.session.lock().await;
        let left = guard.as_ref().and_then(|session| session.credentials.as_ref()).map(|held| self.time_left(held));
        if left.is_none_or(|left| left <= AHEAD) {
            match (self.renew(&mut guard).await, left) {
                (Err(failure), Some(left)) if left > LAST_RESORT && failure.code == Code::Offline => {
                    tracing::debug!(code = %failure.code, "the credentials at hand must do");
                }
                (renewed, _) => renewed?,
            }
        }
        let held = guard.as_ref().and_then(|session| session.credentials.clone());
        held.ok_or_else(|| Failure::new(Code::SignInRequired))
    }

    async fn renew(self: &Arc<Self>, guard: &mut MutexGuard<'_, Option<Session>>) -> Result<(), Failure> {
        let session = guard.as_mut().ok_or_else(|| Failure::new(Code::SignInRequired))?;
        if !session.tokens.are_fresh() {
            self.renew_tokens(session).await?;
        }
        let connection = &self.connection;
        let (identity_id, credentials) =
            identity::credentials(connection, session.identity_id.as_deref(), &session.tokens.id).await?;
        session.identity_id = Some(identity_id);
        session.credentials = Some(credentials);
        if session.keep_fresh.is_none() {
            session.keep_fresh = Some(self.keep_fresh());
        }
        Ok(())
    }

    async fn renew_tokens(&self, session: &mut Session) -> Result<(), Failure> {
        let Some(old) = session.tokens.refresh.clone() else { return Err(Failure::new(Code::SessionExpired)) };
        let device = session.device.as_ref();
        session.tokens = refresh(&self.connection, &self.client, &old, &session.internal_user, device).await?;
        let rotated = session.tokens.refresh.as_ref().map(ExposeSecret::expose_secret) != Some(old.expose_secret());
        if session.kept && rotated {
            session.kept = self.keep(session).await;
        }
        Ok(())
    }

    /// Renews in the background for as long as the session lives.
    fn keep_fresh(self: &Arc<Self>) -> AbortHandle {
        let operator = Arc::downgrade(self);
        let task = tokio::spawn(async move {
            loop {
                let Some(left) = ({
                    let Some(operator) = operator.upgrade() else { return };
                    let guard = operator.session.lock().await;
                    let held = guard.as_ref().and_then(|session| session.credentials.as_ref());
                    held.map(|held| operator.time_left(held))
                }) else {
                    return;
                };
                tokio::time::sleep(left.saturating_sub(AHEAD).max(RETRY)).await;
                let Some(operator) = operator.upgrade() else { return };
                if let Err(failure) = operator.credentials().await {
                    tracing::debug!(code = %failure.code, "credentials were not renewed ahead of time");
                }
            }
        });
        task.abort_handle()
    }

    fn time_left(&self, credentials: &Credentials) -> Duration {
        let expiry = credentials.expiry().map_or(OffsetDateTime::UNIX_EPOCH, OffsetDateTime::from);
        (expiry - self.connection.clock.now()).try_into().unwrap_or_default()
    }

    /// Ends the session here, in the keychain and at the pool. `user` names whose, when nobody is signed in.
    ///
    /// # Errors
    /// The pool could not be told; everything here is gone all the same.
    pub(crate) async fn sign_out(&self, user: Option<&str>) -> Result<(), Failure> {
        let session = self.session.lock().await.take();
        let user = user.map(str::to_owned).or(session.as_ref().map(|session| session.user.clone()));
        let Some(user) = user else { return Ok(()) };
        let kept = self.load(&user).await.map(|kept| kept.refresh_token);
        let token = session.as_ref().and_then(|session| session.tokens.refresh.clone()).or(kept);
        self.forget(&user).await;
        match token {
            Some(token) => revoke(&self.connection, &self.client, &token).await,
            None => Ok(()),
        }
    }

    async fn load(&self, user: &str) -> Option<Kept> {
        let user = user.to_owned();
        self.at_keychain(move |keychain, site| keychain.load(site, &user)).await.flatten()
    }

    async fn forget(&self, user: &str) {
        let user = user.to_owned();
        self.at_keychain(move |keychain, site| keychain.forget(site, &user)).await;
    }

    /// True if the keychain has it.
    async fn keep(&self, session: &Session) -> bool {
        let Some(refresh_token) = session.tokens.refresh.clone() else { return false };
        let kept = Kept { refresh_token, device: session.device.clone() };
        let user = session.user.clone();
        let saved = self.at_keychain(move |keychain, site| keychain.save(site, &user, &kept)).await;
        match saved {
            Some(Ok(())) => true,
            Some(Err(why)) => {
                tracing::warn!(why, "the keychain did not take the session");
                false
            }
            None => false,
        }
    }

    /// The device that the pool knows this computer as, from an earlier sign-in.
    pub(crate) async fn remembered_device(&self, user: &str) -> Option<RememberedDevice> {
        let user = user.to_owned();
        self.at_keychain(move |keychain, site| keychain.device(site, &user)).await.flatten()
    }

    /// Keychains block, and may ask the person to unlock them.
    async fn at_keychain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keychain, &fieldkey_core::Site) -> T + Send + 'static,
    ) -> Option<T> {
        let keychain = self.keychain.clone()?;
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || work(&keychain, &connection.site)).await.ok()
    }
}

/// The SDK's view of an operator.
#[derive(Debug)]
pub(crate) struct Provider(pub(crate) Arc<Operator>);

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(async {
            self.0.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}
