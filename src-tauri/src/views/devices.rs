//! The help desk: what is asked, and what is answered.

use std::path::Path;

use fieldkey_core::x509::Preview;
use fieldkey_core::{Act, FailureView, Found, Why};
use fieldkey_journal::{Outcome, RunRecord};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use ts_rs::TS;

use super::DeviceInHand;

/// What the registry and the journal have.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct LookUp {
    /// `null` where it did not answer.
    pub(crate) registry: Option<Found>,
    /// Why it did not.
    pub(crate) failure: Option<FailureView>,
    /// Things of this site whose name, serial number or certificate ID begins with what was asked, newest first.
    pub(crate) journal: Vec<KnownDevice>,
}

/// A thing that the journal knows.
#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct KnownDevice {
    pub(crate) thing_name: String,
    pub(crate) serial_number: String,
    pub(crate) last_run: DeviceRun,
}

/// One run, as the journal has it. Jobs, steps and codes may be those of another version.
#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct DeviceRun {
    run: String,
    job: String,
    /// RFC 3339.
    started_at: String,
    /// `null` while it runs, and for good if its process was killed.
    ended_at: Option<String>,
    operator: Option<String>,
    target: String,
    certificate_id: Option<String>,
    outcome: Outcome,
    code: Option<String>,
    step: Option<String>,
    /// What a `revoke` did to the certificate, or was about to do, where it came so far.
    act: Option<Act>,
}

impl From<RunRecord> for DeviceRun {
    fn from(record: RunRecord) -> Self {
        Self {
            act: act(&record),
            run: record.run,
            job: record.job,
            started_at: record.started_at,
            ended_at: record.ended_at,
            operator: record.operator,
            target: record.target,
            certificate_id: record.certificate_id,
            outcome: record.outcome,
            code: record.code,
            step: record.step,
        }
    }
}

/// The journal has one job for both, and a step for each.
fn act(run: &RunRecord) -> Option<Act> {
    let came_to = |step: &str| run.step.as_deref() == Some(step) || run.steps.iter().any(|done| done.step == step);
    match run.job.as_str() {
        "revoke" if came_to("delete") => Some(Act::Delete),
        "revoke" if came_to("status") => Some(Act::Deactivate),
        _ => None,
    }
}

/// A result, and why the journal does not hold the run.
#[derive(Serialize)]
pub(crate) struct Recorded<T> {
    #[serde(flatten)]
    pub(crate) result: T,
    pub(crate) unrecorded: Option<Why>,
}

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct ChangeRequest {
    pub(crate) thing_name: String,
    /// `null`: all of the thing's.
    pub(crate) certificate_id: Option<String>,
    pub(crate) act: Act,
}

#[derive(Clone, Copy, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub(crate) enum ReissueWay {
    /// It gets a claim and registers itself.
    Device,
    /// Fieldkey does the device's part.
    Here,
}

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct ReissueRequest {
    pub(crate) serial_number: String,
    #[serde(flatten)]
    #[ts(flatten)]
    pub(crate) device: DeviceInHand,
    pub(crate) way: ReissueWay,
    /// Somebody else may have the old key: the old certificates are deactivated first.
    pub(crate) compromised: bool,
}

/// A file that the operator chose or dropped. Its path and its content stay with the program.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct PickedFile {
    pub(crate) id: String,
    name: String,
    #[ts(type = "number")]
    bytes: u64,
}

impl PickedFile {
    pub(crate) fn new(id: String, path: &Path, bytes: u64) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { id, name, bytes }
    }
}

#[derive(Clone, Deserialize, TS)]
#[ts(export)]
pub(crate) struct CertificateFiles {
    /// IDs of picked files: one with the certificate, and perhaps one with its private key.
    pub(crate) files: Vec<String>,
    #[ts(type = "string | null")]
    pub(crate) password: Option<SecretString>,
}

