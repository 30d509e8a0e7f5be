//! The one run that the page watches, and what it holds.

use std::sync::{Arc, Mutex};

use fieldkey_core::{Code, Failure};
use tokio_util::sync::CancellationToken;

use crate::state::held;

#[derive(Clone, Default)]
pub(crate) struct UnderWay(Arc<Mutex<Option<Held>>>);

struct Held {
    stop: CancellationToken,
    /// The target that it reads or writes, if it has one.
    target: Option<String>,
}

/// While this lives, the run is under way.
pub(crate) struct Place {
    pub(crate) stop: CancellationToken,
    of: UnderWay,
}

impl UnderWay {
    /// # Errors
    /// `run-under-way`: a second one would have to share the operator's attention, and perhaps the device.
    pub(crate) fn begin(&self, target: Option<&str>) -> Result<Place, Failure> {
        let mut place = held(&self.0);
        if let Some(other) = place.as_ref() {
            let about = other.target.clone().unwrap_or_else(|| "Fieldkey".to_owned());
            return Err(Failure::new(Code::RunUnderWay).about(about));
        }
        let stop = CancellationToken::new();
        *place = Some(Held { stop: stop.clone(), target: target.map(str::to_owned) });
        Ok(Place { stop, of: self.clone() })
    }

    pub(crate) fn cancel(&self) {
        if let Some(run) = held(&self.0).as_ref() {
            run.stop.cancel();
        }
    }

    pub(crate) fn is_busy(&self) -> bool {
        held(&self.0).is_some()
    }

    pub(crate) fn uses(&self, target: &str) -> bool {
        held(&self.0).as_ref().is_some_and(|run| run.target.as_deref() == Some(target))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *held(&self.of.0) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_at_a_time_and_the_next_once_it_is_over() {
        let under_way = UnderWay::default();
        let first = under_way.begin(Some("drive:/a")).expect("free");
        let refused = under_way.begin(None).map(drop).expect_err("taken");
        assert_eq!((refused.code, refused.about.as_str()), (Code::RunUnderWay, "drive:/a"));
        assert!(!first.stop.is_cancelled(), "the second one does not stop the first");
        assert!(under_way.uses("drive:/a") && !under_way.uses("drive:/b"));
        under_way.cancel();
        assert!(first.stop.is_cancelled());
        drop(first);
        assert!(under_way.begin(None).is_ok());
    }
}
