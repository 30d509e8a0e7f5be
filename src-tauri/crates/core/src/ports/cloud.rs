//! AWS, as one operator at one site sees it.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ts_rs::TS;

use crate::{Claim, Endpoint, Failure};

/// The person at the keyboard.
#[async_trait]
pub trait Operator: Send + Sync {
    /// Signs in, asking the person if need be. Free when signed in.
    async fn sign_in(&self) -> Result<SignedIn, Failure>;

    /// The name of whoever is signed in already. Nobody is asked.
    fn standing(&self) -> Option<String>;
}

/// Who is signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedIn {
    /// An e-mail address as typed; an engineer's AWS profile.
    pub name: String,
    pub groups: Groups,
}

/// What the signed-in person may do, as far as it is known before AWS is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Groups {
    /// An operator's Cognito groups: `installers`, `helpdesk`.
    Of(BTreeSet<String>),
    /// An engineer's own AWS rights decide.
    Account,
}

/// AWS IoT's control side: an operator's, whose changes to the registry go through the site's certificate API,
/// or an engineer's, who makes them directly.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Makes sure that temporary AWS credentials are at hand. Free when they are.
    async fn credentials(&self) -> Result<(), Failure>;

    /// CreateProvisioningClaim on the site's template.
    async fn claim(&self) -> Result<Claim, Failure>;

    /// Where devices connect: from the site file, else DescribeEndpoint, asked once per site.
    async fn endpoint(&self) -> Result<Endpoint, Failure>;

    /// The host where devices fetch temporary credentials: from the site file, else DescribeEndpoint, asked once.
    async fn credentials_endpoint(&self) -> Result<String, Failure>;

    /// The IDs of the certificates attached to a thing; empty when there is no such thing.
    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure>;

    /// A thing with all that hangs on it; `None` when there is no such thing.
    async fn thing(&self, name: &str) -> Result<Option<Thing>, Failure>;

    /// The names of the things that use a certificate; `None` when there is no such certificate.
    async fn things_with(&self, certificate_id: &str) -> Result<Option<Vec<String>>, Failure>;

    /// Has a certificate made from a CSR, active and attached to the thing, which is made if need be.
    async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Box<dyn Made>, Failure>;

    /// Registers a certificate that exists already, without a CA, and attaches it to the thing.
    ///
    /// # Errors
    /// `certificate-duplicate` with its state if it is registered already.
    async fn register(&self, thing_name: &str, certificate_pem: &str, status: CertificateStatus)
    -> Result<(), Failure>;

    /// Activates or deactivates a certificate of a thing.
    async fn set_status(&self, thing_name: &str, id: &str, status: CertificateStatus) -> Result<(), Failure>;

    /// Deactivates, detaches and deletes a certificate of a thing, in the order that AWS demands. What was cut off
    /// can be asked again.
    ///
    /// # Errors
    /// `certificate-not-found` if it is gone already, `certificate-shared` if another thing uses it too.
    async fn delete(&self, thing_name: &str, id: &str) -> Result<(), Failure>;
}

/// A certificate that was just made. Whoever asked for it may take it back.
///
/// Dropped before it was kept it is taken back in the background: an active certificate whose key nobody has must
/// not stay behind when a run is interrupted.
#[async_trait]
pub trait Made: Send {
    fn issued(&self) -> &Issued;

    /// A device holds its key now.
    fn keep(&mut self);

    async fn take_back(self: Box<Self>) -> Result<(), Failure>;
}

/// A certificate made from a CSR.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Issued {
    pub certificate_id: String,
    pub certificate_pem: String,
}

/// A thing as the registry knows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Thing {
    pub name: String,
    pub thing_type: Option<String>,
    pub attributes: BTreeMap<String, String>,
    /// Newest first.
    pub certificates: Vec<Certificate>,
}

/// A certificate as the registry knows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Certificate {
    /// Lower-case hex SHA-256 of its DER.
    pub id: String,
    pub status: CertificateStatus,
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub created: OffsetDateTime,
    /// When it ends, if AWS says so.
    #[serde(with = "time::serde::rfc3339::option")]
    #[ts(type = "string | null")]
    pub expires: Option<OffsetDateTime>,
    pub policies: Vec<String>,
    /// Other things that use it.
    pub other_things: Vec<String>,
}

/// Written as AWS writes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[ts(export)]
pub enum CertificateStatus {
    Active,
    Inactive,
    Revoked,
    PendingTransfer,
    RegisterInactive,
    /// Made by fleet provisioning, and not registered yet. AWS deletes it when its time is over.
    PendingActivation,
}
