//! How long a board is waited for.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a board that starts, connects to a network first, or is slow to give in to Ctrl-C.
    pub(super) entering: Duration,
    /// For what the REPL itself answers.
    pub(super) answer: Duration,
    /// For a statement to end: flash may be erased meanwhile.
    pub(super) running: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { entering: Duration::from_secs(12), answer: Duration::from_secs(3), running: Duration::from_secs(20) }
    }
}
