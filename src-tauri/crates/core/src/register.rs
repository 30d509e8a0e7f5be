//! `register`: a certificate that exists already becomes a thing's at this site, without a CA.

use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::json;
use time::OffsetDateTime;

use crate::inspect::start;
use crate::patience::ride_out;
use crate::permission::sign_in;
use crate::ports::CertificateStatus;
use crate::run::{Run, rfc3339};
use crate::x509::{self, CertificateFile};
use crate::{Code, Failure, Job, Ports, Registered, Site, Step, Why, serial_number_in};

#[derive(Debug)]
pub struct Register {
    /// The run's ID, unique in the journal.
    pub run: String,
    pub thing_name: String,
    /// The file's name, for messages.
    pub name: String,
    /// PEM, DER or PKCS#12.
    /// A private key may be in it.
    pub certificate: SecretSlice<u8>,
    /// A key that must be the certificate's, with its file's name. It goes nowhere.
    pub private_key: Option<(String, SecretSlice<u8>)>,
    /// Of a PKCS#12 file or an encrypted key.
    pub password: Option<SecretString>,
    pub status: CertificateStatus,
}

/// # Errors
/// `certificate-duplicate` with its state if it is registered already; `certificate-unsupported` and others before
/// AWS is asked.
pub async fn register(request: Register, site: &Site, ports: Ports<'_>) -> Result<Registered, Failure> {
    let run = Run::start(start(&request.run, Job::Register, &request.thing_name, site), ports);
    let outcome = steps(request, site, ports, &run).await;
    run.conclude(outcome)
}

async fn steps(request: Register, site: &Site, ports: Ports<'_>, run: &Run<'_>) -> Result<Registered, Failure> {
    let (serial, status) = (serial_number_in(&request.thing_name, site)?, request.status);
    // A password may have been made slow to try.
    let work = tokio::task::spawn_blocking(move || read(&request));
    let read = async { work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error))) };
    let read = run.step(Step::Read, read, |file| {
        let preview = &file.preview;
        vec![
            ("certificateId", json!(preview.certificate_id)),
            ("subject", json!(preview.subject)),
            ("issuer", json!(preview.issuer)),
            ("notBefore", json!(rfc3339(preview.not_before))),
            ("notAfter", json!(rfc3339(preview.not_after))),
            ("key", json!(preview.key)),
            ("keyMatches", json!(preview.key_matches)),
        ]
    });
    let CertificateFile { preview, certificate_pem, .. } = read.await?;
    run.certificate(&preview.certificate_id);
    sign_in(run, ports.operator, Job::Register).await?;
    let thing_name = serial.thing_name();
    let ask = ride_out(run, Step::Register, || ports.cloud.register(thing_name, &certificate_pem, status));
    run.step(Step::Register, ask, |()| vec![("certificateId", json!(preview.certificate_id))]).await?;
    Ok(Registered { thing_name: thing_name.to_owned(), status, certificate: preview })
}

/// Reads the file and refuses what AWS would refuse, or could not use.
fn read(request: &Register) -> Result<CertificateFile, Failure> {
    let key = request.private_key.as_ref().map(|(_, key)| key.expose_secret());
    let key_name = request.private_key.as_ref().map(|(name, _)| name.as_str());
    let named = |failure| about_the_file(failure, &request.name, key_name);
    let file = x509::read(request.certificate.expose_secret(), key, request.password.as_ref()).map_err(named)?;
    if file.preview.key_matches == Some(false) {
        return Err(Failure::new(Code::KeyMismatch).about(&request.name));
    }
    check_registrable(&file).map_err(named)?;
    Ok(file)
}

/// Names the file that a failure of reading is about: the certificate's, or the one with the private key.
pub fn about_the_file(failure: Failure, certificate: &str, private_key: Option<&str>) -> Failure {
    match private_key {
        _ if !failure.about.is_empty() => failure,
        Some(name) if failure.reason.starts_with(x509::OF_THE_KEY) => failure.about(name),
        _ => failure.about(certificate),
    }
}

/// Refuses what AWS IoT does not take, and what no device could connect with.
///
/// # Errors
/// `certificate-unsupported`, `certificate-expired`.
pub fn check_registrable(file: &CertificateFile) -> Result<(), Failure> {
    x509::check_supported(&file.certificate_pem)?;
    if file.preview.not_after < OffsetDateTime::now_utc() {
        let why = Why::new("it is over", "有効期限が切れています");
        return Err(Failure::new(Code::CertificateExpired).about(rfc3339(file.preview.not_after)).because_of(why));
    }
    Ok(())
}
