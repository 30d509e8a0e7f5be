//! The jobs' view of the site's AWS.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{CertificateStatus, Made, SignedIn, Thing};
use fieldkey_core::{Claim, Cloud, Endpoint, Failure, Operator};
use time::OffsetDateTime;

use crate::authority::END_OF_IDENTITIES;
use crate::made::JustMade;
use crate::{Practise, held};

#[async_trait]
impl Operator for Practise {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        self.signed_in()
    }

    fn standing(&self) -> Option<String> {
        self.who()
    }
}

#[async_trait]
impl Cloud for Practise {
    async fn credentials(&self) -> Result<(), Failure> {
        self.signed_in().map(drop)
    }

    async fn claim(&self) -> Result<Claim, Failure> {
        self.credentials().await?;
        self.0.clock.takes(400).await;
        self.0.claiming.take("CreateProvisioningClaim")?;
        held(&self.0.claims).make(&self.0.authority)
    }

    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        Ok(self.0.endpoint())
    }

    async fn credentials_endpoint(&self) -> Result<String, Failure> {
        Ok(self.0.site.credentials_endpoint.clone().unwrap_or_default())
    }

    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        self.credentials().await?;
        self.0.clock.takes(80).await;
        Ok(self.0.registry().certificates_of(thing_name))
    }

    async fn thing(&self, name: &str) -> Result<Option<Thing>, Failure> {
        self.credentials().await?;
        self.0.clock.takes(250).await;
        Ok(self.0.registry().thing(name))
    }

    async fn things_with(&self, certificate_id: &str) -> Result<Option<Vec<String>>, Failure> {
        self.credentials().await?;
        self.0.clock.takes(120).await;
        Ok(self.0.registry().things_with(certificate_id))
    }

    async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Box<dyn Made>, Failure> {
        self.change(&format!("POST /things/{thing_name}/certificates")).await?;
        let mut registry = self.0.registry();
        let issued = match registry.made_before(thing_name, csr_pem) {
            Some(issued) => issued,
            None => {
                let issued = self.0.authority.sign(csr_pem, END_OF_IDENTITIES)?;
                registry.add(&issued, CertificateStatus::Inactive, OffsetDateTime::now_utc());
                issued
            }
        };
        registry.attach(&issued.certificate_id, thing_name, CertificateStatus::Active);
        let (thing_name, world) = (thing_name.to_owned(), Arc::clone(&self.0));
        Ok(Box::new(JustMade { issued, thing_name, world, kept: false }))
    }

    async fn register(&self, thing_name: &str, pem: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.change(&format!("PUT /things/{thing_name}")).await?;
        self.0.registry().register(thing_name, pem, status)
    }

    async fn set_status(&self, thing_name: &str, id: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.change(&format!("PATCH /things/{thing_name}")).await?;
        self.0.registry().set_status(thing_name, id, status)
    }

    async fn delete(&self, thing_name: &str, id: &str) -> Result<(), Failure> {
        self.change(&format!("DELETE /things/{thing_name}")).await?;
        self.0.registry().delete(thing_name, id)
    }
}

impl Practise {
    /// A call to the certificate API. What is in it stands in the call's own words, for messages.
    async fn change(&self, call: &str) -> Result<(), Failure> {
        self.credentials().await?;
        self.0.clock.takes(500).await;
        self.0.changing.take(call)
    }
}
