//! Ctrl-C: whatever is under way is dropped, which cleans up, and the status is 130.

use std::time::Duration;

use crate::{Ended, prompt};

/// Waited for at most, so that a device that hangs does not hold the terminal.
const CLEAN_UP: Duration = Duration::from_secs(10);

const INTERRUPTED: u8 = 130;

/// Runs a command to its end, or until the person or the system wants it to stop.
pub(crate) fn run(command: impl Future<Output = Result<(), Ended>>) -> Result<(), Ended> {
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() else {
        return Err(Ended::Said(INTERRUPTED));
    };
    let terminal = prompt::Echo::remember();
    let outcome = runtime.block_on(async {
        tokio::select! {
            biased;
            () = stop() => None,
            outcome = command => Some(outcome),
        }
    });
    // The command's future is gone; what it had begun ends now: at AWS a half-made certificate is taken back, on the
    // device temporary files go and a file that was being renamed is finished. A prompt cannot be ended so, its
    // thread stays behind.
    runtime.block_on(async {
        if tokio::time::timeout(CLEAN_UP, fieldkey_cloud::settled()).await.is_err() {
            tracing::warn!("something at AWS was not brought to its end");
        }
    });
    if prompt::is_open() {
        // After Ctrl-C at a prompt the shell would be left without echo.
        terminal.restore();
    }
    runtime.shutdown_timeout(if prompt::is_open() { Duration::ZERO } else { CLEAN_UP });
    outcome.unwrap_or(Err(Ended::Said(INTERRUPTED)))
}

#[cfg(unix)]
async fn stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

/// Ctrl-C and Ctrl-Break; the console's window is closed; the person signs out or the computer goes down. After the
/// last three Windows grants some seconds.
#[cfg(windows)]
async fn stop() {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
    let heard = (ctrl_c(), ctrl_break(), ctrl_close(), ctrl_logoff(), ctrl_shutdown());
    let (Ok(mut c), Ok(mut pause), Ok(mut close), Ok(mut logoff), Ok(mut shutdown)) = heard else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = c.recv() => {}
        _ = pause.recv() => {}
        _ = close.recv() => {}
        _ = logoff.recv() => {}
        _ = shutdown.recv() => {}
    }
}
