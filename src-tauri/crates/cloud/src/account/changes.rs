//! Changes to the registry, of several calls each, so that what is cut off leaves nothing half-done behind or can be
//! asked again.

use fieldkey_core::ports::{CertificateStatus, Issued};
use fieldkey_core::{Code, Failure};

use super::calls::Made;
use super::key::{PublicKey, certificate_id};
use super::undo::{Step, Undo};
use crate::conflict::{duplicate, shared};
use crate::iot::Iot;
use crate::registry::id_in;

/// A certificate from a CSR, with the policy, attached and active. The same key gives the same certificate.
pub(super) async fn issue(iot: &Iot, policy: &str, thing_name: &str, csr_pem: &str) -> Result<Issued, Failure> {
    let key = PublicKey::of_request(csr_pem)?;
    if let Some((before, status)) = made_before(iot, thing_name, &key).await? {
        check_in_force(iot, policy, &before, status).await?;
        return Ok(Issued { certificate_id: before.id, certificate_pem: before.pem });
    }
    let made = iot.create_certificate(csr_pem).await?;
    complete(iot, policy, thing_name, &made, CertificateStatus::Active).await?;
    Ok(Issued { certificate_id: made.id, certificate_pem: made.pem })
}

pub(super) async fn register(
    iot: &Iot,
    policy: &str,
    thing_name: &str,
    pem: &str,
    status: CertificateStatus,
) -> Result<(), Failure> {
    let id = certificate_id(pem, thing_name)?;
    match iot.register_certificate(pem, &id).await? {
        Some(made) => complete(iot, policy, thing_name, &made, status).await,
        None => match bare(iot, &id).await? {
            // It was there before this call, and stays if this call fails.
            Some(made) => put_in_place_or_undo(iot, policy, thing_name, &made, status, Undo::default()).await,
            None => Err(duplicate_of(iot, &id).await?),
        },
    }
}

/// # Errors
/// `certificate-not-found` unless it is attached to that thing.
pub(super) async fn set_status(
    iot: &Iot,
    thing_name: &str,
    id: &str,
    status: CertificateStatus,
) -> Result<(), Failure> {
    let arns = iot.certificate_arns_of(thing_name).await?.unwrap_or_default();
    if !arns.iter().any(|arn| id_in(arn) == Some(id)) {
        return Err(not_found(id));
    }
    iot.update_certificate(id, status).await
}

/// Deactivated, then detached from its policies and its thing, then deleted: at each point it is plain where to go
/// on.
pub(super) async fn delete(iot: &Iot, thing_name: &str, id: &str) -> Result<(), Failure> {
    let Some(found) = iot.describe(id).await? else { return Err(not_found(id)) };
    let (status, Some(arn)) = (iot.status(&found)?, found.certificate_arn) else {
        return Err(iot.nonsense("the certificate's ARN is missing"));
    };
    let things = iot.things_of(&arn).await?.unwrap_or_default();
    let (its, others): (Vec<String>, Vec<String>) = things.into_iter().partition(|name| name == thing_name);
    let is_half_deleted = status == Some(CertificateStatus::Inactive);
    match (its.is_empty(), others.is_empty()) {
        (false, true) => {}
        (true, true) if is_half_deleted => {}
        (true, _) => return Err(not_found(id)),
        (false, false) => return Err(shared(&others, 0)),
    }
    if status == Some(CertificateStatus::Active) {
        iot.update_certificate(id, CertificateStatus::Inactive).await?;
    }
    for policy in iot.policies_of(&arn).await?.unwrap_or_default() {
        iot.detach_policy(&policy, &arn).await?;
    }
    if !its.is_empty() {
        iot.detach_thing(thing_name, &arn).await?;
    }
    iot.delete_certificate(id).await
}

/// Policy, thing, attachment, status; or as if nothing had been made.
async fn complete(
    iot: &Iot,
    policy: &str,
    thing_name: &str,
    made: &Made,
    status: CertificateStatus,
) -> Result<(), Failure> {
    let mut undo = Undo::default();
    undo.note(Step::DeleteCertificate { id: made.id.clone() });
    put_in_place_or_undo(iot, policy, thing_name, made, status, undo).await
}

