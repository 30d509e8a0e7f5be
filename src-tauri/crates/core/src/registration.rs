//! Whether the device has registered itself, as the registry says.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, timeout_at};

use crate::{Cloud, Code, Failure};

/// Between two looks at the registry. DescribeThing-like calls allow hundreds a second per account;
/// one a second from each bench leaves room for all of them.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks until the thing has a certificate that it did not have before. Returns its ID.
pub(crate) async fn watch(
    cloud: &dyn Cloud,
    thing_name: &str,
    before: &BTreeSet<String>,
    until: Instant,
) -> Result<String, Failure> {
    let mut look = tokio::time::interval(LOOK_EVERY);
    // A look that had to wait for its turn is not made up for.
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        // A look that waits for its turn, or for a sign-in, ends with the wait.
        let answer = timeout_at(until + LOOK_EVERY, cloud.certificates_of(thing_name)).await;
        let refused = match answer {
            Ok(Ok(now)) => match now.difference(before).next() {
                Some(id) => return Ok(id.clone()),
                None => None,
            },
            // A network that blinks must not end a wait that the next look may win.
            Ok(Err(failure)) if matches!(failure.code, Code::Offline | Code::Throttled | Code::ServiceError) => {
                Some(failure)
            }
            Ok(Err(failure)) => return Err(failure),
            Err(_) => None,
        };
        if Instant::now() + LOOK_EVERY > until {
            let failure = Failure::new(Code::NotRegistered).about(thing_name);
            return Err(match refused {
                Some(last) => failure.because(last.to_string()),
                None => failure,
            });
        }
    }
}
