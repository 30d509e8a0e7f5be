//! The jobs' view of an operator's AWS.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{CertificateStatus, Groups, Made, SignedIn, Thing};
use fieldkey_core::{Claim, Cloud, Code, Endpoint, Failure, Operator};

use crate::Aws;
use crate::certificate_api::CertificateApi;
use crate::made::{JustMade, persistently};
use crate::to_the_end::to_the_end;

#[async_trait]
impl Operator for Aws {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        let who = self.who().await.ok_or_else(|| Failure::new(Code::SignInRequired))?;
        Ok(SignedIn { name: who.name, groups: Groups::Of(self.operator.groups()) })
    }

    fn standing(&self) -> Option<String> {
        self.operator.who().map(|(name, _)| name)
    }
}

#[async_trait]
impl Cloud for Aws {
    async fn credentials(&self) -> Result<(), Failure> {
        self.operator.credentials().await.map(drop)
    }

    async fn claim(&self) -> Result<Claim, Failure> {
        self.credentials().await?;
        self.trusted(self.iot.claim().await)
    }

    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        self.trusted(self.iot.endpoint().await)
    }

    async fn credentials_endpoint(&self) -> Result<String, Failure> {
        self.trusted(self.iot.credentials_endpoint().await)
    }

    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        self.credentials().await?;
        self.trusted(self.iot.certificates_of(thing_name).await)
    }

    async fn thing(&self, name: &str) -> Result<Option<Thing>, Failure> {
        self.credentials().await?;
        self.trusted(self.iot.thing(name).await)
    }

    async fn things_with(&self, certificate_id: &str) -> Result<Option<Vec<String>>, Failure> {
        self.credentials().await?;
        self.trusted(self.iot.things_with(certificate_id).await)
    }

    async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Box<dyn Made>, Failure> {
        let (api, thing_name, csr_pem) = (self.certificate_api()?, thing_name.to_owned(), csr_pem.to_owned());
        let made = to_the_end(async move {
            let issued = api.issue(&thing_name, &csr_pem).await?;
            let id = issued.certificate_id.clone();
            Ok(JustMade::new(
                issued,
                async move { persistently(|| api.delete(&thing_name, &id, Some(&csr_pem))).await },
            ))
        });
        Ok(Box::new(made.await?))
    }

    async fn register(&self, thing_name: &str, pem: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.certificate_api()?.register(thing_name, pem, status).await
    }

    async fn set_status(&self, thing_name: &str, id: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.certificate_api()?.set_status(thing_name, id, status).await
    }

    async fn delete(&self, thing_name: &str, id: &str) -> Result<(), Failure> {
        self.certificate_api()?.delete(thing_name, id, None).await
    }
}

impl Aws {
    /// # Errors
    /// `not-offered` where the site file names none.
    fn certificate_api(&self) -> Result<CertificateApi, Failure> {
        let url = self.connection.site.certificate_api_url.clone();
        let url = url.ok_or_else(|| Failure::new(Code::NotOffered).about("certificateApiUrl"))?;
        Ok(CertificateApi { connection: Arc::clone(&self.connection), operator: Arc::clone(&self.operator), url })
    }
}
