//! The site's certificate API, which changes the registry in an operator's name. Its contract:
//! docs/certificate-api.md.

mod problem;

use std::sync::Arc;
use std::time::Duration;

use fieldkey_core::ports::{CertificateStatus, Issued};
use fieldkey_core::{Code, Failure, Why};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use self::problem::Problem;
use crate::connection::Connection;
use crate::http::{Ask, Heard, host_of};
use crate::operator::Operator;

/// API Gateway itself gives up after 30 seconds.
const PATIENCE: Duration = Duration::from_secs(35);

/// A change whose answer got lost is asked for again so often.
const REPEATS: u32 = 2;
/// Long enough for what got lost to be done by then: of two at the same time neither would know the other.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The API of one site, as one operator calls it.
#[derive(Clone)]
pub(crate) struct CertificateApi {
    pub(crate) connection: Arc<Connection>,
    pub(crate) operator: Arc<Operator>,
    pub(crate) url: String,
}

/// One change to the registry.
struct Change<'a> {
    method: &'static str,
    thing_name: &'a str,
    id: Option<&'a str>,
    body: Option<Value>,
}

/// What came back for a change.
struct Answer {
    heard: Heard,
    /// An earlier answer got lost: this one may be about a change that is done already.
    repeated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    thing_name: String,
    certificate_id: String,
    status: CertificateStatus,
    certificate_pem: Option<String>,
}

impl CertificateApi {
    /// A certificate from a CSR. Safe to repeat: the same CSR gives the same certificate.
    pub(crate) async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Issued, Failure> {
        let body = Some(json!({ "csr": csr_pem }));
        let change = Change { method: "POST", thing_name, id: None, body };
        let answer = self.ask(&change).await?;
        if !matches!(answer.heard.status, 200 | 201) {
            return Err(self.refused(&answer.heard, &change, "CSR"));
        }
        let done = self.done(&answer.heard, thing_name, CertificateStatus::Active)?;
        let certificate_pem = done.certificate_pem.ok_or_else(|| self.nonsense(&answer.heard))?;
        if CertificateDer::from_pem_slice(certificate_pem.as_bytes()).is_err() {
            return Err(self.nonsense(&answer.heard));
        }
        Ok(Issued { certificate_id: done.certificate_id, certificate_pem })
    }

    /// Registers a certificate that exists already.
    pub(crate) async fn register(
        &self,
        thing_name: &str,
        certificate_pem: &str,
        status: CertificateStatus,
    ) -> Result<(), Failure> {
        let body = Some(json!({ "certificatePem": certificate_pem, "status": status }));
        let change = Change { method: "POST", thing_name, id: None, body };
        let answer = self.ask(&change).await?;
        if answer.heard.status == 201 {
            return self.done(&answer.heard, thing_name, status).map(drop);
        }
        let done = answer.repeated && Problem::read(&answer.heard).is_registered_as(thing_name, status);
        if done { Ok(()) } else { Err(self.refused(&answer.heard, &change, thing_name)) }
    }

    pub(crate) async fn set_status(
        &self,
        thing_name: &str,
        id: &str,
        status: CertificateStatus,
    ) -> Result<(), Failure> {
        let change = Change { method: "PATCH", thing_name, id: Some(id), body: Some(json!({ "status": status })) };
        let answer = self.ask(&change).await?;
        match answer.heard.status {
            200 => self.done(&answer.heard, thing_name, status).map(drop),
            _ => Err(self.refused(&answer.heard, &change, id)),
        }
    }

    /// `csr_pem`: what the certificate was made from, by whoever takes it back.
    pub(crate) async fn delete(&self, thing_name: &str, id: &str, csr_pem: Option<&str>) -> Result<(), Failure> {
        let body = csr_pem.map(|csr_pem| json!({ "csr": csr_pem }));
        let change = Change { method: "DELETE", thing_name, id: Some(id), body };
        let answer = self.ask(&change).await?;
        let gone = answer.repeated && Problem::read(&answer.heard).is(Code::CertificateNotFound);
        match answer.heard.status {
            204 => Ok(()),
            _ if gone => Ok(()),
            _ => Err(self.refused(&answer.heard, &change, id)),
        }
    }

