//! AWS as a device meets it: MQTT and temporary credentials, both over mTLS. Fieldkey plays the device's part here.

use std::collections::BTreeMap;

use async_trait::async_trait;
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::{Claim, Endpoint, Failure, Identity};

#[async_trait]
pub trait DeviceSide: Send + Sync {
    /// Connects with a claim. `ca_pem`: whom to trust.
    async fn with_claim(
        &self,
        claim: &Claim,
        endpoint: &Endpoint,
        ca_pem: &str,
    ) -> Result<Box<dyn Provisioning>, Failure>;

    /// Connects as the identity's thing.
    ///
    /// # Errors
    /// `identity-refused` with the likely cause when the endpoint closes the connection.
    async fn connect(&self, identity: &Identity) -> Result<Box<dyn Connected>, Failure>;

    /// Asks the credentials endpoint, through a role alias, in the name of the identity's thing.
    async fn temporary_credentials(
        &self,
        identity: &Identity,
        host: &str,
        role_alias: &str,
    ) -> Result<TemporaryCredentials, Failure>;

    /// GetCallerIdentity.
    async fn caller(&self, credentials: &TemporaryCredentials) -> Result<Caller, Failure>;

    /// The key of the first object in a bucket; `None` if it is empty.
    async fn first_object(&self, credentials: &TemporaryCredentials, bucket: &str) -> Result<Option<String>, Failure>;

    /// Reads an object. Returns its size in bytes.
    async fn read_object(&self, credentials: &TemporaryCredentials, bucket: &str, key: &str) -> Result<u64, Failure>;
}

/// Fleet provisioning over MQTT, with a claim.
/// <https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html>
#[async_trait]
pub trait Provisioning: Send {
    /// CreateCertificateFromCsr, or with `None` CreateKeysAndCertificate. The certificate is
    /// PENDING_ACTIVATION until it is registered.
    async fn certificate(&mut self, csr_pem: Option<&str>) -> Result<New, Failure>;

    /// RegisterThing. Returns the name of the thing.
    async fn register_thing(
        &mut self,
        template: &str,
        new: &New,
        parameters: &BTreeMap<String, String>,
    ) -> Result<String, Unregistered>;
}

/// Why there is no answer to RegisterThing that says yes.
#[derive(Debug)]
pub enum Unregistered {
    /// AWS said no, or was never asked: the certificate is as it was.
    Refused(Failure),
    /// AWS was asked and did not answer: the certificate may be active.
    Lost(Failure),
}

/// A certificate that waits to be registered.
#[derive(Debug)]
pub struct New {
    pub certificate_id: String,
    pub certificate_pem: String,
    /// Where AWS made the keys.
    pub private_key_pem: Option<SecretString>,
    pub ownership_token: SecretString,
}

/// A connection as a thing.
#[async_trait]
pub trait Connected: Send {
    /// Publishes at QoS 1 and waits until AWS has it.
    async fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), Failure>;

    async fn subscribe(&mut self, topic: &str) -> Result<(), Failure>;

    /// The next message on the topics subscribed to.
    ///
    /// # Errors
    /// `echo-missing` when none comes in time.
    async fn receive(&mut self) -> Result<Vec<u8>, Failure>;
}

/// What the credentials endpoint gave.
#[derive(Debug)]
pub struct TemporaryCredentials {
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    pub session_token: SecretString,
    pub expires: OffsetDateTime,
}

/// Who the temporary credentials are, as STS says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    pub arn: String,
    pub account: String,
}
