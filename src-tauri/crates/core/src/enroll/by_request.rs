//! `enroll --via api` and `--via direct`: the certificate is asked for with a CSR.

use serde_json::json;

use crate::patience::ride_out;
use crate::ports::Made;
use crate::{Code, Enrolled, Failure, Step, Why};

use super::{HeldKey, Work};

pub(super) async fn enroll(work: &Work<'_>) -> Result<Enrolled, Failure> {
    let run = work.run;
    let key = work.key_and_csr().await?;
    // Before anything is made that would have to be taken back.
    let endpoints = run.step(Step::Credentials, work.endpoints(), |_| vec![]).await?;
    let issue = ride_out(run, Step::Certificate, || work.ports.cloud.issue(work.thing_name(), &key.csr_pem));
    let certificate =
        run.step(Step::Certificate, issue, |made| vec![("certificateId", json!(made.issued().certificate_id))]);
    let mut made = certificate.await.map_err(|failure| match failure.code {
        Code::Offline | Code::ServiceError => failure.and(&Why::new(
            "a certificate may have been made, whose key nobody has: look the thing up",
            "鍵のない証明書が作成された可能性があります。モノを検索して確認してください",
        )),
        _ => failure,
    })?;
    run.certificate(&made.issued().certificate_id);

    let identity = work.identity((made.issued().certificate_pem.clone(), HeldKey::of(key)), endpoints);
    let (identity, preview) = match identity {
        Ok(identity) => identity,
        Err(failure) => return Err(take_back(work, made, failure).await.1),
    };
    let written = match work.write(&identity, || made.keep()).await {
        Ok(written) => written,
        Err(failure) => return Err(take_back(work, made, failure).await.1),
    };
    if let Err(failure) = work.prove(&identity).await {
        // Where it is not refused the identity is whole, and active: this computer could not try it. The device may be
        // luckier, and the next run tries it again.
        if failure.code != Code::IdentityRefused {
            return Err(failure);
        }
        let (gone, failure) = take_back(work, made, failure).await;
        // The key stays where it is for as long as its certificate may be active.
        if gone {
            written.withdraw().await;
        }
        return Err(failure);
    }
    Ok(work.enrolled(&identity, &preview, work.settle(written).await))
}

/// The certificate must not stay active without anybody who holds its key. Returns whether it is gone, and why the
/// run failed, with what is left if that could not be undone.
async fn take_back(work: &Work<'_>, made: Box<dyn Made>, failure: Failure) -> (bool, Failure) {
    let id = made.issued().certificate_id.clone();
    match work.run.step(Step::TakeBack, made.take_back(), |()| vec![("certificateId", json!(id))]).await {
        Ok(()) => (true, failure),
        Err(gone) if gone.code == Code::CertificateNotFound => (true, failure),
        Err(left) => {
            let why = Why::new(
                format!("certificate {id} is still active: have it revoked; {}", left.code),
                format!("証明書 {id} が有効なまま残っています。失効させてください。{}", left.code),
            );
            (false, failure.and(&why))
        }
    }
}