    /// Asks with a fresh ID token, and again with another one if it is refused. What got no answer is asked for
    /// again: no change is done twice by that.
    async fn ask(&self, change: &Change<'_>) -> Result<Answer, Failure> {
        let url = self.address(change)?;
        let mut token = self.operator.id_token(None).await?;
        let (mut renewed, mut lost) = (false, 0);
        loop {
            let body = change.body.as_ref().map(Value::to_string);
            let ask = Ask { method: change.method, url: &url, bearer: Some(&token), body, patience: PATIENCE };
            let heard = self.connection.http.ask(ask).await;
            let is_lost = match &heard {
                Ok(heard) => is_the_gateway_s_own(heard),
                Err(failure) => failure.code == Code::Offline,
            };
            if is_lost && lost < REPEATS {
                tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(lost)).await;
                lost += 1;
                continue;
            }
            match heard? {
                heard if heard.status != 401 => return Ok(Answer { heard, repeated: lost > 0 }),
                heard if renewed => {
                    return Err(Failure::new(Code::SessionExpired).because(Problem::read(&heard).words()));
                }
                _ => token = self.operator.id_token(Some(&token)).await?,
            }
            renewed = true;
        }
    }

    /// # Errors
    /// `thing-name-invalid`, `certificate-not-found`: what cannot be one is not asked for.
    fn address(&self, change: &Change<'_>) -> Result<String, Failure> {
        let Change { thing_name, id, .. } = *change;
        let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
        if !(1..=128).contains(&thing_name.len()) || !thing_name.bytes().all(is_name_byte) {
            return Err(Failure::new(Code::ThingNameInvalid).about(thing_name));
        }
        if id.is_some_and(|id| !is_certificate_id(id)) {
            return Err(Failure::new(Code::CertificateNotFound).about(id.unwrap_or_default()));
        }
        let unusable = || Failure::new(Code::SiteInvalid).about("certificateApiUrl");
        let mut url = Url::parse(&self.url).map_err(|_| unusable())?;
        let mut path = url.path_segments_mut().map_err(|()| unusable())?;
        path.pop_if_empty().extend(["things", thing_name, "certificates"]).extend(id);
        drop(path);
        Ok(url.into())
    }

    /// The answer to a change that was done: about that thing, and in that state.
    fn done(&self, heard: &Heard, thing_name: &str, status: CertificateStatus) -> Result<Done, Failure> {
        let done: Done = serde_json::from_str(&heard.body).map_err(|_| self.nonsense(heard))?;
        let fits = done.thing_name == thing_name && done.status == status && is_certificate_id(&done.certificate_id);
        if fits { Ok(done) } else { Err(self.nonsense(heard)) }
    }

    fn refused(&self, heard: &Heard, change: &Change<'_>, certificate: &str) -> Failure {
        let Change { method, thing_name, id, .. } = change;
        let path = format!("/things/{thing_name}/certificates");
        let asked = id.map_or_else(|| format!("{method} {path}"), |id| format!("{method} {path}/{id}"));
        Problem::read(heard).failure(&problem::About {
            host: &host_of(&self.url),
            thing_name,
            certificate,
            asked: &asked,
        })
    }

    fn nonsense(&self, heard: &Heard) -> Failure {
        let status = heard.status;
        let why = Why::new(
            format!("HTTP {status}, but not what a certificate API says"),
            format!("HTTP {status}。証明書 API の応答ではありません"),
        );
        Failure::new(Code::ServiceError).about(host_of(&self.url)).because_of(why)
    }
}

/// The gateway or something on the way there answered in the API's place, which may have done the change.
fn is_the_gateway_s_own(heard: &Heard) -> bool {
    heard.status >= 500 && Problem::read(heard).code.is_none()
}

fn is_certificate_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
