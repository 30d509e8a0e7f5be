//! The signed-in person: tokens, and temporary AWS credentials kept fresh ahead of their end.

mod kept;
mod renewal;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials};
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::AbortHandle;

use crate::cognito::{ClientSecret, RememberedDevice, Renewal, SignedIn, Tokens, refresh, revoke};
use crate::connection::Connection;
use crate::keychain::Keychain;
use crate::to_the_end::to_the_end;

/// Whoever is signed in at one site, or nobody.
#[derive(Debug)]
pub(crate) struct Operator {
    connection: Arc<Connection>,
    pub(crate) client: ClientSecret,
    keychain: Option<Keychain>,
    /// Only ever locked for a moment: who is signed in, and with what, can be told while a renewal waits for AWS.
    session: Mutex<Option<Session>>,
    /// Whoever changes the session has the turn: one renewal serves all who wait for it.
    turn: tokio::sync::Mutex<()>,
    keep_fresh: Mutex<Option<AbortHandle>>,
}

#[derive(Clone, Debug)]
struct Session {
    user: String,
    internal_user: String,
    tokens: Tokens,
    device: Option<RememberedDevice>,
    /// The refresh token is in the keychain.
    kept: bool,
    identity_id: Option<String>,
    credentials: Option<Credentials>,
}

impl Operator {
    pub(crate) fn new(connection: Arc<Connection>, client: ClientSecret, keychain: Option<Keychain>) -> Arc<Self> {
        let (session, turn, keep_fresh) = Default::default();
        Arc::new(Self { connection, client, keychain, session, turn, keep_fresh })
    }

    /// The person's name as typed, and whether the keychain keeps the session.
    pub(crate) fn who(&self) -> Option<(String, bool)> {
        self.session().as_ref().map(|session| (session.user.clone(), session.kept))
    }

    /// Their Cognito groups, as the newest ID token names them.
    pub(crate) fn groups(&self) -> BTreeSet<String> {
        self.session().as_ref().map(|session| session.tokens.groups()).unwrap_or_default()
    }

    /// Takes a finished sign-in over.
    pub(crate) async fn begin(self: &Arc<Self>, signed_in: SignedIn) -> Result<(), Failure> {
        let operator = Arc::clone(self);
        to_the_end(async move {
            let _turn = operator.turn.lock().await;
            let SignedIn { user, stay, internal_user, tokens, device } = signed_in;
            let mut session =
                Session { user, internal_user, tokens, device, kept: false, identity_id: None, credentials: None };
            match stay {
                true => session.kept = operator.keep(&session).await,
                // Nor may an earlier sign-in of theirs stay behind.
                false => operator.forget(&session.user).await,
            }
            *operator.session() = Some(session);
            Ok(())
        })
        .await
    }

    /// Signs in with what the keychain keeps. False if it keeps nothing for this person.
    ///
    /// # Errors
    /// `session-expired` when what it kept is over.
    pub(crate) async fn resume(self: &Arc<Self>, user: &str) -> Result<bool, Failure> {
        let (operator, user) = (Arc::clone(self), user.trim().to_owned());
        to_the_end(async move {
            let _turn = operator.turn.lock().await;
            if operator.who().is_some_and(|(standing, _)| standing.eq_ignore_ascii_case(&user)) {
                return Ok(true);
            }
            let Some(kept) = operator.load(&user).await else { return Ok(false) };
            let (device, internal_user) = (kept.device, kept.internal_user);
            let tokens = operator.refreshed(&user, &internal_user, &kept.refresh_token, device.as_ref()).await?;
            let mut session =
                Session { user, internal_user, tokens, device, kept: true, identity_id: None, credentials: None };
            operator.keep_if_rotated(&mut session, &kept.refresh_token).await;
            *operator.session() = Some(session);
            Ok(true)
        })
        .await
    }

    /// Fresh tokens; what the keychain keeps is forgotten when the pool does not take it any more.
    async fn refreshed(
        &self,
        user: &str,
        internal_user: &str,
        refresh_token: &SecretString,
        device: Option<&RememberedDevice>,
    ) -> Result<Tokens, Failure> {
        let renewal = Renewal { refresh_token, user: internal_user, device };
        let tokens = refresh(&self.connection, &self.client, &renewal).await;
        if tokens.as_ref().is_err_and(|failure| failure.code == Code::SessionExpired) {
            self.forget(user).await;
        }
        tokens
    }

    /// Only a pool that rotates hands out another refresh token; then the old one is as good as used up, and the
    /// new one is kept before it serves for anything.
    async fn keep_if_rotated(&self, session: &mut Session, old: &SecretString) {
        let new = session.tokens.refresh.as_ref().map(ExposeSecret::expose_secret);
        if session.kept && new != Some(old.expose_secret()) {
            session.kept = self.keep(session).await;
        }
    }

    /// Ends the session here, in the keychain and at the pool. `user` names whose, when nobody is signed in.
    ///
    /// # Errors
    /// The pool could not be told; everything here is gone all the same.
    pub(crate) async fn sign_out(self: &Arc<Self>, user: Option<&str>) -> Result<(), Failure> {
        let session = {
            let mut standing = self.session();
            let theirs = |session: &Session| user.is_none_or(|user| session.user.eq_ignore_ascii_case(user.trim()));
            if standing.as_ref().is_some_and(theirs) { standing.take() } else { None }
        };
        let user = user.map(str::to_owned).or(session.as_ref().map(|session| session.user.clone()));
        let Some(user) = user else { return Ok(()) };
        let operator = Arc::clone(self);
        to_the_end(async move {
            // A renewal under way may still be handed a new token, and keeps it: that one ends, too.
            let _turn = operator.turn.lock().await;
            let kept = operator.load(&user).await.map(|kept| kept.refresh_token);
            operator.forget(&user).await;
            match kept.or(session.and_then(|session| session.tokens.refresh)) {
                Some(token) => revoke(&operator.connection, &operator.client, &token).await,
                None => Ok(()),
            }
        })
        .await
    }

    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
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
