//! Work that must not stop in its middle.

use std::sync::LazyLock;

use fieldkey_core::{Code, Failure};
use tokio::sync::{oneshot, watch};

/// How much of it is under way in this process.
static UNDER_WAY: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

struct UnderWay;

impl UnderWay {
    fn begin() -> Self {
        UNDER_WAY.send_modify(|count| *count += 1);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.send_modify(|count| *count -= 1);
    }
}

/// Runs work to its end even if whoever asked for it gives up: a refresh token that the pool has rotated must not
/// get lost between its answer and the keychain, nor half a certificate stay behind.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    // Only a panic keeps it from answering.
    in_the_background(work).await.unwrap_or_else(|_| Err(Failure::new(Code::InternalError)))
}

/// The same, for nobody who must wait. What nobody takes is dropped before it counts as ended: that may begin more.
pub(crate) fn in_the_background<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> oneshot::Receiver<T> {
    let (give, take) = oneshot::channel();
    let under_way = UnderWay::begin();
    tokio::spawn(async move {
        let untaken = give.send(work.await);
        drop(untaken);
        drop(under_way);
    });
    take
}

/// Returns when nothing that must not stop in its middle is under way: a program that ends waits for this.
pub async fn settled() {
    // The sender lives as long as the program.
    let _ = UNDER_WAY.subscribe().wait_for(|count| *count == 0).await;
}