#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct CertificatePreview {
    pub(crate) certificate: Preview,
    /// Its own key signed it, as far as its names say.
    pub(crate) self_signed: bool,
    /// Why it cannot be registered.
    pub(crate) refused: Option<FailureView>,
}

#[derive(Clone, Copy, Deserialize, TS)]
#[serde(rename_all = "UPPERCASE")]
#[ts(export)]
pub(crate) enum RegisterAs {
    Active,
    Inactive,
}

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct RegisterRequest {
    #[serde(flatten)]
    #[ts(flatten)]
    pub(crate) from: CertificateFiles,
    pub(crate) thing_name: String,
    pub(crate) status: RegisterAs,
}

#[derive(Deserialize, TS)]
#[ts(export)]
pub(crate) struct VerifyRequest {
    /// Where the identity is.
    #[serde(flatten)]
    #[ts(flatten)]
    pub(crate) device: DeviceInHand,
    pub(crate) mqtt: bool,
    /// Temporary credentials through the role alias.
    pub(crate) direct: bool,
    /// An S3 bucket to read with them.
    pub(crate) bucket: Option<String>,
}

#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct ExportRequest {
    pub(crate) serial_number: String,
    #[ts(type = "string")]
    pub(crate) passphrase: SecretString,
    pub(crate) folder: std::path::PathBuf,
}

#[derive(Deserialize, TS)]
#[ts(export)]
pub(crate) struct OpenRequest {
    /// A picked file's ID.
    pub(crate) file: String,
    #[ts(type = "string")]
    pub(crate) passphrase: SecretString,
}

/// An opened claim file. Its certificate and key stay with the program.
#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct OpenedClaim {
    pub(crate) name: String,
    pub(crate) site: String,
    pub(crate) serial_number: String,
    pub(crate) thing_name: String,
    /// It comes from the practise site: no device can register with it.
    pub(crate) practice: bool,
    #[serde(with = "time::serde::rfc3339")]
    #[ts(type = "string")]
    pub(crate) expires: OffsetDateTime,
    #[ts(type = "number")]
    pub(crate) seconds_left: i64,
}

#[derive(Deserialize, TS)]
#[ts(export)]
pub(crate) struct WriteClaimRequest {
    #[serde(flatten)]
    #[ts(flatten)]
    pub(crate) device: DeviceInHand,
    /// Overwrite an identity or a live claim.
    pub(crate) replace: bool,
}

#[cfg(test)]
mod tests {
    use fieldkey_journal::StepTime;

    use super::*;

    fn act_of(job: &str, steps: &[&str], failed_at: Option<&str>) -> Option<Act> {
        act(&RunRecord {
            entry: 1,
            run: "r1".into(),
            job: job.into(),
            started_at: String::new(),
            ended_at: None,
            site: String::new(),
            operator: None,
            serial_number: String::new(),
            thing_name: String::new(),
            target: String::new(),
            device: None,
            certificate_id: None,
            outcome: Outcome::Finished,
            code: None,
            step: failed_at.map(str::to_owned),
            registered: None,
            steps: steps.iter().map(|&step| StepTime { step: step.to_owned(), ms: 1 }).collect(),
        })
    }

    #[test]
    fn which_of_the_two_a_revoke_was_is_told_by_its_steps_and_where_it_failed() {
        let before = ["sign-in", "credentials", "look-up"];
        assert_eq!(act_of("revoke", &[&before[..], &["status"]].concat(), None), Some(Act::Deactivate));
        assert_eq!(act_of("revoke", &[&before[..], &["delete"]].concat(), None), Some(Act::Delete));
        assert_eq!(act_of("revoke", &before, Some("delete")), Some(Act::Delete), "it was about to");
        assert_eq!(act_of("revoke", &before[..1], Some("credentials")), None, "it came to neither");
        assert_eq!(act_of("activate", &[&before[..], &["status"]].concat(), None), None, "the job says it");
    }
}
