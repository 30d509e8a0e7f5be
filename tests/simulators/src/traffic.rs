use std::time::{Duration, Instant};

/// What passed on a wire, and when it was in use.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    bytes: [u64; 2],
    used: [Vec<(Instant, Instant)>; 2],
}

impl Traffic {
    /// Bytes went to the device (way 0) or came from it (way 1), from when the first bit was on the wire until the last
    /// was over.
    pub(crate) fn passed(&mut self, way: usize, bytes: usize, from: Instant, until: Instant) {
        self.bytes[way] += bytes as u64;
        match self.used[way].last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            _ => self.used[way].push((from, until)),
        }
    }

    /// To the device and from it.
    pub fn bytes(&self) -> [u64; 2] {
        self.bytes
    }

    /// For how long something passed, one way or the other or both.
    pub fn busy(&self) -> Duration {
        let mut all = self.used.concat();
        all.sort();
        let mut busy = Duration::ZERO;
        let mut over: Option<Instant> = None;
        for (from, until) in all {
            let from = over.map_or(from, |over| over.max(from));
            busy += until.saturating_duration_since(from);
            over = over.max(Some(until));
        }
        busy
    }

    /// When the first bit passed, and the last, of what passed since then.
    pub fn since(&self, then: &Self) -> Option<(Instant, Instant)> {
        let over = then.used.iter().flatten().map(|(_, until)| *until).max();
        let all = || self.used.iter().flatten().filter(|(_, until)| Some(*until) > over);
        let first = all().map(|(from, _)| over.map_or(*from, |over| over.max(*from))).min();
        Some((first?, all().map(|(_, until)| *until).max()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wire_in_use_both_ways_at_once_is_in_use_once() {
        let begun = Instant::now();
        let at = |ms| begun + Duration::from_millis(ms);
        let mut traffic = Traffic::default();
        for (way, from, until) in [(0, 0, 10), (0, 10, 20), (1, 15, 30), (0, 50, 60), (1, 5, 8)] {
            traffic.passed(way, 7, at(from), at(until));
        }
        assert_eq!(traffic.bytes(), [21, 14]);
        assert_eq!(traffic.busy(), Duration::from_millis(40));
        let before = traffic.clone();
        assert_eq!(traffic.since(&Traffic::default()), Some((begun, at(60))));
        traffic.passed(1, 1, at(70), at(71));
        assert_eq!(traffic.since(&before), Some((at(70), at(71))));
    }
}
