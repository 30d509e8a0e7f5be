//! Fleet provisioning with a claim.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{CertificateStatus, New, Provisioning, Unregistered};
use fieldkey_core::{Code, Failure, SerialNumber};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::World;
use crate::authority::END_OF_IDENTITIES;

/// A connection with a claim.
pub(crate) struct Exchange {
    world: Arc<World>,
    over: Instant,
    /// By certificate ID.
    tokens: BTreeMap<String, SecretString>,
}

impl Exchange {
    pub(crate) fn new(world: Arc<World>, over: Instant) -> Self {
        Self { world, over, tokens: BTreeMap::new() }
    }

    fn is_alive(&self) -> Result<(), Failure> {
        if Instant::now() < self.over { Ok(()) } else { Err(Failure::new(Code::ClaimExpired)) }
    }

    fn register(&self, template: &str, new: &New, parameters: &BTreeMap<String, String>) -> Result<String, Failure> {
        self.is_alive()?;
        let site = &self.world.site;
        if template != site.provisioning_template_name {
            return Err(Failure::new(Code::TemplateNotFound).about(template));
        }
        let token = self.tokens.get(&new.certificate_id).map(ExposeSecret::expose_secret);
        if token != Some(new.ownership_token.expose_secret()) {
            let failure = Failure::new(Code::ServiceError).about("RegisterThing");
            return Err(failure.because("InvalidCertificateOwnershipToken"));
        }
        let serial = parameters.get("SerialNumber").map_or("", String::as_str);
        // The template's own check is the site's.
        let serial = SerialNumber::parse(serial, site).map_err(|refused| Failure {
            code: Code::RegistrationRefused,
            step: None,
            ..refused
        })?;
        self.world.registry().attach(&new.certificate_id, serial.thing_name(), CertificateStatus::Active);
        Ok(serial.thing_name().to_owned())
    }
}

#[async_trait]
impl Provisioning for Exchange {
    async fn certificate(&mut self, csr_pem: Option<&str>) -> Result<New, Failure> {
        self.world.clock.takes(400).await;
        self.is_alive()?;
        let authority = &self.world.authority;
        let (issued, private_key_pem) = match csr_pem {
            Some(csr_pem) => (authority.sign(csr_pem, END_OF_IDENTITIES)?, None),
            None => {
                let (issued, key) = authority.make("Fieldkey practise", END_OF_IDENTITIES)?;
                (issued, Some(key))
            }
        };
        self.world.registry().add(&issued, CertificateStatus::PendingActivation, OffsetDateTime::now_utc());
        let ownership_token = token()?;
        self.tokens.insert(issued.certificate_id.clone(), ownership_token.clone());
        let (certificate_id, certificate_pem) = (issued.certificate_id, issued.certificate_pem);
        Ok(New { certificate_id, certificate_pem, private_key_pem, ownership_token })
    }

    async fn register_thing(
        &mut self,
        template: &str,
        new: &New,
        parameters: &BTreeMap<String, String>,
    ) -> Result<String, Unregistered> {
        self.world.clock.takes(500).await;
        self.register(template, new, parameters).map_err(Unregistered::Refused)
    }
}

fn token() -> Result<SecretString, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new(Code::ServiceError).because(error.to_string()))?;
    Ok(hex::encode(bytes).into())
}
