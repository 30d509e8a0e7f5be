//! `verify`: an identity is proved, check by check.

mod checks;
mod direct;
mod messages;
mod reading;

use serde_json::{Value, json};

use crate::inspect;
use crate::ports::RunStart;
use crate::run::Run;
use crate::{
    Check, Code, DeviceSide, Failure, Identity, Job, Language, Ports, Site, Step, Target, Verdict, Verified, Why,
};

pub use reading::read_identity;

/// What is to be proved, beside what the files themselves show.
#[derive(Clone, Debug)]
pub struct Verify {
    /// The run's ID, unique in the journal.
    pub run: String,
    /// MQTT: connect, subscribe, publish and receive.
    pub mqtt: bool,
    /// Temporary AWS credentials through the role alias, and who they are.
    pub direct: bool,
    /// What they reach: this bucket is listed, and an object of it read.
    pub bucket: Option<String>,
}

/// Proves the identity that [`read_identity`] found on the target. Each check ends as a `done` step whose `verdict` is
/// `passed`, `failed` or `skipped`.
///
/// # Errors
/// The first check that failed; the others are made all the same.
pub async fn verify(
    request: &Verify,
    site: &Site,
    target: &dyn Target,
    identity: &Identity,
    device_side: &dyn DeviceSide,
    ports: Ports<'_>,
) -> Result<Verified, Failure> {
    let run = Run::start(start(&request.run, &identity.thing_name, site, target), ports);
    run.certificate(&identity.certificate_id);
    let mut checks = checks::of_files(&run, identity).await;
    let alive = checks.iter().all(|check| check.verdict != Verdict::Failed);
    checks.extend(match (request.mqtt, alive) {
        (false, _) => skip(&run, &messages::STEPS, not_asked()).await,
        (true, false) => skip(&run, &messages::STEPS, files_failed()).await,
        (true, true) => messages::exchange(&run, site, identity, device_side).await,
    });
    checks.extend(match (request.direct, alive) {
        (false, _) => skip(&run, &direct::STEPS, not_asked()).await,
        (true, false) => skip(&run, &direct::STEPS, files_failed()).await,
        (true, true) => direct::calls(&run, request, site, identity, device_side, ports).await,
    });
    let failed = checks.iter().find(|check| check.verdict == Verdict::Failed);
    let outcome = match failed.and_then(|check| check.failure.clone()) {
        Some(failure) => Err(failure),
        None => Ok(Verified {
            thing_name: identity.thing_name.clone(),
            certificate_id: identity.certificate_id.clone(),
            checks,
        }),
    };
    run.conclude(outcome)
}

fn start(run: &str, thing_name: &str, site: &Site, target: &dyn Target) -> RunStart {
    let about = inspect::start(run, Job::Verify, thing_name, site);
    RunStart { target: target.name(), device: target.device(), ..about }
}

fn not_asked() -> Why {
    Why::new("not asked for", "指定されていません")
}

fn files_failed() -> Why {
    Why::new("the files are not right", "ファイルに問題があります")
}

/// Makes one check: a step that is always done, whatever its verdict.
async fn check(run: &Run<'_>, step: Step, work: impl Future<Output = Result<String, Failure>>) -> Check {
    let judged = async {
        match work.await {
            Ok(seen) => Check { check: step, verdict: Verdict::Passed, failure: None, seen },
            Err(failure) => failed(step, failure),
        }
    };
    run.always(step, judged, detail).await
}

fn failed(step: Step, failure: Failure) -> Check {
    Check { check: step, verdict: Verdict::Failed, failure: Some(failure.at(step)), seen: String::new() }
}

/// Says of each of these checks that it was not made, and why.
async fn skip(run: &Run<'_>, steps: &[Step], why: Why) -> Vec<Check> {
    let mut checks = Vec::with_capacity(steps.len());
    for &step in steps {
        let failure = Failure::new(Code::NotOffered).because_of(why.clone()).at(step);
        let check = Check { check: step, verdict: Verdict::Skipped, failure: Some(failure), seen: String::new() };
        checks.push(run.always(step, async { check }, detail).await);
    }
    checks
}

fn detail(check: &Check) -> Vec<(&'static str, Value)> {
    let mut detail = vec![("verdict", json!(check.verdict))];
    if !check.seen.is_empty() {
        detail.push(("seen", json!(check.seen)));
    }
    if let Some(failure) = &check.failure {
        let why = |language| match check.verdict {
            Verdict::Skipped => failure.why(language).to_owned(),
            _ => failure.message(language),
        };
        if check.verdict == Verdict::Failed {
            detail.push(("code", json!(failure.code)));
        }
        detail.push(("why", json!({"en": why(Language::English), "ja": why(Language::Japanese)})));
    }
    detail
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
