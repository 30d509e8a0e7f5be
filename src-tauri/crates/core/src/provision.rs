//! The main job: claim, write, read back, and wait until the device has registered itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::patience::ride_out;
use crate::permission::sign_in;
use crate::ports::Kind;
use crate::run::{Run, at_device, rfc3339};
use crate::{
    Bundle, Claim, ClaimBundle, Cloud, Code, Endpoint, Failure, FileRecord, Job, Ports, Provisioned, Release,
    RoleAlias, SerialNumber, Site, Step, Target, Why,
};
use crate::{parameters, registration};

/// What the operator asked for.
#[derive(Clone, Debug)]
pub struct Provision {
    /// The run's ID, unique in the journal.
    pub run: String,
    pub serial_number: String,
    /// Further parameters of the template.
    pub parameters: BTreeMap<String, String>,
    /// Overwrite an identity or a live claim.
    pub replace: bool,
    /// Wait so long for the device to register itself; never longer than the claim lives.
    pub wait: Option<Duration>,
}

/// Puts a fresh claim onto a target and, if asked, watches the device register itself with it.
///
/// # Errors
/// Any failure of its steps; `not-registered` when the bundle is on the device but the registry did
/// not show a new certificate in time.
pub async fn provision(
    request: &Provision,
    site: &Site,
    ca_pem: &str,
    target: &dyn Target,
    ports: Ports<'_>,
) -> Result<Provisioned, Failure> {
    let serial = SerialNumber::parse(&request.serial_number, site);
    let named = (request.serial_number.as_str(), serial.as_ref().ok());
    let run = Run::start(at_device((&request.run, Job::Provision), named, site, target), ports);
    let outcome = match serial {
        Ok(serial) => steps(request, &serial, site, ca_pem, target, ports, &run).await,
        Err(failure) => Err(failure),
    };
    run.conclude(outcome)
}

async fn steps(
    request: &Provision,
    serial: &SerialNumber,
    site: &Site,
    ca_pem: &str,
    target: &dyn Target,
    ports: Ports<'_>,
    run: &Run<'_>,
) -> Result<Provisioned, Failure> {
    parameters::of_template(&request.parameters, serial)?;
    refuse_without_role_alias(site, target)?;
    check(request, target, run).await?;
    sign_in(run, ports.operator, Job::Provision).await?;
    carry_out(request, serial, site, ca_pem, target, ports, run).await
}

/// Asked before anything is spent.
pub(crate) fn refuse_without_role_alias(site: &Site, target: &dyn Target) -> Result<(), Failure> {
    if site.role_alias.is_some() || !target.wants_credentials_endpoint() {
        return Ok(());
    }
    let why = Why::new(
        "missing in the site file: what is written for this driver names it",
        "サイトファイルにありません。このドライバーの設定ファイルに必要です",
    );
    Err(Failure::new(Code::SiteInvalid).about("roleAlias").because_of(why).at(Step::Site))
}

/// The role alias and where it is used, for a target that writes it down.
async fn role_alias(site: &Site, target: &dyn Target, cloud: &dyn Cloud) -> Result<Option<RoleAlias>, Failure> {
    match &site.role_alias {
        Some(name) if target.wants_credentials_endpoint() => {
            cloud.credentials_endpoint().await.map(|host| Some(RoleAlias { name: name.clone(), host }))
        }
        _ => Ok(None),
    }
}

/// The step `target`.
pub(crate) async fn check(request: &Provision, target: &dyn Target, run: &Run<'_>) -> Result<(), Failure> {
    let check = target.check(Kind::Claim, request.replace);
    run.step(Step::Target, check, |()| vec![("target", json!(target.name()))]).await
}

