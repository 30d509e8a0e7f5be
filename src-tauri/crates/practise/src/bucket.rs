//! A quota of AWS's, as a token bucket.

use std::sync::Mutex;

use fieldkey_core::{Code, Failure};
use tokio::time::Instant;

use crate::held;

/// CreateProvisioningClaim's, and that of most calls that change the registry.
/// <https://docs.aws.amazon.com/general/latest/gr/iot-core.html#throttling-limits>
const PER_SECOND: f64 = 10.0;

/// Full at first: so many calls may come at once.
#[derive(Default)]
pub(crate) struct Bucket(Mutex<Option<Left>>);

#[derive(Clone, Copy)]
struct Left {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// # Errors
    /// `throttled` about the call when there are too many.
    pub(crate) fn take(&self, call: &str) -> Result<(), Failure> {
        let now = Instant::now();
        let mut bucket = held(&self.0);
        let left = bucket.unwrap_or(Left { tokens: PER_SECOND, at: now });
        let come = now.saturating_duration_since(left.at).as_secs_f64() * PER_SECOND;
        let tokens = (left.tokens + come).min(PER_SECOND);
        let enough = tokens >= 1.0;
        *bucket = Some(Left { tokens: if enough { tokens - 1.0 } else { tokens }, at: now });
        if enough { Ok(()) } else { Err(Failure::new(Code::Throttled).about(call).because("Rate exceeded")) }
    }
}
