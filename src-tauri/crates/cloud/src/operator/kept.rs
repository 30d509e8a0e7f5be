//! What of a session outlives the program, through the keychain.

use std::sync::Arc;

use fieldkey_core::Site;

use super::{Operator, Session};
use crate::cognito::RememberedDevice;
use crate::keychain::{Kept, Keychain};

impl Operator {
    /// The device that the pool knows this computer as, from an earlier sign-in.
    pub(crate) async fn remembered_device(&self, user: &str) -> Option<RememberedDevice> {
        let user = user.to_owned();
        self.at_keychain(move |keychain, site| keychain.device(site, &user)).await.flatten()
    }

    pub(super) async fn load(&self, user: &str) -> Option<Kept> {
        let user = user.to_owned();
        self.at_keychain(move |keychain, site| keychain.load(site, &user)).await.flatten()
    }

    pub(super) async fn forget(&self, user: &str) {
        let user = user.to_owned();
        self.at_keychain(move |keychain, site| keychain.forget(site, &user)).await;
    }

    /// True if the keychain has it.
    pub(super) async fn keep(&self, session: &Session) -> bool {
        let Some(refresh_token) = session.tokens.refresh.clone() else { return false };
        let (internal_user, device) = (session.internal_user.clone(), session.device.clone());
        let kept = Kept { refresh_token, internal_user, device };
        let user = session.user.clone();
        let saved = self.at_keychain(move |keychain, site| keychain.save(site, &user, &kept)).await;
        match saved {
            Some(Ok(())) => true,
            Some(Err(why)) => {
                tracing::warn!(why, "the keychain did not take the session");
                false
            }
            None => false,
        }
    }

    /// Keychains block, and may ask the person to unlock them.
    async fn at_keychain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keychain, &Site) -> T + Send + 'static,
    ) -> Option<T> {
        let keychain = self.keychain.clone()?;
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || work(&keychain, &connection.site)).await.ok()
    }
}
