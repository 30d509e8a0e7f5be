//! From the SDK's errors to our codes: what did not arrive, and what AWS refused.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use fieldkey_core::{Code, Failure};
use rustls::CertificateError;
use rustls::pki_types::UnixTime;
use time::{Date, OffsetDateTime};

use crate::http::seen_from_here;

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
            "TooManyRequestsException" | "RequestLimitExceeded" | "BandwidthLimitExceeded" | "SlowDown" => {
                Code::Throttled
            }
            name if name.starts_with("Throttl") || name.starts_with("RequestThrottled") => Code::Throttled,
            _ if self.status == 429 => Code::Throttled,
            "RequestExpired" | "RequestTimeTooSkewed" => Code::ClockSkew,
            "InvalidSignatureException" | "SignatureDoesNotMatch" if self.says("expired") || self.says("not yet") => {
                Code::ClockSkew
            }
            "ExpiredTokenException" | "ExpiredToken" | "UnrecognizedClientException" => Code::SessionExpired,
            "AccessDeniedException" | "AccessDenied" | "UnauthorizedException" => Code::NotAllowed,
            _ if self.status >= 500 || self.name.is_empty() => Code::ServiceError,
            _ => return None,
        };
        Some(self.failure(code).about(what))
    }

    /// A failure that passes on the service's words.
    pub(crate) fn failure(&self, code: Code) -> Failure {
        Failure::new(code).because(match (self.name.as_str(), self.message.as_str()) {
            ("", "") => nothing_of_aws(self.status),
            (name, "") => name.to_owned(),
            (_, message) => without_values(message),
        })
    }
}

fn nothing_of_aws(status: u16) -> String {
    format!("HTTP {status}, and no word that AWS would say")
}

/// AWS quotes what it finds invalid: `Value 'x' at 'password' failed …`. What a person typed goes no further.
fn without_values(message: &str) -> String {
    let mut rest = message;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("Value '") {
        kept.push_str(before);
        kept.push_str("Value ");
        rest = after.find("' at '").map_or("", |end| &after[end + 2..]);
    }
    kept + rest
}

/// Tells a refusal from a call that never got an answer, which is named here and now.
///
/// `host` is whom the call was meant for, as people know it.
///
/// # Errors
/// `offline`, `tls-untrusted`, `clock-skew` or `service-error`; or why there were no credentials to sign with.
pub(crate) fn refusal<E: ProvideErrorMetadata + Error + 'static>(
    error: SdkError<E, HttpResponse>,
    host: &str,
) -> Result<Refusal, Failure> {
    if let Some(ours) = causes(&error).find_map(|cause| cause.downcast_ref::<Failure>()) {
        return Err(ours.clone());
    }
    let failure = match &error {
        SdkError::ServiceError(service) => {
            let metadata = service.err().meta();
            return Ok(Refusal {
                name: metadata.code().unwrap_or_default().to_owned(),
                message: metadata.message().unwrap_or_default().to_owned(),
                status: service.raw().status().as_u16(),
            });
        }
        SdkError::ConstructionFailure(_) => Failure::new(Code::ServiceError).because("the request could not be built"),
        SdkError::ResponseError(response) => match response.raw().body().bytes() {
            None => Failure::new(Code::Offline).because("the connection broke off in the middle of the answer"),
            Some(_) => Failure::new(Code::ServiceError).because(nothing_of_aws(response.raw().status().as_u16())),
        },
        SdkError::TimeoutError(_) => Failure::new(Code::Offline).because("no answer in time"),
        _ => seen_from_here(unreachable_host(&error, host)),
    };
    Err(if failure.about.is_empty() { failure.about(host) } else { failure })
}

/// Finds out why nothing came back: TLS, DNS, or the network.
pub(crate) fn unreachable_host(error: &(dyn Error + 'static), host: &str) -> Failure {
    match untrusted(error) {
        // AWS's certificates begin long before they are served: it is this machine that lives in the past.
        Some(CertificateError::NotValidYetContext { time, not_before }) => Failure::new(Code::ClockSkew)
            .about(day(*time).to_string())
            .because(format!("the certificate of {host} begins on {}", day(*not_before))),
        Some(CertificateError::ExpiredContext { time, not_after }) => Failure::new(Code::TlsUntrusted)
            .because(format!("it expired on {}; this computer's date is {}", day(*not_after), day(*time))),
        Some(why) => Failure::new(Code::TlsUntrusted).because(why.to_string()),
        None => {
            let innermost = causes(error).last().map(ToString::to_string);
            Failure::new(Code::Offline).because(innermost.unwrap_or_default())
        }
    }
}

/// What is wrong with the other side's certificate, if that is what kept a call from its answer.
pub(crate) fn untrusted<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    causes(error).find_map(|cause| match cause.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(why)) => Some(why),
        _ => None,
    })
}

/// An error and what is behind it. `io::Error` does not give as its source what it was made of.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| {
        let inside = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inside.map(|inner| inner as &(dyn Error + 'static)).or_else(|| cause.source())
    })
}

fn day(time: UnixTime) -> Date {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kept_the_credentials_away_is_not_lost_in_the_sdk() {
        use aws_credential_types::provider::error::CredentialsError;
        type Error = SdkError<aws_sdk_iot::operation::describe_endpoint::DescribeEndpointError, HttpResponse>;
        let ours = Failure::new(Code::SessionExpired).because("over");
        let error = Error::construction_failure(CredentialsError::provider_error(ours.clone()));
        assert_eq!(
            refusal(error, "iot.example").expect_err("no answer"),
            ours,
            "the SDK only knows that there were none"
        );
    }

    #[test]
    fn what_a_person_typed_is_not_passed_on() {
        let quoted = "2 validation errors detected: Value 'hunter2' at 'password' failed to satisfy constraint: \
                      Member must satisfy x; Value '12' at 'userCode' failed";
        let refusal = Refusal { name: "InvalidParameterException".into(), message: quoted.into(), status: 400 };
        let reason = refusal.failure(Code::SignInRefused).reason;
        assert!(!reason.contains("hunter2") && !reason.contains("'12'"), "{reason}");
        assert!(reason.contains("at 'password' failed") && reason.contains("at 'userCode' failed"), "{reason}");
        assert_eq!(without_values("Value 'cut off"), "Value ", "a value without an end is not passed on either");
        assert_eq!(without_values("plain"), "plain");
    }
}
