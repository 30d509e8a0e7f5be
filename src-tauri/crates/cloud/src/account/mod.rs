//! An engineer at one site: AWS by a named profile, and changes to the registry made directly.

mod calls;
mod changes;
mod key;
mod profile;
mod refusal;
mod undo;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{CertificateStatus, Groups, Made, SignedIn, Thing};
use fieldkey_core::{Claim, Cloud, Code, Endpoint, Failure, Operator, Site, Why};

pub use self::profile::Profile;
pub(crate) use self::profile::{Provider, Source};
pub(crate) use self::refusal::sign_in_required;
use crate::connection::Connection;
use crate::http::check_ca;
use crate::iot::Iot;
use crate::made::{JustMade, persistently};
use crate::to_the_end::to_the_end;

/// One site, as the owner of an AWS profile sees it.
pub struct Account {
    source: Arc<Source>,
    iot: Arc<Iot>,
    policy: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { source, iot, policy } = self;
        f.debug_struct("Account")
            .field("profile", &source.profile)
            .field("connection", &iot.connection)
            .field("policy", policy)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// `extra_ca`: the text of the site's `caFile`. `policy`: the AWS IoT policy for what is issued and registered.
    ///
    /// # Errors
    /// `site-invalid` when the CA file holds no certificate that can be trusted.
    pub fn new(site: &Site, extra_ca: Option<&str>, profile: Profile, policy: Option<String>) -> Result<Self, Failure> {
        if let Some(pem) = extra_ca {
            check_ca(pem)?;
        }
        let connection = Arc::new(Connection::new(site, extra_ca)?);
        let source = Arc::new(Source::new(profile, &connection.config));
        let client = connection.iot(Provider(Arc::clone(&source)).shared());
        let iot = Iot::new(connection, client);
        Ok(Self { source, iot, policy })
    }

    fn policy(&self) -> Result<&str, Failure> {
        self.policy.as_deref().ok_or_else(|| {
            let why = Why::new(
                "name the AWS IoT policy that devices of this site have",
                "このサイトのデバイス用の AWS IoT ポリシー名を指定してください",
            );
            Failure::new(Code::Usage).about("--policy").because_of(why)
        })
    }

    /// What AWS calls expired has to be renewed by the person, unless the profile does it by itself.
    async fn trusted<T>(&self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        match outcome {
            Err(failure) if failure.code == Code::SessionExpired => {
                self.source.distrust().await;
                Err(sign_in_required(&self.source.profile.name, false, &failure.reason))
            }
            outcome => outcome,
        }
    }
}

#[async_trait]
impl Operator for Account {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        self.credentials().await?;
        Ok(SignedIn { name: self.source.profile.name.clone(), groups: Groups::Account })
    }

    /// A profile is only a name until it has given credentials.
    fn standing(&self) -> Option<String> {
        None
    }
}

#[async_trait]
impl Cloud for Account {
    async fn credentials(&self) -> Result<(), Failure> {
        self.source.credentials().await.map(drop)
    }

    async fn claim(&self) -> Result<Claim, Failure> {
        self.trusted(self.iot.claim().await).await
    }

    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        self.trusted(self.iot.endpoint().await).await
    }

    async fn credentials_endpoint(&self) -> Result<String, Failure> {
        self.trusted(self.iot.credentials_endpoint().await).await
    }

    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        self.trusted(self.iot.certificates_of(thing_name).await).await
    }

    async fn thing(&self, name: &str) -> Result<Option<Thing>, Failure> {
        self.trusted(self.iot.thing(name).await).await
    }

    async fn things_with(&self, certificate_id: &str) -> Result<Option<Vec<String>>, Failure> {
        self.trusted(self.iot.things_with(certificate_id).await).await
    }

    async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Box<dyn Made>, Failure> {
        let (iot, policy) = (Arc::clone(&self.iot), self.policy()?.to_owned());
        let (thing_name, csr_pem) = (thing_name.to_owned(), csr_pem.to_owned());
        let work = to_the_end(async move {
            let issued = changes::issue(&iot, &policy, &thing_name, &csr_pem).await?;
            let id = issued.certificate_id.clone();
            Ok(JustMade::new(issued, async move { persistently(|| changes::delete(&iot, &thing_name, &id)).await }))
        });
        Ok(Box::new(self.trusted(work.await).await?))
    }

    async fn register(&self, thing_name: &str, pem: &str, status: CertificateStatus) -> Result<(), Failure> {
        let (iot, policy) = (Arc::clone(&self.iot), self.policy()?.to_owned());
        let (thing_name, pem) = (thing_name.to_owned(), pem.to_owned());
        let work = to_the_end(async move { changes::register(&iot, &policy, &thing_name, &pem, status).await });
        self.trusted(work.await).await
    }

    async fn set_status(&self, thing_name: &str, id: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.trusted(changes::set_status(&self.iot, thing_name, id, status).await).await
    }

    async fn delete(&self, thing_name: &str, id: &str) -> Result<(), Failure> {
        let (iot, thing_name, id) = (Arc::clone(&self.iot), thing_name.to_owned(), id.to_owned());
        let work = to_the_end(async move { changes::delete(&iot, &thing_name, &id).await });
        self.trusted(work.await).await
    }
}
