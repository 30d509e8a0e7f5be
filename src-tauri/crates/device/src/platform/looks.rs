//! When to look again after a word that something was plugged in or pulled out.

use std::time::{Duration, Instant};

/// After the word itself: a node gets its owner, and a volume its mount point, a moment later.
const AFTER: [Duration; 3] = [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(2)];

/// The looks that are still to come, in their order.
#[derive(Default)]
pub(super) struct Looks(Vec<Instant>);

impl Looks {
    /// Something has happened: it is looked at now, and some times more.
    pub(super) fn nudge(&mut self, now: Instant) {
        self.0 = AFTER.iter().map(|after| now + *after).collect();
    }

    /// How long until the next look; `None` if none is to come.
    pub(super) fn next(&self, now: Instant) -> Option<Duration> {
        self.0.first().map(|next| next.saturating_duration_since(now))
    }

    /// A look is taken: those that were due by now are done with it.
    pub(super) fn taken(&mut self, now: Instant) {
        self.0.retain(|look| *look > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_word_some_looks_follow_and_then_there_is_peace() {
        let (mut looks, mut now, mut taken) = (Looks::default(), Instant::now(), 0);
        assert_eq!(looks.next(now), None, "nothing has happened");
        looks.nudge(now);
        while let Some(wait) = looks.next(now) {
            now += wait;
            looks.taken(now);
            taken += 1;
            assert!(taken < 10, "it must come to an end");
        }
        assert_eq!(taken, 3);
    }

    #[test]
    fn another_word_starts_the_looks_anew() {
        let (mut looks, now) = (Looks::default(), Instant::now());
        looks.nudge(now);
        let later = now + Duration::from_millis(1900);
        looks.taken(later);
        looks.nudge(later);
        assert_eq!(looks.next(later), Some(Duration::from_millis(250)));
    }
}
