//! What the identity's files show by themselves.

use time::OffsetDateTime;

use crate::run::{Run, rfc3339};
use crate::x509;
use crate::{Check, Code, Failure, Identity, Step, Why};

use super::check;

/// The checks `key-match`, `validity` and `chain`.
pub(super) async fn of_files(run: &Run<'_>, identity: &Identity) -> Vec<Check> {
    vec![
        check(run, Step::KeyMatch, async { key_match(identity) }).await,
        check(run, Step::Validity, async { validity(identity) }).await,
        check(run, Step::Chain, async { chain(identity) }).await,
    ]
}

fn key_match(identity: &Identity) -> Result<String, Failure> {
    let preview = x509::preview(&identity.certificate_pem)?;
    if preview.certificate_id != identity.certificate_id {
        let why =
            Why::new("the certificate is not the one it is named after", "証明書が記録された ID のものではありません");
        return Err(Failure::new(Code::IdentityInvalid).about(&identity.thing_name).because_of(why));
    }
    if x509::key_matches(&identity.certificate_pem, identity.private_key()?)? {
        Ok(preview.key)
    } else {
        Err(Failure::new(Code::KeyMismatch).about(&identity.thing_name))
    }
}

fn validity(identity: &Identity) -> Result<String, Failure> {
    let preview = x509::preview(&identity.certificate_pem)?;
    let now = OffsetDateTime::now_utc();
    let (begin, end) = (rfc3339(preview.not_before), rfc3339(preview.not_after));
    if now < preview.not_before {
        let why = Why::new("it has not begun", "まだ有効期間が始まっていません");
        return Err(Failure::new(Code::CertificateExpired).about(begin).because_of(why));
    }
    if now > preview.not_after {
        let why = Why::new("it is over", "有効期限が切れています");
        return Err(Failure::new(Code::CertificateExpired).about(end).because_of(why));
    }
    Ok(format!("{begin} – {end}"))
}

/// AWS IoT does not ask who issued a certificate, only whether it is registered: this is for people to see.
fn chain(identity: &Identity) -> Result<String, Failure> {
    // What stands as the CA must be certificates, though: the device needs it for TLS.
    x509::chain(&identity.certificate_pem, &identity.ca_pem).map_err(|failure| Failure {
        code: Code::IdentityInvalid,
        about: identity.thing_name.clone(),
        ..failure
    })?;
    Ok(x509::preview(&identity.certificate_pem)?.issuer)
}
