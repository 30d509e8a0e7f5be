//! What is not tried again by itself, because trying cannot help or makes it worse.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use serde::Deserialize;

use crate::refusal::untrusted;

/// Takes two cases out of the SDK's hands. An untrusted certificate stays untrusted. And what Cognito calls
/// `LimitExceededException` is a person's tries used up, not a rate: each further try counts as one more.
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
        let used_up = named.is_some_and(|named| named.name.ends_with("LimitExceededException"));
        let hopeless = error.as_connector_error().is_some_and(|error| untrusted(error).is_some());
        if used_up || hopeless { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "Patience"
    }
}
