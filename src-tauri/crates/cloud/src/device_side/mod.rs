//! AWS as a device meets it. No operator and no AWS profile has a part in it: a certificate is all that is shown.

mod connected;
mod credentials_endpoint;
mod mqtt;
mod party;
mod provisioning;
mod refused;
mod rejected;
mod temporary;
mod tls;
mod ways;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fieldkey_core::ports::{Caller, Connected, DeviceSide, Provisioning, TemporaryCredentials};
use fieldkey_core::{Claim, Code, Endpoint, Failure, Identity, Site};
use rustls::ClientConfig;

use crate::connection::Connection;
use connected::AsThing;
use mqtt::Dial;
use party::Party;
use provisioning::WithClaim;
use tls::Shown;
use ways::Ways;

/// Any answer takes longer only if it never comes: a pre-provisioning hook has 5 seconds.
const ANSWER: Duration = Duration::from_secs(15);

/// A device's side of one site.
#[derive(Debug)]
pub struct AsDevice {
    connection: Connection,
    ways: Arc<Ways>,
    answer_within: Duration,
}

impl AsDevice {
    /// `extra_ca`: the text of the site's `caFile`, trusted for STS and S3 besides the system's and Amazon's roots.
    ///
    /// # Errors
    /// `site-invalid` when it cannot be used.
    pub fn new(site: &Site, extra_ca: Option<&str>) -> Result<Self, Failure> {
        let connection = Connection::new(site, extra_ca)?;
        Ok(Self { connection, ways: Arc::new(Ways::new(site.mqtt_alpn_port())), answer_within: ANSWER })
    }

    /// How long any one answer is waited for, if not 15 seconds.
    pub fn answers_within(mut self, patience: Duration) -> Self {
        self.answer_within = patience;
        self
    }

    fn dial(&self, endpoint: &Endpoint, config: ClientConfig) -> Dial {
        Dial { ways: Arc::clone(&self.ways), endpoint: endpoint.clone(), config, patience: self.answer_within }
    }
}

#[async_trait]
impl DeviceSide for AsDevice {
    async fn with_claim(
        &self,
        claim: &Claim,
        endpoint: &Endpoint,
        ca_pem: &str,
    ) -> Result<Box<dyn Provisioning>, Failure> {
        let party = Party::claim(claim, &endpoint.host);
        if party.is_over() {
            return Err(Failure::new(Code::ClaimExpired));
        }
        let Claim { certificate_id, certificate_pem, private_key_pem, .. } = claim;
        let config = tls::config(&Shown { certificate_id, certificate_pem, private_key_pem, ca_pem })?;
        Ok(Box::new(WithClaim::connect(self.dial(endpoint, config), party).await?))
    }

    async fn connect(&self, identity: &Identity) -> Result<Box<dyn Connected>, Failure> {
        let party = Party::thing(identity);
        let config = tls::config(&Shown::of(identity)?)?;
        Ok(Box::new(AsThing::connect(&self.dial(&identity.endpoint, config), party).await?))
    }

    async fn temporary_credentials(
        &self,
        identity: &Identity,
        host: &str,
        role_alias: &str,
    ) -> Result<TemporaryCredentials, Failure> {
        credentials_endpoint::ask(identity, host, role_alias, self.answer_within).await
    }

    async fn caller(&self, credentials: &TemporaryCredentials) -> Result<Caller, Failure> {
        temporary::caller(&self.connection, credentials).await
    }

    async fn first_object(&self, credentials: &TemporaryCredentials, bucket: &str) -> Result<Option<String>, Failure> {
        temporary::first_object(&self.connection, credentials, bucket).await
    }

    async fn read_object(&self, credentials: &TemporaryCredentials, bucket: &str, key: &str) -> Result<u64, Failure> {
        temporary::read_object(&self.connection, credentials, bucket, key, self.answer_within).await
    }
}
