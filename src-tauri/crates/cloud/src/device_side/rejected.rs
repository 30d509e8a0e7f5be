//! What AWS IoT says when it rejects a provisioning request, as codes.
//! <https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html>

use fieldkey_core::{Code, Failure};
use serde::Deserialize;

/// No word is so long; a token, a key or a request echoed is.
const LONGEST_WORD: usize = 64;

/// The payload of a `rejected` topic.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rejected {
    status_code: u16,
    error_code: String,
    error_message: String,
}

impl Rejected {
    pub(super) fn read(payload: &[u8]) -> Self {
        serde_json::from_slice(payload).unwrap_or_default()
    }

    /// Of a request for a certificate.
    pub(super) fn failure(&self, host: &str) -> Failure {
        let code = match self.common() {
            Some(code) => code,
            None if self.status_code == 403 || self.denied() => Code::IdentityRefused,
            None => Code::ServiceError,
        };
        Failure::new(code).about(host).because(self.words(""))
    }

    /// Of RegisterThing.
    pub(super) fn of_registration(&self, host: &str, template: &str, serial_number: &str, token: &str) -> Failure {
        let (code, about) = match self.error_code.as_str() {
            "InvalidTemplate" => (Code::TemplateNotFound, template),
            "InvalidParameters" | "InvocationError" | "InvalidResult" | "ProvisioningFailed" => {
                (Code::RegistrationRefused, serial_number)
            }
            _ if self.denied() => (Code::RegistrationRefused, serial_number),
            "InvalidCertificateOwnershipToken" | "InvalidPayload" => (Code::ServiceError, host),
            _ => match self.common() {
                Some(code) => (code, host),
                None if (400..500).contains(&self.status_code) => (Code::RegistrationRefused, serial_number),
                None => (Code::ServiceError, host),
            },
        };
        Failure::new(code).about(about).because(self.words(token))
    }

    /// AWS got stuck, and does not say how far it came.
    pub(super) fn is_doubtful(&self) -> bool {
        self.status_code >= 500 || self.error_code == "InternalFailure" || self.error_code.is_empty()
    }

    /// The pre-provisioning hook said no. The documentation has it in capitals, AWS IoT has not.
    fn denied(&self) -> bool {
        matches!(self.error_code.as_str(), "AccessDenied" | "ACCESS_DENIED")
    }

    fn common(&self) -> Option<Code> {
        let name = self.error_code.to_lowercase();
        let throttled = ["throttl", "toomanyrequests", "limitexceeded"].iter().any(|word| name.contains(word));
        match self.status_code {
            429 => Some(Code::Throttled),
            _ if throttled => Some(Code::Throttled),
            500.. => Some(Code::ServiceError),
            _ => None,
        }
    }

    /// `InvalidTemplate: Template with name x does not exist.`
    fn words(&self, token: &str) -> String {
        let message =
            if token.is_empty() { self.error_message.clone() } else { self.error_message.replace(token, "…") };
        let short = |word| if str::len(word) > LONGEST_WORD { "…" } else { word };
        let message = message.split_whitespace().map(short).collect::<Vec<_>>().join(" ");
        match (self.error_code.as_str(), message.as_str()) {
            ("", "") => format!("rejected with status {}", self.status_code),
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status_code: u16, error_code: &str, error_message: &str) -> Rejected {
        Rejected { status_code, error_code: error_code.into(), error_message: error_message.into() }
    }

    #[test]
    fn every_rejection_of_a_registration_has_its_code() {
        for (status, name, message, code, about) in [
            (400, "InvalidTemplate", "Template with name t does not exist.", Code::TemplateNotFound, "t"),
            (400, "InvalidTemplate", "Template with name t is not enabled.", Code::TemplateNotFound, "t"),
            (400, "InvalidParameters", "Cannot resolve reference value: X", Code::RegistrationRefused, "SN-1"),
            (403, "AccessDenied", "Access Denied", Code::RegistrationRefused, "SN-1"),
            (403, "ACCESS_DENIED", "Access Denied", Code::RegistrationRefused, "SN-1"),
            (400, "InvocationError", "the hook failed", Code::RegistrationRefused, "SN-1"),
            (400, "InvalidResult", "the hook said nothing", Code::RegistrationRefused, "SN-1"),
            (400, "ProvisioningFailed", "thing exists", Code::RegistrationRefused, "SN-1"),
            (400, "InvalidCertificateOwnershipToken", "is invalid.", Code::ServiceError, "host"),
            (400, "InvalidPayload", "not JSON", Code::ServiceError, "host"),
            (500, "InternalFailure", "", Code::ServiceError, "host"),
            (429, "", "Too many requests", Code::Throttled, "host"),
            (400, "ThrottlingException", "Rate exceeded", Code::Throttled, "host"),
            (400, "SomethingNew", "nobody has seen this yet", Code::RegistrationRefused, "SN-1"),
            (0, "", "", Code::ServiceError, "host"),
        ] {
            let failure = of(status, name, message).of_registration("host", "t", "SN-1", "token");
            assert_eq!((failure.code, failure.about.as_str()), (code, about), "{name} {message}");
            assert!(failure.reason.contains(message) && !failure.reason.is_empty(), "AWS's own words: {failure}");
        }
    }

    #[test]
    fn neither_the_token_nor_a_part_of_it_is_passed_on() {
        let token = "eyJ".repeat(40);
        let whole = of(400, "InvalidCertificateOwnershipToken", &format!("Token {token} is invalid."));
        assert_eq!(
            whole.of_registration("h", "t", "s", &token).reason,
            "InvalidCertificateOwnershipToken: Token … is invalid."
        );
        let part = of(400, "InvalidCertificateOwnershipToken", &format!("Token {} is invalid.", &token[..90]));
        assert!(!part.of_registration("h", "t", "s", &token).reason.contains("eyJ"), "cut off in the message");
    }
}
