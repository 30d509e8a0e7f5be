//! Tokens: fresh ones for old, and their end.

use std::time::{Duration, Instant};

use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType};
use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};

use super::device::RememberedDevice;
use super::refusal::failure;
use super::secret_hash::ClientSecret;
use crate::connection::Connection;
use crate::refusal::refusal;

/// Renewed so long before they end that no call meets an expired one.
const AHEAD: Duration = Duration::from_secs(120);

/// What a sign-in yields.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) id: SecretString,
    pub(crate) access: SecretString,
    pub(crate) refresh: Option<SecretString>,
    renew_at: Instant,
}

impl Tokens {
    /// `None` if the answer lacks the ID token that the identity pool wants.
    pub(crate) fn from_wire(result: AuthenticationResultType) -> Option<Self> {
        let lifetime = Duration::from_secs(u64::try_from(result.expires_in).unwrap_or(0));
        Some(Self {
            id: result.id_token?.into(),
            access: result.access_token?.into(),
            refresh: result.refresh_token.map(SecretString::from),
            renew_at: Instant::now() + lifetime.saturating_sub(AHEAD),
        })
    }

    pub(crate) fn are_fresh(&self) -> bool {
        Instant::now() < self.renew_at
    }
}

/// Fresh tokens for a refresh token: GetTokensFromRefreshToken, and REFRESH_TOKEN_AUTH on an older pool. The
/// refresh token among them is a new one where the pool rotates them.
///
/// # Errors
/// `session-expired` when the refresh token is over, revoked or used up.
pub(crate) async fn refresh(
    connection: &Connection,
    client: &ClientSecret,
    refresh_token: &SecretString,
    user: &str,
    device: Option<&RememberedDevice>,
) -> Result<Tokens, Failure> {
    let answer = connection
        .idp
        .get_tokens_from_refresh_token()
        .refresh_token(refresh_token.expose_secret())
        .client_id(&client.client_id)
        .set_client_secret(client.exposed())
        .set_device_key(device.map(|device| device.key.clone()))
        .send()
        .await;
    let result = match answer {
        Ok(answer) => answer.authentication_result,
        Err(error) => {
            let refusal = refusal(error, &connection.idp_host())?;
            let unknown_here = matches!(
                refusal.name.as_str(),
                "InvalidAction" | "UnknownOperationException" | "InvalidParameterException" | "UnsupportedOperationException"
            );
            if !unknown_here {
                return Err(ended(failure(&refusal, connection)));
            }
            refresh_the_old_way(connection, client, refresh_token, user, device).await?
        }
    };
    let mut tokens = result.and_then(Tokens::from_wire).ok_or_else(|| {
        Failure::new(Code::ServiceError).about(connection.idp_host()).because("tokens are missing")
    })?;
    tokens.refresh.get_or_insert_with(|| refresh_token.clone());
    Ok(tokens)
}

async fn refresh_the_old_way(
    connection: &Connection,
    client: &ClientSecret,
    refresh_token: &SecretString,
    user: &str,
    device: Option<&RememberedDevice>,
) -> Result<Option<AuthenticationResultType>, Failure> {
    let mut call = connection
        .idp
        .initiate_auth()
        .auth_flow(AuthFlowType::RefreshTokenAuth)
        .client_id(&client.client_id)
        .auth_parameters("REFRESH_TOKEN", refresh_token.expose_secret());
    if let Some(hash) = client.hash(user) {
        call = call.auth_parameters("SECRET_HASH", hash);
    }
    if let Some(device) = device {
        call = call.auth_parameters("DEVICE_KEY", &device.key);
    }
    match call.send().await {
        Ok(answer) => Ok(answer.authentication_result),
        Err(error) => Err(ended(failure(&refusal(error, &connection.idp_host())?, connection))),
    }
}

/// Whatever a pool says against a refresh token, the person signs in again; only trouble on the way and a
/// wrong site file stay what they are.
fn ended(failure: Failure) -> Failure {
    match failure.code {
        Code::SignInRefused | Code::WrongPassword | Code::PasswordResetForbidden => {
            Failure { code: Code::SessionExpired, ..failure }
        }
        _ => failure,
    }
}

/// Ends a refresh token and the access tokens that came from it.
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
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(failure(&refusal(error, &connection.idp_host())?, connection)),
    }
}
