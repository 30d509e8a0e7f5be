//! The main job: claim, write, read back, and wait until the device has registered itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::ports::RunStart;
use crate::registration;
use crate::run::Run;
use crate::{
    Bundle, Claim, Cloud, Code, Failure, Job, Journal, Progress, Provisioned, Release, SerialNumber, Site, Step,
    Target, Why,
};

/// The template parameter that names the device.
const SERIAL_NUMBER: &str = "SerialNumber";

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
    (cloud, target): (&dyn Cloud, &dyn Target),
    journal: &dyn Journal,
    progress: &dyn Progress,
) -> Result<Provisioned, Failure> {
    let serial = SerialNumber::parse(&request.serial_number, site);
    let start = RunStart {
        run: request.run.clone(),
        job: Job::Provision,
        at: OffsetDateTime::now_utc(),
        site: site.name.clone(),
        serial_number: request.serial_number.trim().to_owned(),
        thing_name: serial.as_ref().map(|s| s.thing_name().to_owned()).unwrap_or_default(),
        target: target.name(),
    };
    let run = Run::start(start, progress, journal);
    let outcome = match serial {
        Ok(serial) => steps(request, &serial, site, ca_pem, (cloud, target), &run).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(result) => {
            run.finish(result.clone());
            Ok(result)
        }
        Err(failure) => {
            let registered = (failure.code == Code::NotRegistered).then_some(false);
            run.fail(&failure, registered);
            Err(failure)
        }
    }
}

async fn steps(
    request: &Provision,
    serial: &SerialNumber,
    site: &Site,
    ca_pem: &str,
    (cloud, target): (&dyn Cloud, &dyn Target),
    run: &Run<'_>,
) -> Result<Provisioned, Failure> {
    let parameters = parameters(request, serial)?;
    run.step(Step::Target, target.check(request.replace), |()| vec![("target", json!(target.name()))]).await?;
    let operator = run.step(Step::SignIn, cloud.sign_in(), |name| vec![("operator", json!(name))]).await?;
    run.operator(&operator);
    run.step(Step::Credentials, cloud.credentials(), |()| vec![]).await?;

    let (claim, endpoint) = run
        .step(Step::Claim, async { tokio::try_join!(cloud.claim(), cloud.endpoint()) }, |(claim, endpoint)| {
            vec![
                ("certificateId", json!(claim.certificate_id)),
                ("expires", json!(rfc3339(claim.expires))),
                ("secondsLeft", json!(claim.lifetime.as_secs())),
                ("endpoint", json!(endpoint.host)),
            ]
        })
        .await?;
    run.certificate(&claim.certificate_id);
    let deadline = Instant::now() + claim.lifetime;
    let bundle = bundle(claim, endpoint, site, serial, parameters, ca_pem);

    let before = run.step(Step::Write, write(request, &bundle, (cloud, target), deadline), |_| vec![]).await?;
    let read_back = run
        .step(Step::Verify, target.verify(&bundle), |back| {
            vec![("files", json!(back.files)), ("pastCache", json!(back.past_cache))]
        })
        .await?;
    // What was read back is whole, so nothing that happens now can undo it.
    let release = async { Ok(target.release().await.unwrap_or(Release::Gone)) };
    run.step(Step::Release, release, |release| vec![("release", json!(release))]).await?;

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
        certificate_id: bundle.certificate_id,
        expires: bundle.expires,
        target: target.name(),
        files: read_back.files,
        registered,
    })
}

fn parameters(request: &Provision, serial: &SerialNumber) -> Result<BTreeMap<String, String>, Failure> {
    let mut parameters = request.parameters.clone();
    if let Some(reserved) = parameters.keys().find(|key| key.starts_with("AWS::")) {
        let why = Why::new("AWS IoT sets it itself", "AWS IoT が設定するパラメーターです");
        return Err(Failure::new(Code::Usage).about(reserved).because_of(why).at(Step::Site));
    }
    match parameters.insert(SERIAL_NUMBER.into(), serial.as_str().into()) {
        Some(other) if other != serial.as_str() => Err(Failure::new(Code::Usage)
            .about(SERIAL_NUMBER)
            .because_of(Why::new("given twice, with two values", "異なる値で 2 回指定されています"))
            .at(Step::Site)),
        _ => Ok(parameters),
    }
}

fn bundle(
    claim: Claim,
    endpoint: crate::Endpoint,
    site: &Site,
    serial: &SerialNumber,
    parameters: BTreeMap<String, String>,
    ca_pem: &str,
) -> Bundle {
    Bundle {
        certificate_pem: claim.certificate_pem,
        private_key_pem: claim.private_key_pem,
        ca_pem: ca_pem.to_owned(),
        certificate_id: claim.certificate_id,
        expires: claim.expires,
        endpoint,
        template_name: site.provisioning_template_name.clone(),
        thing_name: serial.thing_name().to_owned(),
        parameters,
    }
}

/// Writes the bundle. Returns the certificates that the thing had before, if anybody will wait.
///
/// The look at the registry runs beside the slow part of the write and ends before the bundle comes
/// into force: after that the device may register at any moment, and its new certificate must not
/// count as an old one.
async fn write(
    request: &Provision,
    bundle: &Bundle,
    (cloud, target): (&dyn Cloud, &dyn Target),
    deadline: Instant,
) -> Result<Option<BTreeSet<String>>, Failure> {
    let before = async {
        match request.wait {
            Some(_) => cloud.certificates_of(&bundle.thing_name).await.map(Some),
            None => Ok(None),
        }
    };
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

fn rfc3339(at: OffsetDateTime) -> String {
    // Formatting a date within four-digit years cannot fail.
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

#[cfg(test)]
#[path = "provision_tests.rs"]
mod tests;
