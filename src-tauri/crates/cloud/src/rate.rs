//! How fast AWS IoT is asked: a token bucket for each of its APIs, shared by all runs of this program.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// Half of the smallest quota of those that are called, and no more than that at once. An account's quotas are
/// shared with all else that happens in it.
/// <https://docs.aws.amazon.com/general/latest/gr/iot-core.html#throttling-limits>
const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

type Buckets = std::sync::Mutex<HashMap<(String, &'static str), Arc<Bucket>>>;

/// Waits until an API of a host may be called once more. First come, first served.
pub(crate) async fn turn(host: &str, api: &'static str) {
    static BUCKETS: LazyLock<Buckets> = LazyLock::new(Buckets::default);
    let bucket = {
        let mut buckets = BUCKETS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(buckets.entry((host.to_owned(), api)).or_default())
    };
    bucket.turn().await;
}

struct Bucket {
    tokens: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>,
    /// Whoever is next. The others wait behind, rather than all wake for one token.
    next: tokio::sync::Mutex<()>,
}

impl Default for Bucket {
    fn default() -> Self {
        let tokens = RateLimiter::direct_with_clock(Quota::per_second(PER_SECOND), Ticks(Instant::now()));
        Self { tokens, next: tokio::sync::Mutex::default() }
    }
}

impl Bucket {
    async fn turn(&self) {
        let _next = self.next.lock().await;
        while let Err(later) = self.tokens.check() {
            tokio::time::sleep(later.wait_time_from(Ticks::now(self.tokens.clock()))).await;
        }
    }
}

/// The runtime's clock, which tests can pause, as time since a bucket was made.
#[derive(Clone, Debug)]
struct Ticks(Instant);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Instant::now().saturating_duration_since(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty calls at once.
    async fn forty(host: &'static str, api: &'static str) {
        let calls: Vec<_> = (0..40).map(|_| tokio::spawn(turn(host, api))).collect();
        for call in calls {
            call.await.expect("no panic");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn forty_calls_at_once_take_the_time_that_the_bucket_says() {
        let began = Instant::now();
        forty("one.test", "DescribeThing").await;
        let took = began.elapsed().as_millis();
        assert!((7_000..7_100).contains(&took), "five at once, then five a second: {took} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn two_apis_do_not_slow_one_another_nor_do_two_hosts() {
        let began = Instant::now();
        tokio::join!(
            forty("two.test", "DescribeThing"),
            forty("two.test", "DescribeCertificate"),
            forty("three.test", "DescribeThing")
        );
        let took = began.elapsed().as_millis();
        assert!((7_000..7_100).contains(&took), "side by side: {took} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_leaves_the_turn_to_the_next() {
        for _ in 0..5 {
            turn("four.test", "DescribeThing").await;
        }
        let gives_up = tokio::time::timeout(Duration::from_millis(50), turn("four.test", "DescribeThing")).await;
        assert!(gives_up.is_err(), "no token is left");
        let began = Instant::now();
        turn("four.test", "DescribeThing").await;
        assert!(began.elapsed() <= Duration::from_millis(200), "nobody stands in the way: {:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_human_pace_do_not_wait() {
        let began = Instant::now();
        for _ in 0..20 {
            turn("five.test", "CreateProvisioningClaim").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(began.elapsed() < Duration::from_millis(4_100), "{:?}", began.elapsed());
    }
}
