//! How often a call is tried again, and after how long.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_types::retry::{ErrorKind, RetryConfig};
use serde::Deserialize;

use crate::refusal::untrusted;

/// Tried so often in all before `throttled` or `offline` is said.
const ATTEMPTS: u32 = 4;

/// To a service that asks for patience the SDK gives a random part of this, of twice and of four times as much.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A connection that fails keeps nobody busy, and somebody with a cable in hand waits to be told.
const BROKEN_CONNECTION: Duration = Duration::from_millis(200);

pub(crate) fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_WAIT)
}

/// Corrects the SDK in three cases. A connection that failed is tried again soon. An untrusted certificate stays
/// untrusted. And what Cognito calls `LimitExceededException` is a person's tries used up, not a rate: each
/// further try counts as one more.
#[derive(Debug)]
pub(crate) struct Patience;

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "__type")]
    name: String,
}

impl ClassifyRetry for Patience {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let body = context.response().and_then(|response| response.body().bytes());
        let named = body.and_then(|body| serde_json::from_slice::<Named>(body).ok());
        if named.is_some_and(|named| named.name.ends_with("LimitExceededException")) {
            return RetryAction::RetryForbidden;
        }
        match error.as_connector_error() {
            Some(broken) if untrusted(broken).is_some() => RetryAction::RetryForbidden,
            Some(broken) if broken.is_io() => soon(),
            None if error.is_response_error() => soon(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Patience"
    }

    /// The last word.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn soon() -> RetryAction {
    RetryAction::retryable_error_with_explicit_delay(ErrorKind::TransientError, BROKEN_CONNECTION)
}
