//! A package on its way here.

use fieldkey_core::{Code, Failure, Why};
use tauri_plugin_updater::Update;
use tokio_util::sync::CancellationToken;

use super::{Renewal, failure, package, under_way};
use crate::state::held;
use crate::views::Downloaded;

/// No package is larger, in bytes. It is held in memory until its signature was looked at.
const LARGEST: u64 = 512 << 20;

impl Renewal {
    /// Gets what was found last, and looks at its signature: that it is by our key, over this package, as this version
    /// and under the name of this computer's kind.
    ///
    /// # Errors
    /// `run-under-way`: it is being got. `interrupted`, `update-unavailable`, `update-refused`.
    pub(crate) async fn get(&self, tell: impl Fn(Downloaded)) -> Result<(Update, Vec<u8>), Failure> {
        let update = held(&self.found).clone().ok_or_else(|| Failure::new(Code::Usage).about("Fieldkey"))?;
        let stop = self.begin()?;
        let from = update.download_url.host_str().unwrap_or_default().to_owned();
        let refused = |why| Failure::new(Code::UpdateRefused).about(from.as_str()).because_of(why);
        let (mut done, too_large) = (0, CancellationToken::new());
        let get = update.download(
            |count, of| {
                done += u64::try_from(count).unwrap_or_default();
                if done.max(of.unwrap_or_default()) > LARGEST {
                    too_large.cancel();
                }
                tell(Downloaded { done, of });
            },
            || (),
        );
        let got = tokio::select! {
            got = get => got.map_err(|error| failure::of(&error, &from)),
            () = too_large.cancelled() => Err(refused(Why::new("it is larger than any package", "サイズが大きすぎます"))),
            () = stop.token.cancelled() => Err(Failure::new(Code::Interrupted)),
        }?;
        if package::signed(&update.signature).as_deref() != Some(package::name(&update.version).as_str()) {
            return Err(refused(Why::new("it is signed as another package", "別のパッケージとして署名されています")));
        }
        Ok((update.clone(), got))
    }

    fn begin(&self) -> Result<Getting<'_>, Failure> {
        let mut getting = held(&self.getting);
        if getting.is_some() {
            return Err(under_way());
        }
        let token = CancellationToken::new();
        *getting = Some(token.clone());
        Ok(Getting { token, of: self })
    }

    pub(crate) fn stop(&self) {
        if let Some(getting) = held(&self.getting).as_ref() {
            getting.cancel();
        }
    }
}

/// While this lives, an update is being got.
struct Getting<'a> {
    token: CancellationToken,
    of: &'a Renewal,
}

impl Drop for Getting<'_> {
    fn drop(&mut self) {
        *held(&self.of.getting) = None;
    }
}
