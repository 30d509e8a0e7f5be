//! What the certificate API refuses, as `application/problem+json`; and what API Gateway says by itself.
//! RFC 9457, <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html>.

use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{Code, Failure};
use serde::Deserialize;
use serde_json::Value;

use crate::conflict::{duplicate, shared};
use crate::http::Heard;

/// A refusal, reduced to what decisions are made on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Members {
    code: Option<String>,
    detail: Option<String>,
    title: Option<String>,
    /// API Gateway's own words.
    message: Option<String>,
    certificate_id: Option<String>,
    certificate_status: Option<String>,
    thing_names: Vec<String>,
    other_things: usize,
}

#[derive(Debug)]
pub(super) struct Problem {
    http_status: u16,
    /// As the API writes it; `None` if it was not the API that answered.
    pub(super) code: Option<String>,
    members: Members,
}

/// What a refusal may be about.
pub(super) struct About<'a> {
    pub(super) host: &'a str,
    pub(super) thing_name: &'a str,
    /// How people know the certificate that was sent or named.
    pub(super) certificate: &'a str,
    /// `PATCH /things/…`
    pub(super) asked: &'a str,
}

impl Problem {
    pub(super) fn read(heard: &Heard) -> Self {
        let mut members: Members = serde_json::from_str(&heard.body).unwrap_or_default();
        Self { http_status: heard.status, code: members.code.take(), members }
    }

    pub(super) fn is(&self, code: Code) -> bool {
        self.code.as_ref().is_some_and(|text| *text == code.to_string())
    }

    /// It is a duplicate of just what was asked for: an earlier answer got lost on the way.
    pub(super) fn is_registered_as(&self, thing_name: &str, status: CertificateStatus) -> bool {
        let Members { thing_names, other_things, certificate_status, .. } = &self.members;
        let its_own = *thing_names == [thing_name] && *other_things == 0;
        let same_status =
            serde_json::to_value(status).is_ok_and(|status| status.as_str() == certificate_status.as_deref());
        self.is(Code::CertificateDuplicate) && its_own && same_status
    }

    /// Half a sentence of the other side's.
    pub(super) fn words(&self) -> String {
        let Members { detail, title, message, .. } = &self.members;
        match detail.as_ref().or(title.as_ref()).or(message.as_ref()) {
            Some(words) if !words.is_empty() => words.clone(),
            _ => format!("HTTP {}", self.http_status),
        }
    }

    pub(super) fn failure(&self, about: &About<'_>) -> Failure {
        let Members { certificate_id, certificate_status, thing_names, other_things, .. } = &self.members;
        let plain = |code: Code, about: &str| Failure::new(code).about(about).because(self.words());
        let code = match &self.code {
            Some(code) => serde_json::from_value(Value::String(code.clone())).unwrap_or(Code::ServiceError),
            None => self.gateway_s(),
        };
        match code {
            Code::ThingNameInvalid => plain(code, about.thing_name),
            Code::CertificateInvalid | Code::CertificateUnsupported => plain(code, about.certificate),
            Code::NotAllowed | Code::Throttled => plain(code, about.asked),
            Code::CertificateNotFound => Failure::new(code).about(about.certificate),
            Code::CertificateDuplicate => {
                let id = certificate_id.as_deref().unwrap_or(about.certificate);
                duplicate(id, certificate_status.as_deref().unwrap_or("?"), thing_names, *other_things)
            }
            Code::CertificateShared => shared(thing_names, *other_things),
            Code::Usage | Code::NotOffered => plain(code, about.host),
            // Of the other codes the API says none, nor may it put words into our mouth.
            _ => plain(Code::ServiceError, about.host),
        }
    }

    /// What no problem came with: API Gateway's, a proxy's, a login page's.
    fn gateway_s(&self) -> Code {
        let gateway = self.members.message.is_some();
        match self.http_status {
            403 if gateway => Code::NotAllowed,
            404 if gateway => Code::NotOffered,
            429 => Code::Throttled,
            _ => Code::ServiceError,
        }
    }
}
