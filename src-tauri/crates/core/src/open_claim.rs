//! `open-claim`: a claim that somebody exported goes onto the device in hand. Needs no account, no site file and no
//! network.

use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::ports::{Kind, RunStart};
use crate::provision::put;
use crate::run::{Run, rfc3339};
use crate::{
    Bundle, ClaimBundle, ClaimFile, Code, Failure, Feature, Job, Journal, Progress, Provisioned, Rules, Step, Target,
    Why,
};

#[derive(Debug)]
pub struct OpenClaim {
    /// The run's ID, unique in the journal.
    pub run: String,
    /// What the file is called, for messages.
    pub name: String,
    /// As [`crate::unseal`] opened it.
    pub file: ClaimFile,
    /// Overwrite an identity or a live claim.
    pub replace: bool,
}

/// # Errors
/// `not-allowed-by-policy`, `claim-file-expired`, or any failure of its steps.
pub async fn open_claim(
    request: OpenClaim,
    target: &dyn Target,
    rules: &Rules,
    journal: &dyn Journal,
    progress: &dyn Progress,
) -> Result<Provisioned, Failure> {
    let start = RunStart {
        run: request.run.clone(),
        job: Job::OpenClaim,
        at: OffsetDateTime::now_utc(),
        site: request.file.site.clone(),
        serial_number: request.file.serial_number.clone(),
        thing_name: request.file.bundle.thing_name.clone(),
        target: target.name(),
        device: target.device(),
    };
    let run = Run::offline(start, journal, progress);
    run.certificate(&request.file.bundle.certificate_id);
    let outcome = match rules.allow(Feature::ClaimOpen) {
        Ok(()) => steps(request, target, &run).await,
        Err(refused) => Err(refused),
    };
    run.conclude(outcome)
}

async fn steps(request: OpenClaim, target: &dyn Target, run: &Run<'_>) -> Result<Provisioned, Failure> {
    let OpenClaim { name, file, replace, .. } = request;
    let alive = async { file.check_alive(&name) };
    let (left, practice) = (left(file.bundle.expires), file.is_practice());
    run.step(Step::Read, alive, |()| {
        let mut detail = vec![
            ("certificateId", json!(file.bundle.certificate_id)),
            ("expires", json!(rfc3339(file.bundle.expires))),
            ("secondsLeft", json!(left.as_secs())),
        ];
        detail.extend(practice.then_some(("practice", json!(true))));
        detail
    })
    .await?;
    let deadline = Instant::now() + left;
    let ClaimFile { serial_number, bundle, .. } = file;
    let bundle = for_target(bundle, &name, target)?;
    let (thing_name, certificate_id, expires) =
        (bundle.thing_name.clone(), bundle.certificate_id.clone(), bundle.expires);

    let check = target.check(Kind::Claim, replace);
    run.step(Step::Target, check, |()| vec![("target", json!(target.name()))]).await?;
    let written = put(&Bundle::Claim(bundle), async { Ok(()) }, target, deadline, run).await;
    let ((), files) = written.map_err(|failure| match failure.code {
        // Trying again with the same file cannot help.
        Code::ClaimExpired => Failure { code: Code::ClaimFileExpired, about: name, ..failure },
        _ => failure,
    })?;
    Ok(Provisioned {
        serial_number,
        thing_name,
        certificate_id,
        expires,
        target: target.name(),
        files,
        registered: None,
        practice,
    })
}

fn left(expires: OffsetDateTime) -> Duration {
    (expires - OffsetDateTime::now_utc()).try_into().unwrap_or_default()
}

/// With the role alias only where the target writes it down.
fn for_target(bundle: ClaimBundle, name: &str, target: &dyn Target) -> Result<ClaimBundle, Failure> {
    match (&bundle.role_alias, target.wants_credentials_endpoint()) {
        (None, true) => {
            let why = Why::new(
                "its site has no role alias, and what is written for this driver names it",
                "書き出したサイトにロールエイリアスがありません。このドライバーの設定ファイルに必要です",
            );
            Err(Failure::new(Code::ClaimFileInvalid).about(name).because_of(why).at(Step::Target))
        }
        (_, true) => Ok(bundle),
        (_, false) => Ok(ClaimBundle { role_alias: None, ..bundle }),
    }
}

#[cfg(test)]
#[path = "open_claim_tests.rs"]
mod tests;
