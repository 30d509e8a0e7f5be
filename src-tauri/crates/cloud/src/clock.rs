//! This machine's clock, held against AWS's: every answer carries a `Date`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use fieldkey_core::{Code, Failure};
use time::{Duration, OffsetDateTime};

/// Signatures of requests are refused beyond this.
const TOLERATED: Duration = Duration::minutes(5);

/// How far AWS's clock is ahead of ours, as the newest answer told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    ahead_seconds: Arc<AtomicI64>,
}

impl Clock {
    /// AWS's time, as well as we know it.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let here = OffsetDateTime::now_utc();
        here.checked_add(self.ahead()).unwrap_or(here)
    }

    fn ahead(&self) -> Duration {
        Duration::seconds(self.ahead_seconds.load(Ordering::Relaxed))
    }

    /// # Errors
    /// `clock-skew` with the difference when signatures would be refused for it.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.ahead().abs() <= TOLERATED { Ok(()) } else { Err(Failure::new(Code::ClockSkew).about(self.skew())) }
    }

    /// How far this machine's clock is ahead of AWS's (`+1:01 h`) or behind it.
    pub(crate) fn skew(&self) -> String {
        let ahead = self.ahead();
        let minutes = (ahead.whole_seconds().abs() + 30) / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let sign = if ahead.is_negative() { '+' } else { '-' };
        format!("{sign}{hours}:{minutes:02} h")
    }

    fn heard(&self, date: OffsetDateTime) {
        let ahead = date - OffsetDateTime::now_utc();
        self.ahead_seconds.store(ahead.whole_seconds(), Ordering::Relaxed);
    }
}

#[dyn_dispatch_hint]
impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let format = aws_smithy_types::date_time::Format::HttpDate;
        if let Some(date) = date.and_then(|text| aws_smithy_types::DateTime::from_str(text, format).ok())
            && let Ok(date) = OffsetDateTime::from_unix_timestamp(date.secs())
        {
            self.heard(date);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_off_is_named_with_its_direction() {
        let clock = Clock::default();
        assert!(clock.check().is_ok(), "nothing heard yet");
        clock.heard(OffsetDateTime::now_utc() - Duration::minutes(61));
        let failure = clock.check().expect_err("an hour");
        assert_eq!((failure.code, failure.about.as_str()), (Code::ClockSkew, "+1:01 h"), "we are ahead of AWS");
        clock.heard(OffsetDateTime::now_utc() + Duration::seconds(3_605));
        assert_eq!(clock.check().expect_err("an hour").about, "-1:00 h");
    }

    #[test]
    fn four_minutes_are_tolerated_and_corrected() {
        let clock = Clock::default();
        clock.heard(OffsetDateTime::now_utc() + Duration::minutes(4));
        assert!(clock.check().is_ok());
        let difference = clock.now() - OffsetDateTime::now_utc();
        assert!((difference - Duration::minutes(4)).abs() < Duration::seconds(2), "{difference}");
    }
}
