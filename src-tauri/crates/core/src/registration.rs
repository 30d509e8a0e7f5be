//! Whether the device has registered itself, as the registry says.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

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
    loop {
        look.tick().await;
        let refused = match cloud.certificates_of(thing_name).await {
            Ok(now) => match now.difference(before).next() {
                Some(id) => return Ok(id.clone()),
                None => None,
            },
            // A network that blinks must not end a wait that the next look may win.
            Err(failure) if matches!(failure.code, Code::Offline | Code::Throttled | Code::ServiceError) => {
                Some(failure)
            }
            Err(failure) => return Err(failure),
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
