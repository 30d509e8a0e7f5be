//! The identity pool: temporary AWS credentials for an ID token.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use crate::connection::Connection;
use crate::refusal::{Refusal, refusal};

/// GetId, unless the identity ID is known, then GetCredentialsForIdentity.
///
/// # Errors
/// `session-expired` for the ID token, `identity-pool-not-found`, `clock-skew`, or what keeps a call from its
/// answer.
pub(crate) async fn credentials(
    connection: &Connection,
    identity_id: Option<&str>,
    id_token: &SecretString,
) -> Result<(String, Credentials), Failure> {
    let site = &connection.site;
    let issuer = format!("cognito-idp.{}.amazonaws.com/{}", site.region, site.user_pool_id);
    let identity_id = match identity_id {
        Some(known) => known.to_owned(),
        None => {
            let call = connection.identity.get_id().identity_pool_id(&site.identity_pool_id);
            let answer = call.logins(&issuer, id_token.expose_secret()).send().await;
            let answer = match answer {
                Ok(answer) => answer.identity_id,
                Err(error) => return Err(failure(&refusal(error, &connection.identity_host())?, connection)),
            };
            answer.ok_or_else(|| nonsense(connection, "the identity ID is missing"))?
        }
    };
    let call = connection.identity.get_credentials_for_identity().identity_id(&identity_id);
    let answer = match call.logins(&issuer, id_token.expose_secret()).send().await {
        Ok(answer) => answer.credentials,
        Err(error) => return Err(failure(&refusal(error, &connection.identity_host())?, connection)),
    };
    // The next call is the first that is signed, and signatures carry this machine's time.
    connection.clock.check()?;
    let keys = answer.ok_or_else(|| nonsense(connection, "the credentials are missing"))?;
    let expiry = keys.expiration.and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok());
    let (Some(access_key), Some(secret_key), Some(expiry)) = (keys.access_key_id, keys.secret_key, expiry) else {
        return Err(nonsense(connection, "a part of the credentials is missing"));
    };
    let expiry = Some(SystemTime::from(expiry));
    let credentials = Credentials::new(access_key, secret_key, keys.session_token, expiry, "fieldkey");
    Ok((identity_id, credentials))
}

fn failure(refusal: &Refusal, connection: &Connection) -> Failure {
    if let Some(common) = refusal.common(&connection.identity_host()) {
        return common;
    }
    match refusal.name.as_str() {
        "NotAuthorizedException" if refusal.says("expired") => refusal.failure(Code::SessionExpired),
        _ => refusal.failure(Code::IdentityPoolNotFound).about(&connection.site.identity_pool_id),
    }
}

fn nonsense(connection: &Connection, why: &str) -> Failure {
    Failure::new(Code::ServiceError).about(connection.identity_host()).because(why)
}
