//! Why a certificate or key cannot be read, in words that more than one module needs.

use crate::{Code, Failure, Why};

/// `certificate-invalid`, with our own reason.
pub(super) fn invalid(en: impl Into<String>, ja: impl Into<String>) -> Failure {
    Failure::new(Code::CertificateInvalid).because_of(Why::new(en, ja))
}

pub(super) fn damaged() -> Failure {
    invalid("its contents are damaged", "内容が壊れています")
}

/// An algorithm that the file is protected with, and that is not read here.
pub(super) fn unreadable(algorithm: &str) -> Failure {
    invalid(
        format!("it is protected with {algorithm}, which is not read here; export it once more with AES"),
        format!("{algorithm} による保護には対応していません。AES で書き出し直してください"),
    )
}

pub(super) fn wrong_password() -> Failure {
    Failure::new(Code::P12Password)
}

/// `certificate-unsupported`, naming what AWS IoT does not take.
pub(super) fn unsupported(what: impl Into<String>) -> Failure {
    Failure::new(Code::CertificateUnsupported).about(what)
}

/// So begins the reason of a failure that is the private key's file's.
pub(crate) const OF_THE_KEY: &str = "the private key";

/// Says that it is the private key's file that failed.
pub(super) fn of_private_key(failure: Failure) -> Failure {
    let ja = failure.reason_ja.clone().unwrap_or_else(|| failure.reason.clone());
    let why = match failure.reason.as_str() {
        "" => Why::new(OF_THE_KEY, "秘密鍵"),
        en => Why::new(format!("{OF_THE_KEY}: {en}"), format!("秘密鍵: {ja}")),
    };
    failure.because_of(why)
}
