//! Doubles that speak the real protocols, and what tests need around them.

pub(crate) mod api;
pub(crate) mod aws;
pub(crate) mod device_side;
pub(crate) mod engineer;
pub(crate) mod http;
pub(crate) mod pool;
pub(crate) mod registry;
pub(crate) mod srp;
pub(crate) mod tls;
pub(crate) mod totp;

use std::sync::Arc;

use fieldkey_cloud::{Answer, Aws, Challenge, Keychain, Reply};
use fieldkey_core::ports::Issued;
use fieldkey_core::{Cloud, Code, Failure, Site, site::Endpoints};
use keyring_core::api::CredentialApi;
use keyring_core::mock;
use secrecy::{ExposeSecret, SecretString};

use self::pool::{EMAIL, PASSWORD};

pub(crate) const IDENTITY_POOL: &str = "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab";
pub(crate) const TEMPLATE: &str = "fieldkey";

/// A site whose calls all go to one address.
pub(crate) fn site_at(url: &str) -> Site {
    Site {
        name: "Bench".into(),
        region: "ap-northeast-1".into(),
        user_pool_id: pool::ID.into(),
        user_pool_client_id: pool::CLIENT.into(),
        identity_pool_id: IDENTITY_POOL.into(),
        provisioning_template_name: TEMPLATE.into(),
        thing_name_prefix: "Fleet_Index_".into(),
        serial_number_pattern: "^.*$".into(),
        certificate_api_url: None,
        key_type: None,
        certificate_subject: None,
        role_alias: None,
        layout: None,
        data_endpoint: None,
        credentials_endpoint: None,
        ca_file: None,
        endpoints: Some(Endpoints {
            cognito_idp: Some(url.into()),
            cognito_identity: Some(url.into()),
            iot: Some(url.into()),
            ..Endpoints::default()
        }),
    }
}

/// A keychain in memory. Its store outlives the program that a test restarts, and can be looked into.
pub(crate) struct Kept(pub(crate) Arc<mock::Store>);

impl Kept {
    pub(crate) fn new() -> Self {
        Self(mock::Store::new().expect("in memory"))
    }

    pub(crate) fn keychain(&self) -> Option<Keychain> {
        Some(Keychain::from_store(self.0.clone()))
    }

    fn each<T>(&self, look: impl FnMut(&Arc<mock::Cred>) -> Option<T>) -> Vec<T> {
        let entries = self.0.inner.lock().expect("in memory");
        entries.borrow().iter().filter_map(look).collect()
    }

    /// The texts that it holds whose account ends so.
    pub(crate) fn texts(&self, account: &str) -> Vec<String> {
        self.each(|cred| {
            let secret = cred.inner.lock().expect("in memory").borrow().secret.clone()?;
            cred.specifiers.1.ends_with(account).then(|| String::from_utf8(secret).expect("text"))
        })
    }

    /// Puts another text in the place of what it holds there.
    pub(crate) fn set(&self, account: &str, text: &str) {
        self.each(|cred| cred.specifiers.1.ends_with(account).then(|| cred.set_secret(text.as_bytes()).expect("kept")));
    }

    /// Fails the next call to every entry whose account ends so.
    pub(crate) fn fail(&self, account: &str) {
        self.each(|cred| {
            let broken = || keyring_core::Error::PlatformFailure("locked".into());
            cred.specifiers.1.ends_with(account).then(|| cred.set_error(broken()))
        });
    }
}

pub(crate) fn secret(text: &str) -> SecretString {
    text.into()
}

pub(crate) async fn sign_in(aws: &Aws) -> Result<Reply, Failure> {
    aws.sign_in(EMAIL, secret(PASSWORD), true).await
}

/// # Panics
/// Unless the pool asks nothing.
pub(crate) async fn signed_in(aws: &Aws) {
    expect_signed_in(sign_in(aws).await);
}

pub(crate) fn expect_signed_in(reply: Result<Reply, Failure>) {
    assert!(matches!(reply, Ok(Reply::SignedIn)), "the pool asks no more: {reply:?}");
}

pub(crate) fn expect_challenge(reply: Result<Reply, Failure>) -> Challenge {
    match reply {
        Ok(Reply::Challenge(challenge)) => challenge,
        other => panic!("the pool should have asked something: {other:?}"),
    }
}

pub(crate) fn code(text: &str) -> Answer {
    Answer::Code(text.into())
}

/// Has a certificate made, and keeps it.
pub(crate) async fn issue(cloud: &dyn Cloud, thing_name: &str, csr_pem: &str) -> Result<Issued, Failure> {
    let mut made = cloud.issue(thing_name, csr_pem).await?;
    made.keep();
    Ok(made.issued().clone())
}

pub(crate) fn expect_failure<T: std::fmt::Debug>(outcome: Result<T, Failure>, code: Code) -> Failure {
    let failure = outcome.expect_err("this must fail");
    assert_eq!(failure.code, code, "{failure}");
    failure
}

pub(crate) fn text(secret: &SecretString) -> &str {
    secret.expose_secret()
}
