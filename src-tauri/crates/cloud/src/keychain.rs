//! The OS keychain, which keeps the refresh token between programs and days.
//!
//! Where there is none (no Secret Service on Linux), the session lasts as long as the program.

use std::sync::{Arc, OnceLock};

use fieldkey_core::Site;
use keyring_core::{CredentialStore, Entry};
use secrecy::{ExposeSecret, SecretString};

use crate::cognito::RememberedDevice;

const SERVICE: &str = "fieldkey";

/// What the keychain keeps for one operator at one site.
pub(crate) struct Kept {
    pub(crate) refresh_token: SecretString,
    /// The pool's own name for the person, which older pools want beside the token.
    pub(crate) internal_user: String,
    pub(crate) device: Option<RememberedDevice>,
}

/// A keychain that answers. All calls block: run them beside the async ones.
#[derive(Clone)]
pub struct Keychain(Arc<CredentialStore>);

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keychain({})", self.0.vendor())
    }
}

impl Keychain {
    /// The system's keychain, if one answers and `FIELDKEY_KEYCHAIN=off` does not forbid it: on a computer that
    /// many share, nobody should stay signed in. Blocks, and must not be called on an async task.
    pub fn open() -> Option<Self> {
        // Kept for as long as the program: a store that goes away on an async task would block it.
        static STORE: OnceLock<Option<Arc<CredentialStore>>> = OnceLock::new();
        if std::env::var_os("FIELDKEY_KEYCHAIN").is_some_and(|value| value == "off") {
            return None;
        }
        STORE.get_or_init(store).clone().map(Self)
    }

    /// [`Self::open`], beside the async tasks.
    pub async fn open_beside() -> Option<Self> {
        tokio::task::spawn_blocking(Self::open).await.ok().flatten()
    }

    /// Another store than the system's own, such as one in memory.
    pub fn from_store(store: Arc<CredentialStore>) -> Self {
        Self(store)
    }

    pub(crate) fn load(&self, site: &Site, user: &str) -> Option<Kept> {
        let text = self.read(&account(site, user, "refresh-token"))?;
        let (refresh_token, internal_user) = text.expose_secret().split_once('\n')?;
        Some(Kept {
            refresh_token: refresh_token.into(),
            internal_user: internal_user.to_owned(),
            device: self.device(site, user),
        })
    }

    /// Stays after a sign-out: the pool still knows this computer.
    pub(crate) fn device(&self, site: &Site, user: &str) -> Option<RememberedDevice> {
        self.read(&account(site, user, "device")).and_then(|text| read_device(&text))
    }

    /// Keeps it all, or says why not; then the old token is gone too, rather than used up and kept.
    pub(crate) fn save(&self, site: &Site, user: &str, kept: &Kept) -> Result<(), String> {
        let token = zeroize::Zeroizing::new([kept.refresh_token.expose_secret(), &kept.internal_user].join("\n"));
        let device = account(site, user, "device");
        let saved = match &kept.device {
            Some(known) => {
                let fields = [&known.key, &known.group_key, known.password.expose_secret()];
                self.write(&device, &zeroize::Zeroizing::new(fields.join("\n")))
            }
            None => {
                self.delete(&device);
                Ok(())
            }
        };
        let saved = saved.and_then(|()| self.write(&account(site, user, "refresh-token"), &token));
        if saved.is_err() {
            self.forget(site, user);
        }
        saved
    }

    pub(crate) fn forget(&self, site: &Site, user: &str) {
        self.delete(&account(site, user, "refresh-token"));
    }

    fn delete(&self, account: &str) {
        if let Ok(entry) = self.entry(account) {
            // Nothing there is what was wanted.
            let _ = entry.delete_credential();
        }
    }

    fn entry(&self, account: &str) -> keyring_core::Result<Entry> {
        self.0.build(SERVICE, account, None)
    }

    fn read(&self, account: &str) -> Option<SecretString> {
        let bytes = self.entry(account).and_then(|entry| entry.get_secret()).ok()?;
        String::from_utf8(bytes).ok().map(SecretString::from)
    }

    /// As bytes: Windows takes 2,560 of them, and would store a text in twice as many.
    fn write(&self, account: &str, secret: &str) -> Result<(), String> {
        let stored = self.entry(account).and_then(|entry| entry.set_secret(secret.as_bytes()));
        stored.map_err(|error| error.to_string())
    }
}

fn account(site: &Site, user: &str, what: &str) -> String {
    format!("{}/{}/{}/{what}", site.user_pool_id, site.user_pool_client_id, user.trim().to_lowercase())
}

fn read_device(text: &SecretString) -> Option<RememberedDevice> {
    let mut fields = text.expose_secret().lines();
    Some(RememberedDevice {
        key: fields.next()?.to_owned(),
        group_key: fields.next()?.to_owned(),
        password: fields.next()?.to_owned().into(),
    })
}

/// The desktop's Secret Service. The kernel's own keyring would be found where there is none, but a process
/// without a login session, such as one of a container, does not find again what it put there.
#[cfg(target_os = "linux")]
fn store() -> Option<Arc<CredentialStore>> {
    match zbus_secret_service_keyring_store::Store::new() {
        Ok(store) => Some(store),
        Err(error) => {
            tracing::debug!(%error, "no Secret Service");
            None
        }
    }
}

#[cfg(target_os = "macos")]
fn store() -> Option<Arc<CredentialStore>> {
    let store = apple_native_keyring_store::keychain::Store::new().ok()?;
    Some(store)
}

#[cfg(windows)]
fn store() -> Option<Arc<CredentialStore>> {
    let store = windows_native_keyring_store::Store::new().ok()?;
    Some(store)
}
