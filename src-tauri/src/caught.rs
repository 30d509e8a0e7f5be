//! A future that panics, and does not take with it whoever waits for it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What comes of it; `None` if it panicked. It is never asked again then, so what it left half done is seen by nobody.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Ready(done)) => Poll::Ready(Some(done)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer_too() {
        let later = async {
            tokio::task::yield_now().await;
            7
        };
        assert_eq!(caught(later).await, Some(7));
        let panics = async {
            tokio::task::yield_now().await;
            panic!("a driver with a bug");
        };
        assert_eq!(caught::<()>(panics).await, None);
    }
}
