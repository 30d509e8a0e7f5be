use std::time::Duration;

use crate::{Chance, Out};

/// What firmware says without being asked, and how haltingly it says the rest.
pub(crate) struct Noise {
    chance: Chance,
    lines: &'static [&'static str],
    on: bool,
    /// Lines so far: each has a time of its own.
    count: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64, on: bool, lines: &'static [&'static str]) -> Self {
        Self { chance: Chance::new(seed), lines, on, count: 0 }
    }

    /// Once in so many times a line.
    pub(crate) fn line(&mut self, once_in: u64) -> Option<String> {
        if !self.on || self.chance.below(once_in) != 0 {
            return None;
        }
        self.count += 1;
        let line = self.lines[self.chance.below(self.lines.len() as u64) as usize];
        Some(line.replace("{time}", &format!("00:{:02}:{:02}.123,456", self.count / 60 % 60, self.count % 60)))
    }

    /// Says something, in pieces if the device is a noisy one.
    pub(crate) fn say(&mut self, out: &mut Out, delay: Duration, bytes: &[u8]) {
        let mut rest = bytes;
        let mut delay = delay;
        while self.on && rest.len() > 1 {
            let (piece, more) = rest.split_at(1 + self.chance.below(rest.len() as u64 - 1) as usize);
            out.after(delay, piece);
            delay = Duration::from_micros(self.chance.below(30_000));
            rest = more;
        }
        out.after(delay, rest);
    }
}
