//! `enroll --via api` and `--via direct`: the certificate is asked for with a CSR.

use serde_json::json;

use crate::patience::ride_out;
use crate::ports::{Issued, TakeBack};
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
    let issued = run.step(Step::Certificate, issue, |i| vec![("certificateId", json!(i.certificate_id))]).await?;
    run.certificate(&issued.certificate_id);

    let made = work.identity((issued.certificate_pem.clone(), private_key_pem), endpoints);
    let (identity, preview) = match made {
        Ok(made) => made,
        Err(failure) => return Err(take_back(work, &issued, &csr_pem, failure).await),
    };
    let written = match work.write(&identity).await {
        Ok(written) => written,
        Err(failure) => return Err(take_back(work, &issued, &csr_pem, failure).await),
    };
    let proof = run.step(Step::Prove, prove_new(work.device_side, &identity), |()| vec![]).await;
    if let Err(failure) = proof {
        if failure.code == Code::IdentityRefused {
            written.withdraw().await;
            return Err(take_back(work, &issued, &csr_pem, failure).await);
        }
        // The identity is whole, and active. This computer could not try it; the device may be luckier, and the
        // next run tries it again.
        return Err(failure);
    }
    Ok(work.enrolled(&identity, &preview, work.settle(written).await))
}

/// The certificate must not stay active without anybody who holds its key. Returns why the run failed, and what is
/// left if that could not be undone.
async fn take_back(work: &Work<'_>, issued: &Issued, csr_pem: &str, failure: Failure) -> Failure {
    let id = &issued.certificate_id;
    let take_back = Some(TakeBack { csr_pem });
    let delete = ride_out(work.run, Step::TakeBack, || work.ports.cloud.delete(work.thing_name(), id, take_back));
    match work.run.step(Step::TakeBack, delete, |()| vec![("certificateId", json!(id))]).await {
        Ok(()) => failure,
        Err(gone) if gone.code == Code::CertificateNotFound => failure,
        Err(left) => failure.and(&Why::new(
            format!("certificate {id} is still active: have it revoked; {}", left.code),
            format!("証明書 {id} が有効なまま残っています。失効させてください。{}", left.code),
        )),
    }
}