/// Everything after the sign-in.
pub(crate) async fn carry_out(
    request: &Provision,
    serial: &SerialNumber,
    site: &Site,
    ca_pem: &str,
    target: &dyn Target,
    Ports { cloud, .. }: Ports<'_>,
    run: &Run<'_>,
) -> Result<Provisioned, Failure> {
    let parameters = parameters::of_template(&request.parameters, serial)?;
    run.step(Step::Credentials, cloud.credentials(), |()| vec![]).await?;

    let claim = ride_out(run, Step::Claim, || async {
        tokio::try_join!(cloud.claim(), cloud.endpoint(), role_alias(site, target, cloud))
    });
    let claim = run.step(Step::Claim, claim, |(claim, endpoint, _)| claim_detail(claim, endpoint));
    let (claim, endpoint, role_alias) = claim.await?;
    run.certificate(&claim.certificate_id);
    let deadline = Instant::now() + claim.lifetime;
    let (certificate_id, expires) = (claim.certificate_id.clone(), claim.expires);
    let bundle = Bundle::Claim(bundle(claim, (endpoint, role_alias), site, serial, parameters, ca_pem));

    let before = async {
        match request.wait {
            Some(_) => cloud.certificates_of(serial.thing_name()).await.map(Some),
            None => Ok(None),
        }
    };
    let (before, files) = put(&bundle, before, target, deadline, run).await?;
    let registered = match (request.wait, before) {
        (Some(wait), Some(before)) => {
            // However long somebody would wait: the claim ends first.
            let until = Instant::now().checked_add(wait).map_or(deadline, |end| end.min(deadline));
            run.running(Step::Register, vec![("secondsLeft", json!(seconds_until(until)))]);
            let look = registration::watch(cloud, serial.thing_name(), &before, until);
            run.step(Step::Register, look, |id| vec![("certificateId", json!(id))]).await?;
            Some(true)
        }
        _ => None,
    };

    Ok(Provisioned {
        serial_number: serial.as_str().to_owned(),
        thing_name: serial.thing_name().to_owned(),
        certificate_id,
        expires,
        target: target.name(),
        files,
        registered,
        practice: false,
    })
}

pub(crate) fn bundle(
    claim: Claim,
    (endpoint, role_alias): (Endpoint, Option<RoleAlias>),
    site: &Site,
    serial: &SerialNumber,
    parameters: BTreeMap<String, String>,
    ca_pem: &str,
) -> ClaimBundle {
    ClaimBundle {
        certificate_pem: claim.certificate_pem,
        private_key_pem: claim.private_key_pem,
        ca_pem: ca_pem.to_owned(),
        certificate_id: claim.certificate_id,
        expires: claim.expires,
        region: site.region.clone(),
        endpoint,
        role_alias,
        template_name: site.provisioning_template_name.clone(),
        thing_name: serial.thing_name().to_owned(),
        parameters,
    }
}

/// What is told of a claim.
pub(crate) fn claim_detail(claim: &Claim, endpoint: &Endpoint) -> Vec<(&'static str, Value)> {
    vec![
        ("certificateId", json!(claim.certificate_id)),
        ("expires", json!(rfc3339(claim.expires))),
        ("secondsLeft", json!(claim.lifetime.as_secs())),
        ("endpoint", json!(endpoint.host)),
    ]
}

/// The steps `write`, `verify` and `release`. Returns what `before` found, and the files.
pub(crate) async fn put<T>(
    bundle: &Bundle,
    before: impl Future<Output = Result<T, Failure>>,
    target: &dyn Target,
    deadline: Instant,
    run: &Run<'_>,
) -> Result<(T, Vec<FileRecord>), Failure> {
    let before = run.step(Step::Write, write(bundle, before, target, deadline), |_| vec![]).await?;
    let read_back = run
        .step(Step::Verify, target.verify(bundle), |back| {
            vec![
                ("files", json!(back.files)),
                ("pastCache", json!(back.past_cache)),
                ("cautions", json!(back.cautions)),
            ]
        })
        .await?;
    // What was read back is whole, so nothing that happens now can undo it.
    let release = async { Ok(target.release().await.unwrap_or(Release::Gone)) };
    run.step(Step::Release, release, |release| vec![("release", json!(release))]).await?;
    Ok((before, read_back.files))
}

/// Writes the bundle. Returns what `before` found: the certificates that the thing had, if anybody will wait.
///
/// The look at the registry runs beside the slow part of the write and ends before the bundle comes
/// into force: after that the device may register at any moment, and its new certificate must not
/// count as an old one.
async fn write<T>(
    bundle: &Bundle,
    before: impl Future<Output = Result<T, Failure>>,
    target: &dyn Target,
    deadline: Instant,
) -> Result<T, Failure> {
    let (staged, before) = tokio::try_join!(target.stage(bundle), before)?;
    if Instant::now() >= deadline {
        return Err(Failure::new(Code::ClaimExpired));
    }
    staged.commit().await?;
    Ok(before)
}

fn seconds_until(instant: Instant) -> u64 {
    instant.saturating_duration_since(Instant::now()).as_secs()
}

#[cfg(test)]
#[path = "provision_tests.rs"]
mod tests;
