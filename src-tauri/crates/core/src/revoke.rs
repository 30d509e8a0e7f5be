//! `revoke` and `activate`: a thing's certificates are deleted, or switched off and on.

use serde::{Deserialize, Serialize};
use serde_json::json;
use ts_rs::TS;

use crate::inspect::{look_up, start};
use crate::patience::ride_out;
use crate::permission::sign_in;
use crate::ports::{CertificateStatus, Thing};
use crate::run::Run;
use crate::{Code, Failure, Job, Ports, Revoked, Site, Step, Why, serial_number_in};

/// As many characters of a certificate ID as its files are named by: enough to tell a thing's certificates apart.
const SHORT_ID: usize = 10;

const FULL_ID: usize = 64;

#[derive(Clone, Debug)]
pub struct Revoke {
    /// The run's ID, unique in the journal.
    pub run: String,
    pub thing_name: String,
    /// Its ID, or the beginning of it; all of the thing's if it is `None`.
    pub certificate: Option<String>,
    pub act: Act,
}

/// What becomes of the certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Act {
    Activate,
    /// `Activate` takes it back.
    Deactivate,
    /// Deactivated, detached and deleted.
    Delete,
}

impl Act {
    fn job(self) -> Job {
        if self == Self::Activate { Job::Activate } else { Job::Revoke }
    }
}

/// # Errors
/// `thing-not-found`, `certificate-not-found`, `certificate-shared`, or any failure of its steps. What was cut off
/// can be asked again.
pub async fn revoke(request: &Revoke, site: &Site, ports: Ports<'_>) -> Result<Revoked, Failure> {
    let run = Run::start(start(&request.run, request.act.job(), &request.thing_name, site), ports);
    let outcome = steps(request, site, ports, &run).await;
    run.conclude(outcome)
}

async fn steps(request: &Revoke, site: &Site, ports: Ports<'_>, run: &Run<'_>) -> Result<Revoked, Failure> {
    let serial = serial_number_in(&request.thing_name, site)?;
    let wanted = request.certificate.as_deref().map(checked_id).transpose()?;
    sign_in(run, ports.operator, request.act.job()).await?;
    run.step(Step::Credentials, ports.cloud.credentials(), |()| vec![]).await?;
    let thing = look_up(run, serial.thing_name(), ports).await?;
    let certificates = chosen(&thing, wanted.as_deref())?;
    for id in &certificates {
        run.certificate(id);
        match request.act {
            Act::Activate => set_status(run, &thing.name, id, CertificateStatus::Active, ports).await?,
            Act::Deactivate => set_status(run, &thing.name, id, CertificateStatus::Inactive, ports).await?,
            Act::Delete => {
                let delete = ride_out(run, Step::Delete, || ports.cloud.delete(&thing.name, id));
                let deleted = run.step(Step::Delete, delete, |()| vec![("certificateId", json!(id))]).await;
                // With its whole ID a deletion that was cut off can be asked again.
                deleted
                    .map_err(|failure| failure.and(&Why::new(format!("certificate {id}"), format!("証明書 {id}"))))?;
            }
        }
    }
    Ok(Revoked { thing_name: thing.name, certificates, act: request.act })
}

/// The step `status`.
pub(crate) async fn set_status(
    run: &Run<'_>,
    thing_name: &str,
    id: &str,
    status: CertificateStatus,
    ports: Ports<'_>,
) -> Result<(), Failure> {
    let set = ride_out(run, Step::Status, || ports.cloud.set_status(thing_name, id, status));
    run.step(Step::Status, set, |()| vec![("certificateId", json!(id)), ("status", json!(status))]).await
}

fn checked_id(text: &str) -> Result<String, Failure> {
    let id = text.trim().to_ascii_lowercase();
    let right = (SHORT_ID..=FULL_ID).contains(&id.len()) && id.chars().all(|c| c.is_ascii_hexdigit());
    let why = || {
        Why::new(
            format!("the ID, or its first {SHORT_ID} characters or more"),
            format!("ID の全体、または先頭の {SHORT_ID} 文字以上を指定してください"),
        )
    };
    if right { Ok(id) } else { Err(Failure::new(Code::Usage).about(shown(text)).because_of(why()).at(Step::Site)) }
}

fn shown(text: &str) -> String {
    text.chars().take(80).filter(|c| !c.is_control()).collect()
}

fn chosen(thing: &Thing, wanted: Option<&str>) -> Result<Vec<String>, Failure> {
    let of_thing = thing.certificates.iter().map(|certificate| certificate.id.clone());
    let found: Vec<String> = match wanted {
        None => of_thing.collect(),
        Some(beginning) => of_thing.filter(|id| id.starts_with(beginning)).collect(),
    };
    let missing = |about: &str| Failure::new(Code::CertificateNotFound).about(about).at(Step::LookUp);
    match (found.as_slice(), wanted) {
        // A deletion that was cut off after the thing let go of it is carried on with.
        ([], Some(id)) if id.len() == FULL_ID => Ok(vec![id.to_owned()]),
        ([], Some(wanted)) => Err(missing(wanted)),
        ([], None) => {
            let why = Why::new("the thing has no certificates", "このモノに証明書はありません");
            Err(missing(&thing.name).because_of(why))
        }
        _ => Ok(found),
    }
}
