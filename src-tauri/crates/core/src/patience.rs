//! Throttling is ridden out where everybody can see it.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::run::Run;
use crate::{Code, Failure, Step};

/// A run gives up on one call after so long.
const PATIENCE: Duration = Duration::from_secs(30);

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Asks again while AWS asks for patience, with pauses that grow and that no two runs share.
pub(crate) async fn ride_out<T, F>(run: &Run<'_>, step: Step, call: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let end = Instant::now() + PATIENCE;
    let mut wait = FIRST_WAIT;
    loop {
        let answer = call().await;
        let pause = jittered(wait);
        match &answer {
            Err(failure) if failure.code == Code::Throttled && Instant::now() + pause < end => {
                run.running(step, vec![("throttled", json!(true)), ("againInMs", json!(pause.as_millis()))]);
                tokio::time::sleep(pause).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            _ => return answer,
        }
    }
}

/// Between a half and the whole of it.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let part = u32::try_from(random % 500).unwrap_or_default();
    wait * (500 + part) / 1_000
}
