//! How long a console is waited for.

use std::time::Duration;

/// Boards differ by orders of magnitude: these are for slow ones, and none of them is waited out when all goes well,
/// `quiet` excepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Nothing has come for so long: it has said what it had to say.
    pub(super) quiet: Duration,
    /// A command that looks something up, or a few kilobytes on their way.
    pub(super) answer: Duration,
    /// From a name or a password to the prompt, with the pause after a wrong one and what a profile does.
    pub(super) login: Duration,
    /// A device that has just been switched on, until it says no more.
    pub(super) boot: Duration,
    /// Slow flash, and all of it.
    pub(super) storage: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(300),
            answer: Duration::from_secs(3),
            login: Duration::from_secs(20),
            boot: Duration::from_secs(90),
            storage: Duration::from_secs(60),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
impl Pace {
    /// So many times as fast.
    pub(super) fn faster(times: u32) -> Self {
        let usual = Self::default();
        Self {
            quiet: usual.quiet / times,
            answer: usual.answer / times,
            login: usual.login / times,
            boot: usual.boot / times,
            storage: usual.storage / times,
        }
    }
}
