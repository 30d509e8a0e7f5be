//! AWS, as one operator or one engineer at one site sees it: Cognito sign-in, identity pool, AWS IoT, the site's
//! certificate API, an AWS profile.
//!
//! Nothing here uses ambient credentials: every client gets the operator's, those of a profile that was named, or
//! none.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod account;
mod certificate_api;
mod claim_folder;
mod clock;
mod cloud;
mod cognito;
mod conflict;
mod connection;
mod device_side;
mod http;
mod identity;
mod iot;
mod keychain;
mod made;
mod operator;
mod patience;
mod rate;
mod refusal;
mod registry;
mod site_file;
mod srp;
mod stack;
mod to_the_end;

use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use fieldkey_core::{Code, Failure, Site};
use secrecy::SecretString;
use tokio::sync::Mutex;

pub use account::{Account, Profile};
pub use claim_folder::ClaimFolder;
pub use cognito::{Answer, Challenge, Channel, FirstFactor, Reply};
use cognito::{Attempt, ClientSecret, SignIn};
use connection::Connection;
pub use device_side::AsDevice;
pub use http::AMAZON_ROOT_CA_1;
use iot::Iot;
pub use keychain::Keychain;
use operator::{Operator, Provider};
pub use site_file::SiteFile;
pub use stack::{Happening, Place, Stack, TEMPLATE};
pub use to_the_end::settled;

/// One site, and whoever is signed in there.
pub struct Aws {
    connection: Arc<Connection>,
    operator: Arc<Operator>,
    iot: Arc<Iot>,
    /// A sign-in that waits for an answer.
    under_way: Mutex<Option<SignIn>>,
}

/// Who is signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WhoIsIt {
    /// As typed.
    pub name: String,
    /// The keychain keeps the session; otherwise it ends with the program.
    pub kept: bool,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws")
            .field("operator", &self.operator)
            .field("under_way", &self.under_way)
            .finish_non_exhaustive()
    }
}

impl Aws {
    /// `extra_ca`: the text of the site's `caFile`. `client_secret`: where the app client has one.
    ///
    /// # Errors
    /// `site-invalid` when the CA file holds no certificate that can be trusted.
    pub fn new(
        site: &Site,
        extra_ca: Option<&str>,
        client_secret: Option<SecretString>,
        keychain: Option<Keychain>,
    ) -> Result<Self, Failure> {
        if let Some(pem) = extra_ca {
            http::check_ca(pem)?;
        }
        let connection = Arc::new(Connection::new(site, extra_ca)?);
        let client = ClientSecret { client_id: site.user_pool_client_id.clone(), secret: client_secret };
        let operator = Operator::new(Arc::clone(&connection), client, keychain);
        let iot = connection.iot(SharedCredentialsProvider::new(Provider(Arc::clone(&operator))));
        let iot = Iot::new(Arc::clone(&connection), iot);
        Ok(Self { connection, operator, iot, under_way: Mutex::default() })
    }

    pub async fn who(&self) -> Option<WhoIsIt> {
        self.operator.who().map(|(name, kept)| WhoIsIt { name, kept })
    }

    /// Signs in with what the keychain keeps. False if it keeps nothing for this person.
    ///
    /// # Errors
    /// `session-expired` when what it kept is over.
    pub async fn resume(&self, user: &str) -> Result<bool, Failure> {
        self.operator.resume(user).await
    }

    /// Begins a sign-in; another one under way is forgotten.
    ///
    /// # Errors
    /// Those of the user pool, as codes.
    pub async fn sign_in(&self, user: &str, password: SecretString, stay: bool) -> Result<Reply, Failure> {
        let mut under_way = self.under_way.lock().await;
        *under_way = None;
        let user = user.trim().to_owned();
        let device = self.operator.remembered_device(&user).await;
        let attempt = Attempt { user, password, stay, device };
        let mut sign_in = SignIn::new(Arc::clone(&self.connection), self.operator.client.clone(), attempt);
        let reply = match sign_in.begin().await {
            Ok(reply) => reply,
            Err(failure) if failure.code == Code::WrongPassword && !self.connection.has_user_pool().await => {
                return Err(Failure::new(Code::UserPoolNotFound).about(&self.connection.site.user_pool_id));
            }
            Err(failure) => return Err(failure),
        };
        *under_way = Some(sign_in);
        self.settle(&mut under_way, reply).await
    }

    /// Answers the challenge that stands.
    ///
    /// # Errors
    /// After `wrong-code`, `password-policy` and whatever kept the answer from the pool, the same challenge can
    /// be answered again. After `session-expired` and what is said about the account, a sign-in begins anew.
    pub async fn answer(&self, answer: Answer) -> Result<Reply, Failure> {
        let mut under_way = self.under_way.lock().await;
        let Some(sign_in) = under_way.as_mut() else { return Err(Failure::new(Code::SessionExpired)) };
        match sign_in.answer(answer).await {
            Ok(reply) => self.settle(&mut under_way, reply).await,
            Err(failure) => {
                if sign_in.is_over() {
                    *under_way = None;
                }
                Err(failure)
            }
        }
    }

    async fn settle(&self, under_way: &mut Option<SignIn>, reply: Reply) -> Result<Reply, Failure> {
        if matches!(reply, Reply::SignedIn)
            && let Some(sign_in) = under_way.take()
        {
            let signed_in = sign_in.finish().ok_or_else(|| Failure::new(Code::SessionExpired))?;
            self.operator.begin(signed_in).await?;
        }
        Ok(reply)
    }

    /// Has a code for a new password sent; returns the masked address it went to.
    ///
    /// # Errors
    /// `password-reset-forbidden` where only an administrator may reset.
    pub async fn forgot_password(&self, user: &str) -> Result<Option<String>, Failure> {
        cognito::forgot(&self.connection, &self.operator.client, user.trim()).await
    }

    /// Sets a new password with the code that was sent.
    ///
    /// # Errors
    /// `wrong-code`, `password-policy`.
    pub async fn confirm_forgot_password(
        &self,
        user: &str,
        code: &SecretString,
        new_password: &SecretString,
    ) -> Result<(), Failure> {
        cognito::confirm(&self.connection, &self.operator.client, user.trim(), code, new_password).await
    }

    /// Forgets the session here and in the keychain, and ends it at the pool. `user`: whose, when nobody is
    /// signed in.
    ///
    /// # Errors
    /// The pool could not be told; everything here is gone all the same.
    pub async fn sign_out(&self, user: Option<&str>) -> Result<(), Failure> {
        *self.under_way.lock().await = None;
        self.operator.sign_out(user).await
    }

    /// Credentials that AWS calls expired are not shown to it again.
    fn trusted<T>(&self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        outcome.inspect_err(|failure| {
            if failure.code == Code::SessionExpired {
                self.operator.distrust_credentials();
            }
        })
    }
}
