//! What the registry knows: things, and the certificates that hang on them.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_iot::types::CertificateDescription;
use fieldkey_core::Failure;
use fieldkey_core::ports::{Certificate, CertificateStatus, Thing};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::iot::Iot;

/// So many certificates are looked up side by side.
const SIDE_BY_SIDE: usize = 4;

const NOT_FOUND: &str = "ResourceNotFoundException";

impl Iot {
    /// The IDs of the certificates attached to a thing, none if there is no such thing.
    pub(crate) async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        let arns = self.certificate_arns_of(thing_name).await?.unwrap_or_default();
        Ok(arns.iter().filter_map(|arn| id_in(arn)).map(str::to_owned).collect())
    }

    /// DescribeThing, then all that hangs on it; `None` if there is no such thing.
    pub(crate) async fn thing(self: &Arc<Self>, name: &str) -> Result<Option<Thing>, Failure> {
        let call = self.client.describe_thing().thing_name(name).send();
        let described = match self.call("DescribeThing", call).await? {
            Ok(answer) => answer,
            Err(refusal) if refusal.name == NOT_FOUND => return Ok(None),
            Err(refusal) => return Err(self.refused(&refusal, &format!("iot:DescribeThing, thing/{name}"))),
        };
        let Some(arns) = self.certificate_arns_of(name).await? else { return Ok(None) };
        let mut certificates = self.certificates(name, arns).await?;
        certificates.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        Ok(Some(Thing {
            name: described.thing_name.unwrap_or_else(|| name.to_owned()),
            thing_type: described.thing_type_name,
            attributes: described.attributes.unwrap_or_default().into_iter().collect(),
            certificates,
        }))
    }

    /// DescribeCertificate and ListPrincipalThings; `None` if there is no such certificate.
    pub(crate) async fn things_with(&self, id: &str) -> Result<Option<Vec<String>>, Failure> {
        let Some(described) = self.describe(id).await? else { return Ok(None) };
        let arn = described.certificate_arn.ok_or_else(|| self.nonsense("the certificate's ARN is missing"))?;
        self.things_of(&arn).await
    }

    async fn certificates(self: &Arc<Self>, thing_name: &str, arns: Vec<String>) -> Result<Vec<Certificate>, Failure> {
        let places = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        let mut looks = JoinSet::new();
        for arn in arns {
            let (iot, thing_name, places) = (Arc::clone(self), thing_name.to_owned(), Arc::clone(&places));
            looks.spawn(async move {
                let _place = places.acquire_owned().await;
                iot.certificate(&thing_name, &arn).await
            });
        }
        let mut found = vec![];
        while let Some(look) = looks.join_next().await {
            found.extend(look.unwrap_or_else(|error| Err(Failure::broken_off(&error)))?);
        }
        Ok(found)
    }

    /// `None` if it was deleted in the meantime.
    async fn certificate(&self, thing_name: &str, arn: &str) -> Result<Option<Certificate>, Failure> {
        let Some(id) = id_in(arn) else { return Ok(None) };
        let (described, policies, things) =
            tokio::try_join!(self.describe(id), self.policies_of(arn), self.things_of(arn))?;
        let (Some(described), Some(policies), Some(things)) = (described, policies, things) else { return Ok(None) };
        let created = described.creation_date.and_then(|at| moment(&at));
        let (Some(status), Some(created)) = (self.status(&described)?, created) else {
            return Err(self.nonsense("a part of the certificate's description is missing"));
        };
        Ok(Some(Certificate {
            id: id.to_owned(),
            status,
            created,
            expires: described.validity.and_then(|validity| validity.not_after).and_then(|at| moment(&at)),
            policies,
            other_things: things.into_iter().filter(|name| name != thing_name).collect(),
        }))
    }

    /// DescribeCertificate; `None` if there is no such certificate.
    pub(crate) async fn describe(&self, id: &str) -> Result<Option<CertificateDescription>, Failure> {
        let call = self.client.describe_certificate().certificate_id(id).send();
        match self.call("DescribeCertificate", call).await? {
            Ok(answer) => {
                let missing = || self.nonsense("the certificate's description is missing");
                answer.certificate_description.ok_or_else(missing).map(Some)
            }
            Err(refusal) if refusal.name == NOT_FOUND => Ok(None),
            Err(refusal) => Err(self.refused(&refusal, &format!("iot:DescribeCertificate, cert/{id}"))),
        }
    }

    pub(crate) fn status(&self, described: &CertificateDescription) -> Result<Option<CertificateStatus>, Failure> {
        let read = |status: &aws_sdk_iot::types::CertificateStatus| {
            let text = serde_json::Value::String(status.as_str().to_owned());
            serde_json::from_value(text).map_err(|_| self.nonsense("the certificate's status is none that there is"))
        };
        described.status.as_ref().map(read).transpose()
    }

    /// ListThingPrincipals: the ARNs of the certificates attached to a thing; `None` if there is no such thing.
    pub(crate) async fn certificate_arns_of(&self, thing_name: &str) -> Result<Option<Vec<String>>, Failure> {
        let (mut arns, mut next) = (vec![], None);
        loop {
            let call = self.client.list_thing_principals().thing_name(thing_name).set_next_token(next).send();
            match self.call("ListThingPrincipals", call).await? {
                Ok(page) => {
                    arns.extend(page.principals.unwrap_or_default().into_iter().filter(|arn| id_in(arn).is_some()));
                    next = page.next_token.filter(|token| !token.is_empty());
                }
                Err(refusal) if refusal.name == NOT_FOUND => return Ok(None),
                Err(refusal) => {
                    let action = format!("iot:ListThingPrincipals, thing/{thing_name}");
                    return Err(self.refused(&refusal, &action));
                }
            }
            if next.is_none() {
                return Ok(Some(arns));
            }
        }
    }

    /// ListAttachedPolicies: their names; `None` if there is no such certificate.
    pub(crate) async fn policies_of(&self, arn: &str) -> Result<Option<Vec<String>>, Failure> {
        let (mut names, mut next) = (vec![], None);
        loop {
            let call = self.client.list_attached_policies().target(arn).set_marker(next).send();
            match self.call("ListAttachedPolicies", call).await? {
                Ok(page) => {
                    let policies = page.policies.unwrap_or_default();
                    names.extend(policies.into_iter().filter_map(|policy| policy.policy_name));
                    next = page.next_marker.filter(|marker| !marker.is_empty());
                }
                Err(refusal) if refusal.name == NOT_FOUND => return Ok(None),
                Err(refusal) => return Err(self.refused(&refusal, "iot:ListAttachedPolicies")),
            }
            if next.is_none() {
                return Ok(Some(names));
            }
        }
    }

    /// ListPrincipalThings: the names of the things that use a certificate; `None` if there is no such certificate.
    pub(crate) async fn things_of(&self, arn: &str) -> Result<Option<Vec<String>>, Failure> {
        let (mut names, mut next) = (vec![], None);
        loop {
            let call = self.client.list_principal_things().principal(arn).set_next_token(next).send();
            match self.call("ListPrincipalThings", call).await? {
                Ok(page) => {
                    names.extend(page.things.unwrap_or_default());
                    next = page.next_token.filter(|token| !token.is_empty());
                }
                Err(refusal) if refusal.name == NOT_FOUND => return Ok(None),
                Err(refusal) => return Err(self.refused(&refusal, "iot:ListPrincipalThings")),
            }
            if next.is_none() {
                return Ok(Some(names));
            }
        }
    }
}

/// The certificate ID in a certificate's ARN; `None` for other principals, such as Cognito identities.
pub(crate) fn id_in(arn: &str) -> Option<&str> {
    arn.split_once(":cert/").map(|(_, id)| id)
}

fn moment(at: &aws_smithy_types::DateTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.secs()).ok()
}