async fn put_in_place_or_undo(
    iot: &Iot,
    policy: &str,
    thing_name: &str,
    made: &Made,
    status: CertificateStatus,
    mut undo: Undo,
) -> Result<(), Failure> {
    match put_in_place(iot, policy, thing_name, made, status, &mut undo).await {
        Ok(()) => Ok(()),
        Err(failure) => Err(undo.after(failure, iot).await),
    }
}

async fn put_in_place(
    iot: &Iot,
    policy: &str,
    thing_name: &str,
    made: &Made,
    status: CertificateStatus,
    undo: &mut Undo,
) -> Result<(), Failure> {
    let Made { id, arn, .. } = made;
    undo.note(Step::DetachPolicy { policy: policy.to_owned(), arn: arn.clone() });
    iot.attach_policy(policy, arn).await?;
    if !iot.has_thing(thing_name).await? {
        undo.note(Step::DeleteThing { name: thing_name.to_owned() });
        if !iot.create_thing(thing_name).await? {
            undo.forget_last();
        }
    }
    undo.note(Step::DetachThing { name: thing_name.to_owned(), arn: arn.clone() });
    iot.attach_thing(thing_name, arn).await?;
    if status == CertificateStatus::Inactive {
        return Ok(());
    }
    undo.note(Step::Deactivate { id: id.clone() });
    iot.update_certificate(id, status).await
}

/// The certificate of the thing that has this key; an active one before others.
async fn made_before(
    iot: &Iot,
    thing_name: &str,
    key: &PublicKey,
) -> Result<Option<(Made, Option<CertificateStatus>)>, Failure> {
    let mut found = None;
    for arn in iot.certificate_arns_of(thing_name).await?.unwrap_or_default() {
        let Some(id) = id_in(&arn) else { continue };
        let Some(described) = iot.describe(id).await? else { continue };
        let status = iot.status(&described)?;
        let pem = described.certificate_pem.unwrap_or_default();
        if PublicKey::of_certificate(&pem).as_ref() != Some(key) {
            continue;
        }
        let id = id.to_owned();
        found = Some((Made { id, arn, pem }, status));
        if status == Some(CertificateStatus::Active) {
            break;
        }
    }
    Ok(found)
}

/// Only an answer that got lost is made up for. The policy comes before the thing, so a certificate that is attached
/// and lacks the policy, or is not active, was switched off by somebody: that is not for a repetition to undo.
async fn check_in_force(
    iot: &Iot,
    policy: &str,
    before: &Made,
    status: Option<CertificateStatus>,
) -> Result<(), Failure> {
    let has_policy = iot.policies_of(&before.arn).await?.unwrap_or_default().iter().any(|name| name == policy);
    if has_policy && status == Some(CertificateStatus::Active) {
        return Ok(());
    }
    Err(duplicate_of(iot, &before.id).await?)
}

/// What a registration leaves that was cut after its first call: inactive, and attached to nothing.
async fn bare(iot: &Iot, id: &str) -> Result<Option<Made>, Failure> {
    let Some(found) = iot.describe(id).await? else { return Ok(None) };
    let status = iot.status(&found)?;
    let (Some(arn), Some(pem)) = (found.certificate_arn, found.certificate_pem) else { return Ok(None) };
    let is_bare = status == Some(CertificateStatus::Inactive)
        && iot.things_of(&arn).await?.unwrap_or_default().is_empty()
        && iot.policies_of(&arn).await?.unwrap_or_default().is_empty();
    Ok(is_bare.then(|| Made { id: id.to_owned(), arn, pem }))
}

/// The refusal of a certificate that is there already, with its state.
async fn duplicate_of(iot: &Iot, id: &str) -> Result<Failure, Failure> {
    let described = iot.describe(id).await?;
    let status = described.as_ref().and_then(|found| found.status.as_ref()).map_or("?", |status| status.as_str());
    let things = match described.as_ref().and_then(|found| found.certificate_arn.as_deref()) {
        Some(arn) => iot.things_of(arn).await?.unwrap_or_default(),
        None => vec![],
    };
    Ok(duplicate(id, status, &things, 0))
}

fn not_found(id: &str) -> Failure {
    Failure::new(Code::CertificateNotFound).about(id)
}
