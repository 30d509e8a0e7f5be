//! How fast a whole bench asks AWS: one bucket for all of its runs.

use std::sync::Mutex as StdMutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(15);

/// A token bucket: so many calls at once, then one every so often. Throttled once, it holds back everybody.
pub(super) struct Pace {
    every: Duration,
    burst: u32,
    /// Who is next.
    next: Mutex<()>,
    /// Those who can wait stand in a line of their own, and only its first stands in the other.
    patient: Mutex<()>,
    state: StdMutex<State>,
}

struct State {
    /// When the bucket is full again.
    full: Instant,
    /// Nobody calls before.
    held: Instant,
    back_off: Duration,
}

impl Pace {
    /// `per_second` calls, and no more at once.
    pub(super) fn new(per_second: u32) -> Self {
        let now = Instant::now();
        let per_second = per_second.max(1);
        Self {
            every: Duration::from_secs(1) / per_second,
            burst: per_second,
            next: Mutex::default(),
            patient: Mutex::default(),
            state: StdMutex::new(State { full: now, held: now, back_off: Duration::ZERO }),
        }
    }

    /// Waits for a turn, before everybody who is patient.
    pub(super) async fn turn(&self) {
        let _next = self.next.lock().await;
        loop {
            let now = Instant::now();
            let ready = {
                let mut state = self.state();
                let room = state.full.max(now) + self.every;
                // The bucket is empty while it takes longer than a burst to fill.
                let ready = (room.checked_sub(self.every * self.burst).unwrap_or(now)).max(state.held);
                if ready <= now {
                    state.full = room;
                    return;
                }
                ready
            };
            sleep_until(ready).await;
        }
    }

    /// Waits for a turn behind everybody who is not patient.
    pub(super) async fn patient_turn(&self) {
        let _first = self.patient.lock().await;
        self.turn().await;
    }

    /// AWS asked for patience: everybody waits, longer each time.
    pub(super) fn throttled(&self) {
        let mut state = self.state();
        let now = Instant::now();
        // Calls that were on their way together count as one.
        if state.held > now {
            return;
        }
        state.back_off = (state.back_off * 2).clamp(FIRST_BACK_OFF, LONGEST_BACK_OFF);
        state.held = now + state.back_off;
    }

    pub(super) fn answered(&self) {
        let mut state = self.state();
        if state.held <= Instant::now() {
            state.back_off = Duration::ZERO;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn all_of(count: u32, pace: &Arc<Pace>, patient: bool) -> u128 {
        let began = Instant::now();
        let turn = |pace: Arc<Pace>| async move { if patient { pace.patient_turn().await } else { pace.turn().await } };
        let turns: Vec<_> = (0..count).map(|_| tokio::spawn(turn(Arc::clone(pace)))).collect();
        for turn in turns {
            turn.await.expect("no panic");
        }
        began.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_its_pace() {
        let pace = Arc::new(Pace::new(4));
        assert_eq!(all_of(4, &pace, false).await, 0);
        let took = all_of(8, &pace, true).await;
        assert!((2_000..2_020).contains(&took), "eight more at four a second: {took} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_in_a_hurry_passes_a_whole_line_of_patient_ones() {
        let pace = Arc::new(Pace::new(4));
        all_of(4, &pace, false).await;
        let line = Arc::clone(&pace);
        let line = tokio::spawn(async move { all_of(40, &line, true).await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        let took = all_of(1, &pace, false).await;
        assert!(took <= 505, "behind one of them at most: {took} ms");
        line.await.expect("no panic");
    }

    #[tokio::test(start_paused = true)]
    async fn one_throttled_call_holds_back_all_and_longer_each_time() {
        let pace = Arc::new(Pace::new(4));
        for seconds in [1_u64, 2, 4] {
            pace.throttled();
            pace.throttled();
            let began = Instant::now();
            pace.turn().await;
            assert_eq!(began.elapsed().as_secs(), seconds, "two that were on their way together count as one");
        }
        pace.answered();
        pace.throttled();
        let began = Instant::now();
        pace.turn().await;
        assert_eq!(began.elapsed().as_secs(), 1, "an answer in between starts anew");
    }
}
