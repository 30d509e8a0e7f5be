//! Tokens: fresh ones for old, and their end.

use std::collections::BTreeSet;

use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};

use super::device::RememberedDevice;
use super::refusal::failure;
use super::secret_hash::ClientSecret;
use crate::connection::Connection;
use crate::refusal::{Refusal, refusal};

/// Renewed so long before they end that no call meets an expired one.
const AHEAD: Duration = Duration::seconds(120);

/// What a sign-in yields.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) id: SecretString,
    pub(crate) access: SecretString,
    pub(crate) refresh: Option<SecretString>,
    /// By AWS's clock, which goes on while this computer sleeps.
    renew_at: OffsetDateTime,
}

impl Tokens {
    /// `None` if the answer lacks the ID token that the identity pool wants.
    pub(crate) fn from_wire(result: AuthenticationResultType, now: OffsetDateTime) -> Option<Self> {
        let lifetime = Duration::seconds(result.expires_in.into());
        Some(Self {
            id: result.id_token?.into(),
            access: result.access_token?.into(),
            refresh: result.refresh_token.map(SecretString::from),
            renew_at: now.saturating_add(lifetime - AHEAD),
        })
    }

    pub(crate) fn are_fresh(&self, now: OffsetDateTime) -> bool {
        now < self.renew_at
    }

    /// The pool's own name for the person, as the access token carries it.
    pub(crate) fn username(&self) -> Option<String> {
        claims(&self.access)?["username"].as_str().map(str::to_owned)
    }

    /// The person's groups. The signature is not checked: they only decide what is offered.
    pub(crate) fn groups(&self) -> BTreeSet<String> {
        let claims = claims(&self.id).unwrap_or_default();
        let groups = claims["cognito:groups"].as_array().into_iter().flatten();
        groups.filter_map(|group| group.as_str().map(str::to_owned)).collect()
    }
}

fn claims(token: &SecretString) -> Option<serde_json::Value> {
    let payload = token.expose_secret().split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// What a refresh takes.
pub(crate) struct Renewal<'a> {
    pub(crate) refresh_token: &'a SecretString,
    /// The pool's own name for the person.
    pub(crate) user: &'a str,
    pub(crate) device: Option<&'a RememberedDevice>,
}

/// Fresh tokens for a refresh token: GetTokensFromRefreshToken, and REFRESH_TOKEN_AUTH on an older pool. The
/// refresh token among them is a new one where the pool rotates them.
///
/// # Errors
/// `session-expired` when the refresh token is over, revoked or used up.
pub(crate) async fn refresh(
    connection: &Connection,
    client: &ClientSecret,
    renewal: &Renewal<'_>,
) -> Result<Tokens, Failure> {
    let answer = connection
        .idp
        .get_tokens_from_refresh_token()
        .refresh_token(renewal.refresh_token.expose_secret())
        .client_id(&client.client_id)
        .set_client_secret(client.exposed())
        .set_device_key(renewal.device.map(|device| device.key.clone()))
        .send()
        .await;
    let result = match answer {
        Ok(answer) => answer.authentication_result,
        Err(error) => {
            let refusal = refusal(error, &connection.idp_host())?;
            let unknown_here = matches!(
                refusal.name.as_str(),
                "InvalidAction"
                    | "UnknownOperationException"
                    | "UnsupportedOperationException"
                    | "OperationNotEnabledException"
                    | "InvalidParameterException"
            );
            if !unknown_here {
                return Err(ended(&refusal, connection));
            }
            refresh_the_old_way(connection, client, renewal).await?
        }
    };
    let tokens = result.and_then(|result| Tokens::from_wire(result, connection.clock.now()));
    let mut tokens = tokens
        .ok_or_else(|| Failure::new(Code::ServiceError).about(connection.idp_host()).because("tokens are missing"))?;
    tokens.refresh.get_or_insert_with(|| renewal.refresh_token.clone());
    Ok(tokens)
}

async fn refresh_the_old_way(
    connection: &Connection,
    client: &ClientSecret,
    renewal: &Renewal<'_>,
) -> Result<Option<AuthenticationResultType>, Failure> {
    let mut call = connection
        .idp
        .initiate_auth()
        .auth_flow(AuthFlowType::RefreshTokenAuth)
        .client_id(&client.client_id)
        .auth_parameters("REFRESH_TOKEN", renewal.refresh_token.expose_secret());
    if let Some(hash) = client.hash(renewal.user) {
        call = call.auth_parameters("SECRET_HASH", hash);
    }
    if let Some(device) = renewal.device {
        call = call.auth_parameters("DEVICE_KEY", &device.key);
    }
    match call.send().await {
        Ok(answer) => Ok(answer.authentication_result),
        Err(error) => Err(ended(&refusal(error, &connection.idp_host())?, connection)),
    }
}

/// What a pool says against a refresh token means that the person signs in again. Trouble on the way, a wrong
/// site file, a disabled account and a hook's own words stay what they are.
fn ended(refusal: &Refusal, connection: &Connection) -> Failure {
    let failure = failure(refusal, connection);
    let against_the_token = matches!(
        refusal.name.as_str(),
        "NotAuthorizedException" | "RefreshTokenReuseException" | "UserNotFoundException" | "InvalidParameterException"
    );
    let device_forgotten = refusal.name == "ResourceNotFoundException" && refusal.says("device");
    match failure.code {
        Code::AccountDisabled | Code::TooManyAttempts => failure,
        Code::ClientNotFound if !device_forgotten => failure,
        _ if device_forgotten || against_the_token => refusal.failure(Code::SessionExpired),
        _ => failure,
    }
}

/// Ends a refresh token and the access tokens that came from it.
///
/// # Errors
/// The pool could not be told. A token that is over already is no error, nor is a client that does not let its
/// tokens be revoked: then there is nothing that anybody could do.
pub(crate) async fn revoke(
    connection: &Connection,
    client: &ClientSecret,
    refresh_token: &SecretString,
) -> Result<(), Failure> {
    let call = connection
        .idp
        .revoke_token()
        .token(refresh_token.expose_secret())
        .client_id(&client.client_id)
        .set_client_secret(client.exposed());
    let Err(error) = call.send().await else { return Ok(()) };
    let refusal = refusal(error, &connection.idp_host())?;
    match refusal.name.as_str() {
        "NotAuthorizedException" | "UnsupportedTokenTypeException" => Ok(()),
        "UnsupportedOperationException" => {
            tracing::warn!("this app client does not let refresh tokens be revoked");
            Ok(())
        }
        _ => Err(failure(&refusal, connection)),
    }
}
