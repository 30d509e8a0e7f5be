//! `export-claim`: a claim for an installer somewhere else, as an encrypted file.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::claim_file::{self, ClaimFile, check_passphrase};
use crate::patience::ride_out;
use crate::permission::sign_in;
use crate::ports::{ClaimFiles, RunStart};
use crate::provision::{bundle, claim_detail};
use crate::run::Run;
use crate::{
    Cloud, Code, ExportedClaim, Failure, Feature, FileRecord, Job, Ports, RoleAlias, Rules, SerialNumber, Site, Step,
    parameters,
};

#[derive(Debug)]
pub struct ExportClaim {
    /// The run's ID, unique in the journal.
    pub run: String,
    pub serial_number: String,
    /// Further parameters of the template.
    pub parameters: BTreeMap<String, String>,
    /// Told to the installer by another way than the file.
    pub passphrase: SecretString,
}

/// # Errors
/// `not-allowed-by-policy`, or `passphrase-short`, before anybody signs in; any failure of its steps. No claim is asked for before the folder
/// can take it.
pub async fn export_claim(
    request: &ExportClaim,
    site: &Site,
    ca_pem: &str,
    files: &dyn ClaimFiles,
    rules: &Rules,
    ports: Ports<'_>,
) -> Result<ExportedClaim, Failure> {
    let serial = SerialNumber::parse(&request.serial_number, site);
    let start = RunStart {
        run: request.run.clone(),
        job: Job::ExportClaim,
        at: OffsetDateTime::now_utc(),
        site: site.name.clone(),
        serial_number: request.serial_number.trim().to_owned(),
        thing_name: serial.as_ref().map(|serial| serial.thing_name().to_owned()).unwrap_or_default(),
        device: None,
        target: files.name(),
    };
    let run = Run::start(start, ports);
    let outcome = match rules.allow(Feature::ClaimExport).and(serial) {
        Ok(serial) => steps(request, &serial, site, ca_pem, files, ports, &run).await,
        Err(failure) => Err(failure),
    };
    run.conclude(outcome)
}

async fn steps(
    request: &ExportClaim,
    serial: &SerialNumber,
    site: &Site,
    ca_pem: &str,
    files: &dyn ClaimFiles,
    ports: Ports<'_>,
    run: &Run<'_>,
) -> Result<ExportedClaim, Failure> {
    let parameters = parameters::of_template(&request.parameters, serial)?;
    check_passphrase(&request.passphrase).map_err(|failure| failure.at(Step::Site))?;
    run.step(Step::Target, files.check(), |()| vec![("target", json!(files.name()))]).await?;
    sign_in(run, ports.operator, Job::ExportClaim).await?;
    let cloud = ports.cloud;
    run.step(Step::Credentials, cloud.credentials(), |()| vec![]).await?;

    let claim = ride_out(run, Step::Claim, || async {
        tokio::try_join!(cloud.claim(), cloud.endpoint(), role_alias(site, cloud))
    });
    let claim = run.step(Step::Claim, claim, |(claim, endpoint, _)| claim_detail(claim, endpoint));
    let (claim, endpoint, role_alias) = claim.await?;
    run.certificate(&claim.certificate_id);
    let (certificate_id, expires) = (claim.certificate_id.clone(), claim.expires);
    let bundle = bundle(claim, (endpoint, role_alias), site, serial, parameters, ca_pem);
    let file = ClaimFile { site: site.name.clone(), serial_number: serial.as_str().to_owned(), bundle };

    let write = async {
        let sealed = sealed(file, request.passphrase.clone()).await?;
        let path = files.put(&name(serial, expires), &sealed).await?;
        Ok((path, sealed))
    };
    let (path, sealed) = run.step(Step::Write, write, |(path, _)| vec![("path", json!(path))]).await?;
    let same = async {
        let there = files.read_back(&path).await?;
        if there == sealed { Ok(()) } else { Err(Failure::new(Code::VerifyMismatch).about(&path)) }
    };
    run.step(Step::Verify, same, |()| vec![]).await?;
    Ok(ExportedClaim {
        serial_number: serial.as_str().to_owned(),
        thing_name: serial.thing_name().to_owned(),
        certificate_id,
        expires,
        file: FileRecord {
            name: path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
            bytes: sealed.len() as u64,
            sha256: hex::encode(Sha256::digest(&sealed)),
        },
        path,
    })
}

/// Whoever writes it onto a device later may have a driver that asks for it, and nobody to ask then.
async fn role_alias(site: &Site, cloud: &dyn Cloud) -> Result<Option<RoleAlias>, Failure> {
    match &site.role_alias {
        Some(name) => cloud.credentials_endpoint().await.map(|host| Some(RoleAlias { name: name.clone(), host })),
        None => Ok(None),
    }
}

async fn sealed(file: ClaimFile, passphrase: SecretString) -> Result<Vec<u8>, Failure> {
    let work = tokio::task::spawn_blocking(move || claim_file::seal(&file, &passphrase));
    work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
}

/// `claim-SN-0042-until-1405Z.age`: the installer may be in another time zone, so the time is UTC and says so.
fn name(serial: &SerialNumber, expires: OffsetDateTime) -> String {
    let until = expires.to_offset(time::UtcOffset::UTC).format(format_description!("[hour][minute]"));
    // Windows has no colon in names.
    let serial = serial.as_str().replace(':', "_");
    // Formatting a time of day cannot fail.
    format!("claim-{serial}-until-{}Z.age", until.unwrap_or_default())
}

#[cfg(test)]
#[path = "export_claim_tests.rs"]
mod tests;
