//! From the SDK's errors to our codes: what did not arrive, and what AWS refused.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use fieldkey_core::{Code, Failure};

/// A service's refusal, reduced to what decisions are made on.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The exception's name, such as `NotAuthorizedException`; empty if the answer named none.
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) status: u16,
}

impl Refusal {
    pub(crate) fn says(&self, words: &str) -> bool {
        self.message.to_lowercase().contains(&words.to_lowercase())
    }

    /// What every AWS service says in the same way; `None` if it is this service's own matter.
    pub(crate) fn common(&self, what: &str) -> Option<Failure> {
        let code = match self.name.as_str() {
            "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" | "SlowDown" => Code::Throttled,
            _ if self.status == 429 => Code::Throttled,
            "RequestExpired" | "RequestTimeTooSkewed" => Code::ClockSkew,
            "InvalidSignatureException" | "SignatureDoesNotMatch" if self.says("expired") || self.says("not yet") => {
                Code::ClockSkew
            }
            "ExpiredTokenException" | "ExpiredToken" => Code::SessionExpired,
            "AccessDeniedException" | "AccessDenied" | "UnauthorizedException" => Code::NotAllowed,
            _ if self.status >= 500 || self.name.is_empty() => Code::ServiceError,
            _ => return None,
        };
        Some(self.failure(code).about(what))
    }

    /// A failure that passes on the service's words.
    pub(crate) fn failure(&self, code: Code) -> Failure {
        let reason = match (self.name.as_str(), self.message.as_str()) {
            ("", "") => format!("HTTP {}", self.status),
            (name, "") => name.to_owned(),
            (_, message) => message.to_owned(),
        };
        Failure::new(code).because(reason)
    }
}

/// Tells a refusal from a call that never got an answer, which is named here and now.
///
/// `host` is whom the call was meant for, as people know it.
///
/// # Errors
/// `offline`, `tls-untrusted` or `service-error`.
pub(crate) fn refusal<E: ProvideErrorMetadata + std::error::Error + 'static>(
    error: SdkError<E, HttpResponse>,
    host: &str,
) -> Result<Refusal, Failure> {
    let answer = match &error {
        SdkError::ServiceError(service) => {
            let metadata = service.err().meta();
            return Ok(Refusal {
                name: metadata.code().unwrap_or_default().to_owned(),
                message: metadata.message().unwrap_or_default().to_owned(),
                status: service.raw().status().as_u16(),
            });
        }
        SdkError::ConstructionFailure(_) => Failure::new(Code::ServiceError).because("the request could not be built"),
        SdkError::ResponseError(response) => {
            let status = response.raw().status();
            Failure::new(Code::ServiceError).because(format!("HTTP {status}, then nothing readable"))
        }
        SdkError::TimeoutError(_) => Failure::new(Code::Offline).because("no answer in time"),
        _ => unreachable_host(&error),
    };
    Err(answer.about(host))
}

/// Finds out why nothing came back: TLS, DNS, or the network.
fn unreachable_host(error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut innermost = String::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(tls) = find_tls(cause) {
            return match tls {
                rustls::Error::InvalidCertificate(why) => Failure::new(Code::TlsUntrusted).because(format!("{why:?}")),
                other => Failure::new(Code::Offline).because(other.to_string()),
            };
        }
        innermost = cause.to_string();
        next = cause.source();
    }
    Failure::new(Code::Offline).because(innermost)
}

/// rustls's errors travel inside `io::Error`, which does not give them as its source.
fn find_tls<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match inner {
        Some(inner) => inner.downcast_ref().or_else(|| find_tls(inner)),
        None => error.downcast_ref(),
    }
}
