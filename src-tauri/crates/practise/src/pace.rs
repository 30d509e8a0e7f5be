//! How long things take.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long things take, in hundredths of what they take in life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace(u32);

impl Pace {
    /// Slow enough to see each step.
    pub const LIFELIKE: Self = Self(100);
    /// For tests.
    pub const INSTANT: Self = Self(0);

    /// `percent(50)`: everything takes half its time. The claim's five minutes stay five minutes.
    pub const fn percent(percent: u32) -> Self {
        Self(percent)
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::LIFELIKE
    }
}

pub(crate) struct Clock(AtomicU32);

impl Default for Clock {
    fn default() -> Self {
        Self(AtomicU32::new(Pace::default().0))
    }
}

impl Clock {
    pub(crate) fn set(&self, Pace(percent): Pace) {
        self.0.store(percent, Ordering::Relaxed);
    }

    /// Takes so long in life.
    pub(crate) async fn takes(&self, milliseconds: u64) {
        let time = Duration::from_millis(milliseconds) * self.0.load(Ordering::Relaxed) / 100;
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
    }
}
