//! `enroll --via api` and `--via direct`: the certificate is asked for with a CSR.

use serde_json::json;

use crate::patience::ride_out;
use crate::ports::Made;
use crate::prove::prove_new;
use crate::x509::KeyAndCsr;
use crate::{Code, Enrolled, Failure, Step, Why};

use super::Work;

pub(super) async fn enroll(work: &Work<'_>) -> Result<Enrolled, Failure> {
    let run = work.run;
    let KeyAndCsr { private_key_pem, csr_pem } = work.key_and_csr().await?;
    // Before anything is made that would have to be taken back.
    let endpoints = run.step(Step::Credentials, work.endpoints(), |_| vec![]).await?;
    let issue = ride_out(run, Step::Certificate, || work.ports.cloud.issue(work.thing_name(), &csr_pem));
    let id = |made: &Box<dyn Made>| vec![("certificateId", json!(made.issued().certificate_id))];
    let mut made = run.step(Step::Certificate, issue, id).await?;
    run.certificate(&made.issued().certificate_id);

    let identity = work.identity((made.issued().certificate_pem.clone(), private_key_pem), endpoints);
    let (identity, preview) = match identity {
        Ok(identity) => identity,
        Err(failure) => return Err(take_back(work, made, failure).await),
    };
    let written = match work.write(&identity).await {
        Ok(written) => written,
        Err(failure) => return Err(take_back(work, made, failure).await),
    };
    made.keep();
    let proof = run.step(Step::Prove, prove_new(work.device_side, &identity), |()| vec![]).await;
    if let Err(failure) = proof {
        if failure.code == Code::IdentityRefused {
            written.withdraw().await;
            return Err(take_back(work, made, failure).await);
        }
        // The identity is whole, and active. This computer could not try it; the device may be luckier, and the
        // next run tries it again.
        return Err(failure);
    }
    Ok(work.enrolled(&identity, &preview, work.settle(written).await))
}

/// The certificate must not stay active without anybody who holds its key. Returns why the run failed, and what is
/// left if that could not be undone.
async fn take_back(work: &Work<'_>, made: Box<dyn Made>, failure: Failure) -> Failure {
    let id = made.issued().certificate_id.clone();
    match work.run.step(Step::TakeBack, made.take_back(), |()| vec![("certificateId", json!(id))]).await {
        Ok(()) => failure,
        Err(gone) if gone.code == Code::CertificateNotFound => failure,
        Err(left) => failure.and(&Why::new(
            format!("certificate {id} is still active: have it revoked; {}", left.code),
            format!("証明書 {id} が有効なまま残っています。失効させてください。{}", left.code),
        )),
    }
}
