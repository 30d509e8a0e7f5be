use crate::Chance;

/// What goes wrong on a line, once, when so many bytes have passed in either direction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The byte is lost.
    Drop,
    /// One of its bits is flipped.
    Flip,
    /// It and all that follow are lost: the cable has a break. The port stays.
    Cut,
    /// Nothing passes for some seconds, then all of it.
    Stall,
    /// The device starts again.
    Reboot,
    /// The port disappears.
    Gone,
}

/// The faults of one conversation.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<(u64, Fault)>);

impl Faults {
    pub fn none() -> Self {
        Self::default()
    }

    /// One fault somewhere within the first `bytes` bytes; each third time a second one.
    pub fn seeded(seed: u64, bytes: u64) -> Self {
        let mut chance = Chance::new(seed);
        let kinds = [Fault::Drop, Fault::Flip, Fault::Cut, Fault::Stall, Fault::Reboot, Fault::Gone];
        let count = if chance.below(3) == 0 { 2 } else { 1 };
        let mut faults: Vec<_> = (0..count).map(|_| (chance.below(bytes), kinds[chance.below(6) as usize])).collect();
        faults.sort_by_key(|(at, _)| *at);
        Self(faults)
    }
}
