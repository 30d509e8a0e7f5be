//! SECRET_HASH, for app clients that have a secret.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::srp;

/// An app client's ID, and its secret if it has one.
#[derive(Clone, Debug)]
pub(crate) struct ClientSecret {
    pub(crate) client_id: String,
    pub(crate) secret: Option<SecretString>,
}

impl ClientSecret {
    /// base64 HMAC-SHA256(secret, username ‖ client ID), where the username must be the very one of the same
    /// request: the alias at InitiateAuth, the internal name afterwards. `None` without a secret.
    pub(crate) fn hash(&self, username: &str) -> Option<String> {
        let secret = self.secret.as_ref()?;
        let hash = srp::mac(secret.expose_secret().as_bytes(), &[username.as_bytes(), self.client_id.as_bytes()]);
        Some(BASE64_STANDARD.encode(hash))
    }

    pub(crate) fn exposed(&self) -> Option<String> {
        self.secret.as_ref().map(|secret| secret.expose_secret().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_covers_name_and_client() {
        let client = ClientSecret { client_id: "client".into(), secret: Some("secret".into()) };
        // printf userclient | openssl dgst -sha256 -hmac secret -binary | base64
        assert_eq!(client.hash("user").as_deref(), Some("wvW87lzZoI+qQCVGmWVBJLlucdJ65huAVP1z+0MgA6E="));
        assert_eq!(ClientSecret { secret: None, ..client }.hash("user"), None);
    }
}
